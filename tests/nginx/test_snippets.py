"""Snippets on real nginx: what is compiled answers as a configuration with the snippet pasted in.

The other configuration is written by hand, with the snippet where ingress-nginx pastes it: a
configuration-snippet near the end of its location, a server-snippet into the server before the
locations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest

from ingc.nginx import Nginx, free_ports
from tests.nginx.backend import Backend
from tests.nginx.bare import bare
from tests.nginx.certificates import certificate
from tests.nginx.deciding import Verdict, deciding
from tests.nginx.harness import Site, serving
from tests.nginx.wire import Address, Response, fetch, get
from tests.objects import (
    Object,
    config_map,
    endpoint_slice,
    exact,
    ingress,
    prefix,
    rule,
    secret,
    service,
    tls,
)

PREFIX = "nginx.ingress.kubernetes.io/"
HOST = "a.test"
_OWN = "X-Backend: own\r\nX-Powered-By: php\r\nCache-Control: private\r\n"
_LOOKED_AT = ("x-", "cache-control", "expires", "vary", "strict-transport-security", "access-")


@dataclass(frozen=True)
class Ask:
    """A request."""

    target: str = "/"
    headers: tuple[str, ...] = ()
    method: str = "GET"


@dataclass(frozen=True)
class Case:
    """Snippets, and requests that show what they do."""

    name: str
    location: str = ""
    """The configuration-snippet."""
    server: str = ""
    """The server-snippet."""
    asks: tuple[Ask, ...] = (Ask(),)
    status: str = "200 OK"
    """The backend's."""
    paths: tuple[str, ...] = ("/",)
    rewrite: str = ""
    """A ``rewrite-target``; its path is ``/app(/|$)(.*)``."""
    known: dict[str, str] = field(default_factory=dict)
    """Variables of ingress-nginx, for the configuration by hand."""
    more: bool = False
    """True where the module headers-more is needed by hand."""


