"""What is laid out: only directives of the table, in the forms that the target nginx has."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

import ingc
from ingc.compiler import build_ir
from ingc.diagnostics import Sink
from ingc.load.document import Document
from ingc.model.tree import Content
from ingc.plan import Layout, plan
from ingc.plan.reasons import reason_of
from ingc.prove.directives import BLOCKS_OF_ENTRIES
from ingc.prove.shape import SEAM, blocks_of, frame_of
from ingc.target import DIRECTIVES, inner_context, parse_version, specification
from tests.golden.case import all_cases
from tests.k8s.everything import APART, FIRST, OTHERS
from tests.objects import Object, config_map, path, rule
from tests.resolve.pairs import NOW, certificate, key_pem
from tests.shop import ingress, secret, service

VERSIONS = ("1.22", "1.24", "1.25.0", "1.25.1", "1.26", "1.27.2", "1.27.3", "1.29.6", "1.31")
EVERYTHING = [FIRST, *OTHERS, *APART]
SPLIT = [
    ingress("split", rule("split.test", *(path(f"/{n}", "web") for n in range(8)))),
    *(
        ingress(
            f"canary-{number}",
            rule("split.test", path(f"/{number}", "next")),
            annotations={
                "nginx.ingress.kubernetes.io/canary": "true",
                "nginx.ingress.kubernetes.io/canary-by-header": f"X-{number}",
            },
        )
        for number in range(8)
    ),
]
"""As many maps as nginx has no room for by default."""
LONG = ingress("long", rule("a" * 63 + "." + "b" * 63 + ".test", path("/", "web")))


def layout_of(objects: list[Object], **options: Any) -> Layout:
    given: dict[str, Any] = {"now": NOW, **options}
    documents = [Document(item) for item in objects]
    return plan(build_ir(documents, ingc.Options(**given), Sink()))


def directives(layout: Layout) -> Iterator[tuple[str, Content]]:
    """Yield each directive with its context."""
    frame = (item for item in _inside(frame_of(layout), "main") if item[1][0] != SEAM)
    yield from itertools.chain(frame, _inside(tuple(blocks_of(layout)), "http"))


def _inside(contents: tuple[Content, ...], context: str) -> Iterator[tuple[str, Content]]:
    for content in contents:
        yield context, content
        name, _, block = content
        if block is not None and name not in BLOCKS_OF_ENTRIES:
            yield from _inside(block, inner_context(name, context))


OPTIONS: list[dict[str, Any]] = [
    {"access_log": log, "fragment": fragment, "resolver": resolver, "nginx_version": version}
    for log, fragment, resolver, version in itertools.product(
        ("json", "combined", "off"), (False, True), ((), ("10.0.0.53",)), VERSIONS
    )
]
SPARE = {
    "fastcgi_busy_buffers_size",
    "fastcgi_intercept_errors",
    "fastcgi_max_temp_file_size",
    "fastcgi_next_upstream",
    "fastcgi_next_upstream_timeout",
    "fastcgi_read_timeout",
    "fastcgi_request_buffering",
    "fastcgi_send_timeout",
    "grpc_intercept_errors",
    "grpc_next_upstream",
    "grpc_next_upstream_timeout",
    "grpc_read_timeout",
    "grpc_send_timeout",
}
"""Rows of the table that nothing needs yet: annotations will."""

MORE: list[dict[str, Any]] = [
    {"default_ssl_certificate": "/c.pem,/k.pem", "listen_address": ("127.0.0.1", "[::]")},
    {"health_check_path": "", "default_backend_service": "shop/web"},
    {"echo": True, "echo_socket": "/run/echo.sock", "access_log": "off"},
    {"redirect_port": 8443, "http_port": 8080, "https_port": 8443},
]


@pytest.mark.parametrize("options", [*OPTIONS, *MORE], ids=str)
def test_every_directive_is_in_the_table(options: dict[str, Any]) -> None:
    layout = layout_of([*EVERYTHING, LONG, *SPLIT], **options)
    target = parse_version(options.get("nginx_version", "1.26"))
    found = list(directives(layout))
    assert len(found) > 50
    for context, (name, args, block) in found:
        spec = specification(name, context)
        assert spec is not None, f"{name} in {context}"
        assert spec.at_least <= len(args) <= spec.at_most, name
        assert spec.block == (block is not None), name
        assert spec.since <= target, name


def test_every_directive_of_the_table_is_used_somewhere() -> None:
    used = {
        content[0]
        for options in [*OPTIONS, *MORE]
        for _, content in directives(layout_of([*EVERYTHING, LONG, *SPLIT], **options))
    }
    for case in all_cases():
        if case.result.ok and case.result.ir is not None:
            used |= {content[0] for _, content in directives(plan(case.result.ir))}
    assert set(DIRECTIVES) - SPARE <= used <= set(DIRECTIVES)


def config_of(*objects: Object, **options: Any) -> str:
    given: dict[str, Any] = {"now": NOW, "resolver": ("10.0.0.53",), **options}
    result = ingc.compile(objects, ingc.Options(**given))
    assert result.config is not None, result.errors
    return result.config


TLS = [
    ingress(
        "web",
        rule("a.test", path("/", "web")),
        tls=[{"hosts": ["a.test"], "secretName": "a"}],
    ),
    secret("a", certificate("a.test"), key_pem()),
]


@pytest.mark.parametrize("version", VERSIONS)
def test_http2_has_the_form_of_the_version(version: str) -> None:
    config = config_of(*TLS, nginx_version=version)
    if parse_version(version) >= (1, 25, 1):
        assert "listen 443 ssl;" in config
        assert "http2 on;" in config
        assert "ssl http2" not in config
    else:
        assert "listen 443 ssl http2;" in config
        assert "http2 on;" not in config


def test_unknown_names_are_refused_in_the_handshake() -> None:
    config = config_of(*TLS)
    assert "ssl_reject_handshake on;" in config
    assert "listen 443 ssl default_server;" in config
    assert "ssl_reject_handshake" not in config_of(TLS[0], default_ssl_certificate="/c,/k")


def test_without_tls_nothing_speaks_of_it() -> None:
    config = config_of(ingress("web", rule("a.test", path("/", "web"))))
    for word in ("443", "ssl", "http2", "Strict-Transport-Security", "308"):
        assert word not in config.replace("https 443;", "")


def test_a_fragment_holds_what_belongs_inside_http() -> None:
    config = config_of(*TLS, fragment=True, resolver=())
    for word in ("\nhttp {", "events", "worker_processes", "pid ", "server_tokens", "_temp_path"):
        assert word not in config
    for word in ("map ", "upstream shop_web_80 {", "server {", "proxy_set_header Host"):
        assert word in config
    # the health check belongs to the owner of the http block
    assert "/healthz" not in config


def test_a_fragment_sets_nothing_for_other_servers() -> None:
    layout = layout_of(TLS, fragment=True, access_log="json")
    allowed = {"log_format", "server_names_hash_bucket_size", "server_names_hash_max_size"}
    assert {d.name for group in layout.http for d in group.directives} <= allowed


def test_listen_addresses_and_ports() -> None:
    config = config_of(*TLS, listen_address=("127.0.0.1", "[::1]"), http_port=8080, https_port=8443)
    for address in ("127.0.0.1", "[::1]"):
        assert f"listen {address}:8080 default_server;" in config
        assert f"listen {address}:8443 ssl default_server;" in config
        assert f"listen {address}:8443 ssl;" in config
    assert "listen 80" not in config


def test_the_redirect_names_no_port_unless_asked() -> None:
    assert "return 308 https://$host$ingc_redirect_uri" in config_of(*TLS).replace('"', "")
    asked = config_of(*TLS, redirect_port=8443).replace('"', "")
    assert "return 308 https://$host:8443$ingc_redirect_uri" in asked


def test_the_health_check() -> None:
    web = ingress("web", rule("a.test", path("/", "web")))
    assert "location = /healthz {" in config_of(web)
    assert "location = /up {" in config_of(web, health_check_path="/up")
    assert "healthz" not in config_of(web, health_check_path="")
    taken = ingress("web", rule(None, path("/", "web")))
    assert "healthz" not in config_of(taken)


@pytest.mark.parametrize(
    ("log", "there", "not_there"),
    [
        ("json", "access_log access.log ingc_json;", "ingc_combined"),
        ("combined", "access_log access.log ingc_combined;", "ingc_json"),
        ("off", "access_log off;", "log_format"),
    ],
)
def test_access_logs(log: str, there: str, not_there: str) -> None:
    config = config_of(ingress("web", rule("a.test", path("/", "web"))), access_log=log)
    assert there in config
    assert not_there not in config
    assert ("set $ingc_route" in config) == (log != "off")


@pytest.mark.parametrize(
    ("form", "named"),
    [("$status", False), ("$status $namespace", True), ("$service_name $ingress_name", True)],
)
def test_a_log_without_the_route_needs_no_name(form: str, named: bool) -> None:
    key = config_map("settings", {"log-format-upstream": form}, "ingress-nginx")
    web = ingress("web", rule("a.test", path("/", "web")))
    config = config_of(web, key, configmap="ingress-nginx/settings")
    assert ("$ingc_route" in config) == named


def test_a_location_without_a_log_names_no_route() -> None:
    quiet = {"nginx.ingress.kubernetes.io/enable-access-log": "false"}
    auth = {**quiet, "nginx.ingress.kubernetes.io/auth-url": "http://10.0.0.9/"}
    for chosen, options, named in (
        (quiet, {}, False),
        (auth, {}, True),
        (quiet, {"debug_header": ("10.0.0.0/8",)}, True),
    ):
        web = ingress("web", rule("a.test", path("/", "web")), annotations=chosen)
        assert ("set $ingc_route" in config_of(web, **options)) == named


@pytest.mark.parametrize(
    ("snippet", "guarded"),
    [
        ("rewrite ^/a(.*)$ /$1 last;", True),
        ("if ($arg_a) { rewrite ^/a(.*)$ /$1; }", True),
        ("rewrite ^/a(.*)$ https://b.test$1;", False),
        ("set $a 1;", False),
    ],
)
def test_a_client_knows_no_inner_location_where_rewrites_lead_on(
    snippet: str, guarded: bool
) -> None:
    """``/a/ingc/auth/…`` becomes a path with two slashes in front there."""
    prefix = "nginx.ingress.kubernetes.io"
    auth = {f"{prefix}/auth-url": "http://10.0.0.9/"}
    steps = {f"{prefix}/configuration-snippet": snippet}
    config = config_of(
        ingress("web", rule("a.test", path("/", "web")), annotations=auth),
        ingress("led", rule("a.test", path("/a", "web")), annotations=steps),
        allow_snippets=("*",),
    )
    readable = "location = //ingc/auth/shop/web {"
    assert (readable in config) != guarded
    assert len(re.findall(r"location = //ingc/auth/shop/web/[0-9a-f]{24} {", config)) == guarded


def test_every_map_says_what_it_is_for() -> None:
    """The first of several that stand there for one reason says it."""
    for case in all_cases():
        if case.result.ir is None or not case.result.ok:
            continue
        layout = plan(case.result.ir)
        for maps in (layout.maps, layout.stream.maps if layout.stream else ()):
            for before, item in itertools.pairwise((None, *maps)):
                reason = reason_of(item.variable.name)
                assert reason, item.variable
                alike = before is not None and reason_of(before.variable.name) == reason
                assert item.why == (None if alike else reason)


def test_long_host_names_get_room() -> None:
    config = config_of(LONG)
    assert "server_names_hash_bucket_size 256;" in config
    assert "server_names_hash" not in config_of(ingress("web", rule("a.test")))


def test_a_wildcard_is_a_regex_for_one_label() -> None:
    config = config_of(ingress("web", rule("*.a-b.test", path("/", "web"))))
    assert "server_name ~^[^.]+[.]a-b[.]test$;" in config.replace('"', "").replace("'", "")


def test_a_host_without_https_under_a_wildcard_of_another_namespace_refuses() -> None:
    objects = [
        ingress("wild", rule("*.a.test", path("/", "web")), tls=[{"secretName": "a"}]),
        ingress("blog/plain", rule("x.a.test", path("/", "web"))),
        secret("a", certificate("*.a.test"), key_pem()),
    ]
    config = config_of(*objects)
    refusing = config[config.index("# x.a.test: no https") :]
    assert "ssl_reject_handshake on;" in refusing[: refusing.index("location")]


def test_comments_hold_names_and_field_paths_and_nothing_of_paths() -> None:
    texts = ["/a\nreturn 200;", "/# comment", "/*/", "/{{x}}"]
    asked = ingress("web", rule("a.test", *(path(text, "web") for text in texts)))
    for line in config_of(asked).splitlines():
        if line.strip().startswith("#"):
            assert not any(word in line for word in ("return 200", "# comment", "{{"))
    assert "# shop/web spec.rules[0].http.paths[0]" in config_of(asked)


def test_locations_never_leave_room_for_nginxs_own_redirect() -> None:
    """Where a name ends in a slash and proxies, the name without it is there too."""
    paths = [
        path("/a/", "web"),
        path("/b", "web"),
        path("/c/", "web", "Exact"),
        path("/d/e/", "web", "Exact"),
        path("/d", "web"),
    ]
    layout = layout_of([ingress("web", rule("a.test", *paths))])
    server = next(s for s in layout.servers if s.title == "a.test")
    exact = {str(item.name) for item in server.locations if item.modifier == "="}
    for item in server.locations:
        if item.name.endswith("/") and item.name != "/":
            assert item.name.removesuffix("/") in exact


def test_keepalive_and_failures_are_those_of_ingress_nginx() -> None:
    config = config_of(
        ingress("web", rule("a.test", path("/", "web"))), service("web", clusterIP="10.96.0.1")
    )
    for line in ("server 10.96.0.1:80 max_fails=0;", "keepalive 64;", "keepalive_requests 10000;"):
        assert line in config
