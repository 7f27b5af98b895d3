"""OpenShift Routes → Intents and upstreams: hosts, ports, weights, defaults, annotations."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import ingc
from ingc import ir
from ingc.frontend.openshift.annotations import (
    PREFIXES,
    ROUTE_ALIASES,
    ROUTE_DECLARATIONS,
    ROUTE_FAMILIES,
)
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.client_certs import HttpsOnly
from ingc.ir.features.headers import KeptHeader
from ingc.ir.features.limits import Limits
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.tuning import Tuning
from ingc.resolve.features.shares import weighted_endpoints
from tests.nginx.authorities import Authority
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service
from tests.routes_of import HAPROXY, edge, route, routed, to

WEB = service("web", 80, clusterIP="10.0.0.1")
ROUTER = """
    balance disable_cookies h1-adjust-case hsts_header ip_allowlist ip_whitelist log-send-hostname
    pod-concurrent-connections rate-limit-connections rate-limit-connections.concurrent-tcp
    rate-limit-connections.rate-http rate-limit-connections.rate-tcp rewrite-target
    set-forwarded-headers timeout timeout-tunnel
"""
OF_ROUTER = "cookie-same-site cookie_name haproxy.health.check.interval pool-size"
"""What the router's template and its documentation have."""


def compiled(*objects: Object, **options: Any) -> ingc.Result:
    return ingc.compile([*objects, WEB], ingc.Options(**options), on_error="isolate")


def host_of(result: ingc.Result, name: str) -> ir.Host:
    assert result.ir is not None
    return next(host for host in result.ir.hosts if host.name == name)


def codes(result: ingc.Result) -> set[str]:
    return {item.code for item in result.diagnostics}


def test_every_annotation_of_the_router_is_declared_once() -> None:
    known = {f"{HAPROXY}/{name}" for name in ROUTER.split()}
    known |= {f"router.openshift.io/{name}" for name in OF_ROUTER.split()}
    assert {*ROUTE_DECLARATIONS, *ROUTE_ALIASES} == known
    assert all(name.rpartition("/")[0] in PREFIXES for name in ROUTE_DECLARATIONS)
    listed = [item.name for family in ROUTE_FAMILIES for item in family.declarations]
    assert len(listed) == len(set(listed))


def part(name: str, addresses: int, weight: int) -> tuple[ir.Upstream, int]:
    endpoints = tuple(ir.Endpoint(f"10.0.{number}.1", 80) for number in range(addresses))
    return ir.Upstream(name, endpoints, ir.ServiceTarget("default", name, 80)), weight


@pytest.mark.parametrize(
    ("parts", "weights"),
    [
        ([(2, 20), (4, 10)], [4, 4, 1, 1, 1, 1]),
        ([(1, 75), (1, 25)], [3, 1]),
        ([(1, 100), (1, 100)], [1, 1]),
        ([(1, 1), (1, 256)], [1, 256]),
        ([(3, 1), (1, 1)], [1, 1, 1, 3]),
        ([(7, 13), (11, 200)], [*[26] * 7, *[256] * 11]),
        ([(300, 1), (1, 256)], [*[1] * 300, 256]),
    ],
)
def test_weights_are_spread_over_endpoints(
    parts: list[tuple[int, int]], weights: list[int]
) -> None:
    made = [part(f"s{number}", *each) for number, each in enumerate(parts)]
    assert [item.weight for item in weighted_endpoints(made)] == weights


def test_one_upstream_has_the_endpoints_of_all_services() -> None:
    split = route("web", "a.test", to("web", 3), alternateBackends=[to("next", 1)])
    slices = [
        endpoint_slice("web", "10.1.0.1", port=80),
        endpoint_slice("next", "10.1.0.2", port=80),
    ]
    result = compiled(split, service("next", 80), *slices)
    assert result.ir is not None
    (upstream,) = result.ir.upstreams
    assert upstream.name == "route_default_web_weighted"
    assert [(str(item), item.weight) for item in upstream.endpoints] == [
        ("10.1.0.1:80", 3),
        ("10.1.0.2:80", 1),
    ]
    assert list(map(str, upstream.shares)) == ["default/web:80 3", "default/next:80 1"]


def test_a_route_and_an_ingress_of_one_name_are_two() -> None:
    result = compiled(
        route("web", "a.test", path="/r"), ingress("web", rule("a.test", prefix("/i", "web")))
    )
    names = [str(item.origin) for item in host_of(result, "a.test").routes]
    assert names == ["default/web spec.rules[0].http.paths[0]", "Route/default/web spec"]