AGENT = "User-Agent: Googlebot/2.1"
CASES = (
    Case("add_header", 'add_header X-A "b c";', status="200 OK"),
    Case("add_header-404", "add_header X-A b; add_header X-B c always;", status="404 Not Found"),
    Case("add_header-twice", "add_header X-A 1; add_header X-A 2;"),
    Case(
        "add_header-variables",
        'add_header X-A "$request_method $arg_a $host";',
        asks=(Ask("/?a=7"),),
    ),
    Case(
        "more_set_headers",
        'more_set_headers "X-Backend: mine" "X-New: $arg_a";',
        more=True,
        asks=(Ask("/?a=7"), Ask()),
    ),
    Case(
        "more_set_headers-404",
        'more_set_headers "X-Backend: mine";',
        more=True,
        status="404 Not Found",
    ),
    Case("more_clear_headers", "more_clear_headers X-Powered-By X-Backend;", more=True),
    Case("proxy_hide_header", "proxy_hide_header X-Powered-By;"),
    Case(
        "proxy_set_header",
        "proxy_set_header X-Sent $http_user_agent; proxy_set_header X-None '';",
        asks=(Ask(headers=(AGENT,)), Ask(headers=("X-None: a",))),
    ),
    Case(
        "more_set_input_headers",
        'more_set_input_headers "X-Sent: $arg_a";',
        more=True,
        asks=(Ask("/?a=7"),),
    ),
    Case(
        "names",
        "proxy_set_header X-Sent $service_name.$namespace.svc:$service_port;",
        known={"service_name": "web", "namespace": "default", "service_port": "80"},
    ),
    Case("expires", "expires 1h;"),
    Case("expires-off", "expires epoch;"),
    Case("return", "return 403;"),
    Case("return-text", 'return 200 "hello $arg_a\\n";', asks=(Ask("/?a=7"),)),
    Case(
        "return-url",
        "return 301 https://new.example.org$request_uri;",
        asks=(Ask("/a%20b?c=d"), Ask()),
    ),
    Case("return-path", "return 302 /login;", asks=(Ask("/x?y"),)),
    Case("return-bare-url", "return https://new.example.org/;"),
    Case(
        "if-agent",
        'if ($http_user_agent ~* "bot") { return 403; }',
        asks=(Ask(headers=(AGENT,)), Ask(headers=("User-Agent: curl",)), Ask()),
    ),
    Case(
        "if-not-agent",
        'if ($http_user_agent !~ "curl") { return 403; }',
        asks=(Ask(headers=(AGENT,)), Ask(headers=("User-Agent: curl",))),
    ),
    Case(
        "if-method", "if ($request_method = POST) { return 405; }", asks=(Ask(method="POST"), Ask())
    ),
    Case(
        "if-not-header",
        'if ($http_x_token != "s3") { return 401; }',
        asks=(Ask(), Ask(headers=("X-Token: s3",))),
    ),
    Case(
        "if-argument",
        "if ($arg_debug) { return 204; }",
        asks=(Ask("/?debug=1"), Ask("/?debug=0"), Ask("/?debug="), Ask()),
    ),
    Case(
        "if-cookie",
        'if ($cookie_old ~ "^(a|b)$") { return 302 https://$1.example.org/; }',
        asks=(Ask(headers=("Cookie: old=a",)), Ask(headers=("Cookie: old=c",))),
    ),
    Case("if-uri", "if ($uri ~ ^/admin) { return 404; }", asks=(Ask("/admin/x"), Ask("/a"))),
    Case(
        "set",
        "set $x 1; if ($arg_a = q) { set $x 2; } add_header X-A $x; proxy_set_header X-Sent $x$x;",
        asks=(Ask("/?a=q"), Ask()),
    ),
    Case(
        "set-chain",
        'set $a ""; if ($arg_a) { set $a "${a}1"; } if ($arg_b) { set $a "${a}2"; } '
        "if ($a = 12) { return 418; }",
        asks=(Ask("/?a=x&b=y"), Ask("/?a=x"), Ask("/?b=y"), Ask()),
    ),
    Case(
        "rewrite-redirect",
        "rewrite ^/old/(.*)$ https://new.example.org/$1 permanent;",
        asks=(Ask("/old/a%20b?c=d"), Ask("/old/%2B+x"), Ask("/a")),
    ),
    Case(
        "rewrite-redirect-path",
        "rewrite ^(/app)$ $1/ permanent;",
        asks=(Ask("/app?x=1"), Ask("/app/"), Ask("/appx")),
    ),
    Case(
        "rewrite-redirect-query",
        "rewrite ^/a$ https://b.example.org/?q=$arg_q? redirect;",
        asks=(Ask("/a?q=1&r=2"),),
    ),
    Case(
        "rewrite-break",
        "rewrite ^/old/(.*)$ /new/$1 break;",
        asks=(Ask("/old/a%20b?c=d"), Ask("/old/%7Ea"), Ask("/a")),
    ),
    Case(
        "rewrite-break-query",
        "rewrite ^/u/([0-9]+)$ /user?id=$1 break;",
        asks=(Ask("/u/7"), Ask("/u/7?x=y")),
    ),
    Case("rewrite-drop-query", "rewrite ^/u$ /v? break;", asks=(Ask("/u?x=y"),)),
    Case(
        "rewrite-last",
        "rewrite ^/old/(.*)$ /b/$1 last;",
        paths=("/", "/b"),
        asks=(Ask("/old/x?c=d"), Ask("/b/y"), Ask("/a")),
    ),
    Case("rewrite-again", "rewrite ^/(.*)$ /a/$1;", asks=(Ask("/x"),)),
    Case(
        "rewrite-flagless",
        "rewrite ^/one$ /two; rewrite ^/two$ /three;",
        asks=(Ask("/one"), Ask("/two"), Ask("/x")),
    ),
    Case("break", "if ($arg_a) { break; } return 403;", asks=(Ask("/?a=1"), Ask())),
    Case("deny", "deny all;"),
    Case("allow", "allow 127.0.0.1; deny all;"),
    Case("allow-not", "allow 10.0.0.0/8; deny all;"),
    Case("allow-in-deny", "allow 127.0.0.1; deny 127.0.0.0/8;"),
    Case("deny-then-allow", "deny 127.0.0.1; allow all;"),
    Case(
        "return-before-deny",
        'if ($arg_a) { return 200 "in"; } deny all;',
        asks=(Ask("/?a=1"), Ask()),
    ),
    Case(
        "rewrite-target",
        "if ($uri ~ ^/app/x) { return 403; } add_header X-A 1;",
        rewrite="/$2",
        asks=(Ask("/app/x"), Ask("/app/y?z"), Ask("/app")),
    ),
    Case(
        "rewrite-target-stopped",
        "rewrite ^/app/x(.*)$ /q$1 break;",
        rewrite="/$2",
        asks=(Ask("/app/xy"), Ask("/app/y?z")),
    ),
    Case(
        "rewrite-target-after",
        "rewrite ^(/app)$ $1/ permanent;",
        rewrite="/$2",
        asks=(Ask("/app"), Ask("/app/y")),
    ),
    Case("tuning", "proxy_read_timeout 300s; client_max_body_size 20m; gzip on; etag off;"),
    Case(
        "server-return",
        server="if ($http_user_agent ~* bot) { return 403; }",
        asks=(Ask(headers=(AGENT,)), Ask()),
    ),
    Case(
        "server-rewrite",
        server="rewrite ^/old/(.*)$ /b/$1 last;",
        paths=("/", "/b"),
        asks=(Ask("/old/x?y"), Ask("/b/z"), Ask("/a")),
    ),
    Case(
        "server-rewrite-away",
        server="rewrite ^/old$ https://b.example.org/ redirect;",
        asks=(Ask("/old?x=y"), Ask("/a")),
    ),
    Case(
        "server-header", server="add_header X-A 1;", paths=("/", "/b"), asks=(Ask("/a"), Ask("/b"))
    ),
    Case("server-and-location-header", "add_header X-B 2;", server="add_header X-A 1;"),
    Case(
        "server-set",
        'add_header X-A "$x";',
        server="set $x 1; if ($arg_a) { set $x 2; }",
        asks=(Ask("/?a=1"), Ask()),
    ),
    Case("server-deny", server="deny all;"),
    Case(
        "server-location-exact",
        server='location = /robots.txt { return 200 "no\\n"; }',
        asks=(Ask("/robots.txt"), Ask("/robots.txt/x"), Ask("/")),
    ),
    Case(
        "server-location-regex",
        server="location ~* ^/actuator { deny all; return 403; }",
        asks=(Ask("/actuator/x"), Ask("/ACTUATOR"), Ask("/x/actuator"), Ask("/")),
    ),
    Case(
        "server-location-anywhere",
        server=r"location ~ \.(git|env)$ { return 404; }",
        asks=(Ask("/x/.git"), Ask("/.ENV"), Ask("/.env"), Ask("/git")),
    ),
    Case(
        "server-location-prefix",
        server="location /status { return 200 up; }",
        paths=("/", "/status/deep"),
        asks=(Ask("/status"), Ask("/statusx"), Ask("/status/deep/x"), Ask("/STATUS"), Ask("/")),
    ),
    Case(
        "server-location-first",
        server="location ~ ^/b { return 410; } location ^~ /b/c { return 411; }",
        paths=("/", "/b"),
        asks=(Ask("/b"), Ask("/b/c/d"), Ask("/a")),
    ),
    Case(
        "server-location-redirect",
        server="location /old/ { return 301 https://$host/new$request_uri; }",
        asks=(Ask("/old/x?y"), Ask("/")),
    ),
    Case(
        "server-location-rewrite",
        server="location /v1 { rewrite ^/v1/(.*)$ /b/$1 last; return 404; }",
        paths=("/", "/b"),
        asks=(Ask("/v1/x"), Ask("/v1"), Ask("/b/x")),
    ),
)


