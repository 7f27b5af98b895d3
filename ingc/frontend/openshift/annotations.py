"""The annotations of Routes that OpenShift's router reads, and what becomes of each.

By their whole names: the router has two prefixes. The list is that of its template
(openshift/router, ``haproxy-config.template``) and of its documentation. The risk of each is that
of ingress-nginx's annotation of the same meaning.
"""

from __future__ import annotations

from ingc.frontend.annotations.declare import Annotation, Declaration, Risk, UnsupportedAnnotation
from ingc.frontend.declarations.declare import DeclarationGroup, Support
from ingc.frontend.declarations.grammars import BOOL, integer, one_of
from ingc.frontend.declarations.reading import Register
from ingc.frontend.declarations.words import ANNOTATION_WORDS
from ingc.frontend.kinds import KindAnnotations
from ingc.frontend.openshift.grammars import ADDRESSES, COOKIE_NAME, HAPROXY_TIME, HSTS, REWRITE
from ingc.frontend.openshift.values import RouteValues
from ingc.frontend.wishes import Ask
from ingc.kinds import kind_named

KIND = kind_named("Route")
PREFIXES = KIND.annotation_prefixes
HAPROXY, ROUTER = PREFIXES

TIMEOUT = Annotation(
    f"{HAPROXY}/timeout",
    "How long the Service may be silent, in requests and in tunnels such as WebSockets.",
    HAPROXY_TIME,
    default="30s",
    see="proxy_read_timeout",
)
TIMEOUT_TUNNEL = UnsupportedAnnotation(
    f"{HAPROXY}/timeout-tunnel",
    "nginx has one time-out for requests and for tunnels",
    Support.MEANINGLESS,
    "write the longer of the two as haproxy.router.openshift.io/timeout",
)
REWRITE_TARGET = Annotation(
    f"{HAPROXY}/rewrite-target",
    "Replace the Route's path by this one before the request is passed on.",
    REWRITE,
    see="rewrite",
    risk=Risk.MEDIUM,
)
IP_ALLOWLIST = Annotation(
    f"{HAPROXY}/ip_allowlist",
    "Let only these clients pass; others get a 403, where the router closes the connection.",
    ADDRESSES,
    aliases=(f"{HAPROXY}/ip_whitelist",),
    rejects=True,
    see="allow",
    risk=Risk.MEDIUM,
)
BALANCE = Annotation(
    f"{HAPROXY}/balance",
    "How an endpoint is chosen where no session cookie does.",
    one_of("roundrobin", "leastconn", "source", "random"),
    default="random",
    see="least_conn",
)
DISABLE_COOKIES = Annotation(
    f"{HAPROXY}/disable_cookies",
    "Set no cookie that keeps a client on its endpoint.",
    BOOL,
    default="false",
)
COOKIE = Annotation(
    f"{ROUTER}/cookie_name",
    "The name of that cookie; else a digest of the Route's name, as in the router.",
    COOKIE_NAME,
    risk=Risk.MEDIUM,
)
COOKIE_SAME_SITE = Annotation(
    f"{ROUTER}/cookie-same-site",
    "Its attribute SameSite, where no plain http is served.",
    one_of("Lax", "Strict", "None"),
    default="None",
)
HSTS_HEADER = Annotation(
    KIND.own_hsts,
    "The header Strict-Transport-Security of an edge or reencrypt Route.",
    HSTS,
    see="add_header",
)
FORWARDED = Annotation(
    f"{HAPROXY}/set-forwarded-headers",
    "What of X-Forwarded-For, -Host, -Port and -Proto the Service gets: the client's address "
    "behind what the request has (append), our own alone (replace), our own where the request has "
    "none (if-none), or what the request has (never).",
    one_of("append", "replace", "if-none", "never"),
    default="append",
    see="proxy_set_header",
    differs="sends no Forwarded",
    risk=Risk.MEDIUM,
)
LIMITED = Annotation(
    f"{HAPROXY}/rate-limit-connections",
    "Limit what one client may do, by the annotations below.",
    BOOL,
    default="false",
    rejects=True,
)
CONCURRENT = Annotation(
    f"{HAPROXY}/rate-limit-connections.concurrent-tcp",
    "Requests of one client at the same time, where the router counts connections.",
    integer(1, 65_535),
    rejects=True,
    needs=LIMITED.name,
    see="limit_conn",
)
RATE_HTTP = Annotation(
    f"{HAPROXY}/rate-limit-connections.rate-http",
    "Requests of one client in ten seconds.",
    integer(1, 1_000_000),
    rejects=True,
    needs=LIMITED.name,
    see="limit_req",
)
RATE_TCP = UnsupportedAnnotation(
    f"{HAPROXY}/rate-limit-connections.rate-tcp",
    "nginx does not count how often a client connects",
    Support.NEEDS_MODULE,
    "limit its requests by rate-http, or its connections by a firewall",
    protects=True,
)


class RouteFamily(DeclarationGroup[Declaration, RouteValues, Ask]):
    """Annotations of Routes that belong together."""


ROUTE_FAMILIES: tuple[RouteFamily, ...] = (
    RouteFamily("Passing on", (TIMEOUT, TIMEOUT_TUNNEL, REWRITE_TARGET, FORWARDED, HSTS_HEADER)),
    RouteFamily("Clients", (IP_ALLOWLIST, LIMITED, CONCURRENT, RATE_HTTP, RATE_TCP)),
    RouteFamily("Endpoints", (BALANCE, DISABLE_COOKIES, COOKIE, COOKIE_SAME_SITE)),
    RouteFamily(
        "Of HAProxy alone",
        (
            UnsupportedAnnotation(
                f"{HAPROXY}/pod-concurrent-connections",
                "stock nginx has no queue: it would answer 502 where HAProxy lets requests wait",
                Support.NEEDS_MODULE,
                "let the application limit what it takes",
            ),
            UnsupportedAnnotation(
                f"{HAPROXY}/h1-adjust-case",
                "nginx sends headers in the letter case in which it got them, and HTTP has none",
                Support.MEANINGLESS,
            ),
            UnsupportedAnnotation(
                f"{HAPROXY}/log-send-hostname",
                "what a log line holds is the operator's to decide",
                Support.MEANINGLESS,
                "set log-format-upstream in the ConfigMap",
            ),
            UnsupportedAnnotation(
                f"{ROUTER}/haproxy.health.check.interval",
                "stock nginx checks no endpoint's health; Kubernetes takes unready ones out",
                Support.NEEDS_MODULE,
                "give the Pods a readiness probe",
            ),
            UnsupportedAnnotation(
                f"{ROUTER}/pool-size",
                "it sizes a part of HAProxy that adds endpoints while it runs",
                Support.MEANINGLESS,
            ),
        ),
    ),
)
ROUTE_DECLARATIONS: dict[str, Declaration] = {
    declared.name: declared for family in ROUTE_FAMILIES for declared in family.declarations
}
"""Every annotation of Routes that is known, supported or not."""
ROUTE_ALIASES: dict[str, str] = {
    alias: declared.name
    for declared in ROUTE_DECLARATIONS.values()
    if isinstance(declared, Annotation)
    for alias in declared.aliases
}
OF_ROUTES = Register(ROUTE_DECLARATIONS, ANNOTATION_WORDS, ROUTE_ALIASES)
ANNOTATIONS = KindAnnotations(
    KIND,
    ROUTE_FAMILIES,
    ROUTE_DECLARATIONS,
    ROUTE_ALIASES,
    "What OpenShift's router reads of a Route's annotations, by their whole names; see\n"
    "[openshift.md](openshift.md).",
)