@pytest.mark.parametrize(
    ("tls", "kinds"),
    [
        (None, set()),
        (edge(), {HttpsOnly}),
        (edge("None"), {HttpsOnly}),
        (edge("Redirect"), {HttpsRedirect}),
        (edge("Allow"), set()),
        ({"termination": "reencrypt"}, {HttpsOnly}),
        ({"termination": "passthrough"}, {HttpsOnly}),
    ],
)
def test_what_is_done_with_plain_http(tls: Object | None, kinds: set[type]) -> None:
    spec = {"tls": tls} if tls else {}
    result = compiled(route("web", "a.test", **spec), default_ssl_certificate="/c,/k")
    (found,) = host_of(result, "a.test").routes
    assert {type(item) for item in found.features} & {HttpsOnly, HttpsRedirect} == kinds


@pytest.mark.parametrize("options", [{"fragment": True}, {"http_port": 442}, {"https_port": 441}])
def test_tls_is_not_passed_on_where_there_is_no_place_for_it(options: dict[str, Any]) -> None:
    passed_on = route("web", "a.test", tls={"termination": "passthrough"})
    result = compiled(passed_on, route("other", "b.test"), **options)
    assert result.ok
    assert codes(result) == {"ING345"}
    assert host_of(result, "b.test").routes


def test_the_defaults_of_the_router_hold() -> None:
    result = compiled(route("web", "a.test"))
    (found,) = host_of(result, "a.test").routes
    tunings = {item.directive: item.args for item in found.features if isinstance(item, Tuning)}
    assert tunings == {
        "proxy_connect_timeout": ("5s",),
        "proxy_read_timeout": ("30s",),
        "proxy_send_timeout": ("30s",),
    }


def test_a_cookie_only_where_there_are_several_endpoints() -> None:
    for addresses, wanted in (("10.1.0.1",), False), (("10.1.0.1", "10.1.0.2"), True):
        result = compiled(route("web", "a.test"), endpoint_slice("web", *addresses, port=80))
        (found,) = host_of(result, "a.test").routes
        assert (found.feature(Affinity) is not None) is wanted
    assert not compiled(route("web", "a.test")).diagnostics


def test_the_owner_of_a_host_is_the_oldest_of_any_kind() -> None:
    old, new = "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"
    for first, second, owner in ((old, new, "one"), (new, old, "two")):
        result = compiled(
            route("web", "a.test", namespace="one", path="/a", created=first),
            ingress("web", rule("a.test", prefix("/b", "web")), namespace="two", created=second),
        )
        tenancy = host_of(result, "a.test").tenancy
        assert tenancy is not None
        assert tenancy.owner == owner


def test_limits_count_apart_from_those_of_an_ingress_of_the_name() -> None:
    asked = routed(rate__limit__connections="true") | routed(
        **{"rate__limit__connections.rate__http": "5"}
    )
    result = compiled(route("web", "a.test", annotations=asked))
    (found,) = host_of(result, "a.test").routes
    assert found.feature(Limits) == Limits("route_default_web", per_minute=30, at_once=5)


def test_what_the_operator_requires_of_everybody_holds_for_routes() -> None:
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "ops"},
        "data": {"whitelist-source-range": "10.0.0.0/8"},
    }
    result = compiled(route("web", "a.test"), settings, configmap="ops/settings")
    match = result.oracle.match("a.test", "/")
    (found,) = host_of(result, "a.test").routes
    assert match.route is found
    assert any(type(item).__name__ == "AccessList" for item in found.features)


@pytest.mark.parametrize(
    ("key", "value", "forbidden"),
    [
        ("annotations-risk-level", "Low", {"rewrite-target", "ip_whitelist", "cookie_name"}),
        ("annotations-risk-level", "Medium", set()),
        ("annotation-value-word-blocklist", "secret,2001:db8", {"ip_whitelist", "cookie_name"}),
        ("annotation-value-word-blocklist", "9s", {"timeout"}),
    ],
)
def test_annotations_that_the_operator_forbids(key: str, value: str, forbidden: set[str]) -> None:
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "ops"},
        "data": {key: value},
    }
    asked = routed(rewrite__target="/x", ip_whitelist="2001:db8::1", timeout="9s")
    asked |= {"router.openshift.io/cookie_name": "secret"}
    web = route("web", "a.test", annotations=asked)
    result = compiled(web, settings, route("fine", "b.test"), configmap="ops/settings")
    found = [item for item in result.diagnostics if item.code == "ING488"]
    assert {item.origin.field[-1].partition("/")[2] for item in found} == forbidden
    assert result.match("a.test", "/").status == (503 if forbidden else None)
    assert result.match("b.test", "/").upstream == "default_web_80"


def admitted(router: str, host: str, status: str = "True") -> Object:
    return {
        "routerName": router,
        "host": host,
        "conditions": [{"type": "Admitted", "status": status}],
    }