def by_hand(case: Case, upstream: str, listen: str) -> str:
    """Return the configuration with the snippets pasted in."""
    names = "".join(f'set ${name} "{value}"; ' for name, value in case.known.items())
    blocks = []
    paths = [(path, f"location {path}") for path in case.paths]
    if case.rewrite:
        paths = [("", r'location ~* "^/app(/|$)(.*)"')]
    for _, opened in paths:
        rewrite = rf'rewrite "(?i)/app(/|$)(.*)" {case.rewrite} break;' if case.rewrite else ""
        blocks.append(
            f"{opened} {{ {names} proxy_set_header Host $host; proxy_http_version 1.1;\n"
            f"{case.location}\n{rewrite} proxy_pass http://up; }}"
        )
    return (
        f"port_in_redirect off; default_type text/html; upstream up {{ server {upstream}; }}\n"
        f"server {{ listen {listen}; server_name {HOST};\n{case.server}\n" + "\n".join(blocks) + "}"
    )


def objects(case: Case, backend: Backend) -> list[Object]:
    """Return the Ingress and its Service."""
    annotations = {PREFIX + "ssl-redirect": "false"}
    given = {"configuration-snippet": case.location, "server-snippet": case.server}
    annotations |= {PREFIX + name: text for name, text in given.items() if text}
    paths = [prefix(path, "web") for path in case.paths]
    if case.rewrite:
        annotations[PREFIX + "rewrite-target"] = case.rewrite
        paths = [prefix("/app(/|$)(.*)", "web") | {"pathType": "ImplementationSpecific"}]
    return [
        ingress("web", rule(HOST, *paths), annotations=annotations),
        service("web", 80),
        endpoint_slice("web", backend.address, port=backend.port),
    ]


@dataclass
class Seen:
    """What came of a request, as far as a snippet may decide it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    sent: list[tuple[str, str]]
    """The request line's target, and headers that the backend got."""


def seen(response: Response, backend: Backend, before: int) -> Seen:
    headers = sorted(
        (name.lower(), value)
        for name, value in response.headers
        if name.lower().startswith(_LOOKED_AT) or name.lower() == "location"
    )
    headers = [(name, re.sub(r"\d\d:\d\d:\d\d", "TIME", value)) for name, value in headers]
    body = b"" if b"<center>" in response.body else response.body
    got = backend.requests[before:]
    sent = [("target", item.target) for item in got]
    names = ("x-sent", "x-none", "host")
    sent += [
        (name.lower(), value)
        for item in got
        for name, value in item.headers
        if name.lower() in names
    ]
    return Seen(response.status, headers, body, sent)


def asked(address: Address, asks: tuple[Ask, ...], backend: Backend) -> Iterator[Seen]:
    for item in asks:
        before = len(backend.requests)
        lines = tuple(line.encode() for line in item.headers)
        data = get(item.target, HOST, *lines, method=item.method.encode())
        yield seen(fetch(address, data), backend, before)


@contextmanager
def backend_of(case: Case) -> Iterator[Backend]:
    with Backend("one", headers=_OWN, status=case.status) as backend:
        yield backend


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_answers_as_where_the_snippet_is_pasted(nginx: Nginx, case: Case) -> None:
    if case.more and nginx.version < (1, 31, 0):
        pytest.skip("this nginx has no headers-more to compare with")
    with backend_of(case) as backend:
        (port,) = free_ports(1)
        with bare(nginx, by_hand(case, f"127.0.0.1:{backend.port}", f"127.0.0.1:{port}")):
            expected = list(asked(("127.0.0.1", port), case.asks, backend))
        made = objects(case, backend)
        with serving(nginx, made, echo=False, allow_snippets=("*",)) as site:
            found = list(asked(site.http, case.asks, backend))
    for ask, wanted, got in zip(case.asks, expected, found, strict=True):
        assert got == wanted, ask


def test_each_variable_is_of_its_namespace(nginx: Nginx) -> None:
    first = "set $x a; rewrite ^/one$ /two last;"
    second = 'if ($arg_a) { set $x b; } add_header X-A "<$x>";'
    annotated = {PREFIX + "configuration-snippet": first}
    with Backend("one") as backend:
        made = [
            ingress("one", rule(HOST, exact("/one", "web")), annotations=annotated),
            ingress(
                "two",
                rule(HOST, prefix("/two", "web")),
                namespace="other",
                annotations={PREFIX + "configuration-snippet": second},
            ),
        ]
        for namespace in ("default", "other"):
            made.append(service("web", 80, namespace=namespace))
            slices = endpoint_slice("web", backend.address, port=backend.port, namespace=namespace)
            made.append(slices)
        options = {"allow_snippets": ("*",), "trust_namespaces": True}
        with serving(nginx, made, echo=False, **options) as site:
            assert site.ask(HOST, "/one").all("X-A") == ["<>"]
            assert site.ask(HOST, "/two?a=1").all("X-A") == ["<b>"]


OWN_MAP = (
    'map $http_x_env $env { default prod; Staging st; "~^dev(.*)$" d; "~*^(a|b)" ab; "" none; }'
)
ENVS = tuple(Ask(headers=(f"X-Env: {value}",)) for value in ("staging", "devel", "Bx", "other"))