def test_a_subdomain_has_a_host_of_each_router_that_admits_it() -> None:
    status = {
        "ingress": [
            admitted("default", "web.apps.test"),
            admitted("inner", "web.inner.test"),
            admitted("other", "web.other.test", "False"),
        ]
    }
    web = route("web", "", subdomain="web", status=status, path="/a", tls=edge("Allow"))
    result = compiled(web, default_ssl_certificate="/c,/k")
    assert not codes(result)
    for host, served in (("apps", True), ("inner", True), ("other", False)):
        for scheme in ("http", "https"):
            found = result.match(f"web.{host}.test", "/a/b", scheme=scheme).upstream
            assert found == ("default_web_80" if served else None)
    alone = compiled(route("web", "", subdomain="web"))
    (lost,) = alone.diagnostics
    assert (lost.code, lost.origin.field) == ("ING263", ("spec", "subdomain"))
    assert '"web" and its own domain' in lost.help
    own = compiled(route("web", "a.test", subdomain="web", status=status))
    assert own.match("a.test", "/").upstream == "default_web_80"
    assert own.match("web.apps.test", "/").status == 503


ROOT = Authority("root")
MIDDLE = Authority("middle", by=ROOT)
OTHER = Authority("root")
FALSE = Authority("false", is_authority=False)
LEAF = MIDDLE.client("a.test")
LEAF_PEM = LEAF.certificate.public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("pem", "authorities", "why"),
    [
        (LEAF.pem, MIDDLE.pem + ROOT.pem, set()),
        (LEAF.pem, ROOT.pem + MIDDLE.pem, set()),
        (LEAF.pem, MIDDLE.pem, set()),
        (LEAF.pem, LEAF_PEM, set()),
        (LEAF.pem, ROOT.pem, {"ING267"}),
        # What stands beside the certificate is sent, but verifies nothing.
        (LEAF.pem + MIDDLE.pem, ROOT.pem, {"ING267"}),
        # Of the same name, with another key.
        (OTHER.client("a.test").pem, ROOT.pem, {"ING267"}),
        (FALSE.client("a.test").pem, FALSE.pem, {"ING267"}),
        (OTHER.client("a.test", expired=True).pem, ROOT.pem, {"ING505"}),
    ],
)
def test_authorities_of_a_route_have_signed_its_certificate(
    pem: bytes, authorities: bytes, why: set[str]
) -> None:
    tls = edge(certificate=pem.decode(), caCertificate=_certificates(authorities))
    result = compiled(route("web", "a.test", tls=tls), secret_files=True)
    assert codes(result) == why
    answer = result.match("a.test", "/", scheme="https")
    assert (answer.upstream == "default_web_80") is ("ING267" not in why)


def _certificates(pem: bytes) -> str:
    """Return a text without the key that a client's has."""
    return pem.decode().partition("-----BEGIN PRIVATE")[0]


def test_a_broken_host_is_no_rule_for_every_host() -> None:
    result = compiled(route("web", "A.test"), route("none", ""))
    assert result.ir is not None
    assert [host.name for host in result.ir.hosts] == [""]
    assert not result.ir.hosts[0].routes
    assert codes(result) == {"ING201", "ING263"}


def test_a_broken_route_answers_503_under_isolate() -> None:
    wrong = route("web", "a.test", tls={"termination": "edge", "destinationCACertificate": "x"})
    result = compiled(wrong, route("fine", "b.test"), default_ssl_certificate="/c,/k")
    assert result.match("a.test", "/", scheme="https").status == 503
    assert result.match("b.test", "/").upstream == "default_web_80"


@pytest.mark.parametrize(
    ("path", "target", "asked", "sent"),
    [
        ("/api", "/", "/api/x", b"/x"),
        ("/api", "/", "/api", b"/"),
        ("/api", "/v2", "/api/x", b"/v2/x"),
        ("/", "/v2", "/x", b"/v2x"),
        ("", "/v2", "/x", b"/v2/x"),
    ],
)
def test_a_rewrite_replaces_the_text_of_the_path(
    path: str, target: str, asked: str, sent: bytes
) -> None:
    web = route("web", "a.test", path=path, annotations=routed(rewrite__target=target))
    assert compiled(web).match("a.test", asked).upstream_uri == sent


def test_a_wildcard_policy_makes_a_wildcard_host() -> None:
    result = compiled(route("web", "www.a.test", wildcardPolicy="Subdomain"))
    assert result.match("x.a.test", "/").upstream == "default_web_80"
    assert result.match("a.test", "/").status == 503
    assert result.match("x.y.a.test", "/").status == 503


def test_typed_routes_are_taken_as_they_are() -> None:
    result = compiled(route("web", "a.test"))
    assert result.store is not None
    again = ingc.compile([*result.store.others, *result.store.services.values()])
    assert again.config == result.config


def test_a_header_that_a_route_sets_is_not_kept() -> None:
    action = {"name": "x-forwarded-proto", "action": {"type": "Set", "set": {"value": "https"}}}
    web = route(
        "web",
        "a.test",
        annotations=routed(set__forwarded__headers="if-none"),
        httpHeaders={"actions": {"request": [action]}},
    )
    result = compiled(web)
    assert result.ok
    (found,) = host_of(result, "a.test").routes
    kept = {item.name for item in found.features if isinstance(item, KeptHeader)}
    assert kept == {f"X-Forwarded-{name}" for name in ("For", "Host", "Port")}