@pytest.mark.parametrize(
    ("keys", "asks"),
    [
        ({"http-snippet": OWN_MAP, "location-snippet": "add_header X-Env $env;"}, (*ENVS, Ask())),
        (
            {"http-snippet": OWN_MAP, "server-snippet": "if ($env = st) { return 418; }"},
            (*ENVS, Ask()),
        ),
        ({"http-snippet": 'add_header X-A "1"; gzip on;'}, (Ask(),)),
        ({"server-snippet": "location = /up { return 200 up; }"}, (Ask("/up"), Ask("/"))),
        ({"server-snippet": r"location ~ /\.git { return 404; }"}, (Ask("/x/.git/y"), Ask("/"))),
        ({"location-snippet": "if ($request_method = TRACE) { return 405; }"}, (Ask(),)),
    ],
)
def test_the_operators_snippets_hold_for_every_host(
    nginx: Nginx, keys: dict[str, str], asks: tuple[Ask, ...]
) -> None:
    case = Case("", keys.get("location-snippet", ""), keys.get("server-snippet", ""), asks)
    with backend_of(case) as backend:
        (port,) = free_ports(1)
        text = by_hand(case, f"127.0.0.1:{backend.port}", f"127.0.0.1:{port}")
        with bare(nginx, f"{keys.get('http-snippet', '')}\n{text}"):
            expected = list(asked(("127.0.0.1", port), case.asks, backend))
        made = [*objects(Case(""), backend), config_map("cfg", keys)]
        options = {"allow_snippets": ("none",), "configmap": "default/cfg"}
        with serving(nginx, made, echo=False, **options) as site:
            assert list(asked(site.http, case.asks, backend)) == expected


def test_a_snippet_answers_before_the_redirect_to_https(nginx: Nginx) -> None:
    snippet = "if ($arg_a) { return 301 https://new.example.org/; }"
    site_of = partial(with_tls, nginx)
    with site_of(snippet) as site:
        assert site.ask("a.test", "/?a=1").header("Location") == "https://new.example.org/"
        assert site.ask("a.test", "/").status == 308
        secure = site.ask("a.test", "/?a=1", scheme="https")
        assert secure.header("Location") == "https://new.example.org/"
    with site_of("rewrite ^/old /new break;") as site:
        assert site.ask("a.test", "/old").header("Location") == "https://a.test/old"
        for path, target in (("/x", "/x"), ("/old", "/new")):
            story = site.ask("a.test", path, scheme="https").json()
            assert story["request"]["target"] == target


def with_tls(nginx: Nginx, snippet: str) -> AbstractContextManager[Site]:
    annotations = {PREFIX + "configuration-snippet": snippet}
    paths = rule(HOST, prefix("/", "web"))
    made = ingress("web", paths, annotations=annotations, tls=[tls(HOST, by="cert")])
    given = [made, service("web", 80), secret("cert", *certificate(HOST))]
    return serving(nginx, given, allow_snippets=("*",))


def test_an_auth_service_gets_what_its_snippet_sets(nginx: Nginx) -> None:
    annotations = {
        PREFIX + "auth-url": "http://auth.test:4180/check",
        PREFIX + "auth-snippet": (
            "proxy_set_header X-Forwarded-Method $request_method;\n"
            "proxy_set_header X-Of $namespace/$ingress_name;\nproxy_read_timeout 3s;"
        ),
    }
    made = [ingress("web", rule(HOST, prefix("/", "web")), annotations=annotations)]
    with (
        deciding(lambda _question: Verdict(200)) as auth,
        serving(nginx, made, outside={"auth.test": auth.port}, allow_snippets=("default",)) as site,
    ):
        assert site.ask(HOST, "/x", method="POST").status == 200
        (question,) = auth.asked
        assert question.headers["x-forwarded-method"] == "POST"
        assert question.headers["x-of"] == "default/web"


def test_a_text_has_the_type_of_the_configmap_where_no_ending_names_one(nginx: Nginx) -> None:
    answer = "if ($arg_server) { return 200 text; } location /own { return 200 text; }"
    annotations = {
        f"{PREFIX}server-snippet": answer,
        f"{PREFIX}configuration-snippet": "if ($arg_route) { return 200 text; }",
    }
    keys = {
        "default-type": "application/json",
        "server-snippet": "if ($arg_operator) { return 200 text; }",
    }
    objects = [
        ingress("web", rule(HOST, prefix("/", "web")), annotations=annotations),
        config_map("settings", keys, "ops"),
    ]
    options = {"allow_snippets": ("*",), "configmap": "ops/settings"}
    with serving(nginx, objects, **options) as site:
        for target in ("/?server=1", "/?operator=1", "/?route=1", "/own"):
            assert site.ask(HOST, target).header("Content-Type") == "application/json"
        assert site.ask(HOST, "/a.txt?server=1").header("Content-Type") == "text/plain"
    with serving(nginx, objects[:1], allow_snippets=("*",)) as site:
        for target in ("/?server=1", "/?route=1", "/own"):
            assert site.ask(HOST, target).header("Content-Type") == "text/html"
