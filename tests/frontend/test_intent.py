"""One Ingress → its Intent."""

from __future__ import annotations

from typing import Any

import pytest

from ingc import Options
from ingc.diagnostics import Sink
from ingc.frontend import Intent, read_intent
from ingc.ir import Exact, Prefix
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.store import read_objects
from ingc.load.document import Document
from tests.objects import Object, path, rule
from tests.shop import ingress


def intent_of(asked: Object, **options: Any) -> tuple[Intent, Sink]:
    sink = Sink()
    store = read_objects([Document(asked)], sink, namespace="default")
    return read_intent(store.ingresses[0], sink, Options(**options)), sink


@pytest.mark.parametrize(
    ("text", "path_type", "match"),
    [
        ("/a", "Exact", Exact("/a")),
        ("/a/", "Exact", Exact("/a/")),
        ("/a", "Prefix", Prefix("/a")),
        ("/a/", "Prefix", Prefix("/a/")),
        ("/a", "ImplementationSpecific", Prefix("/a")),
        ("", "ImplementationSpecific", Prefix("/")),
        ("/caf%C3%A9", "Exact", Exact("/café")),
        ("/café", "Exact", Exact("/café")),
        ("/a%2520b", "Prefix", Prefix("/a%20b")),  # decoded once
        ("/a%20b", "Prefix", Prefix("/a b")),
        ("/100%", "Prefix", Prefix("/100%")),
        ("/%zz", "Prefix", Prefix("/%zz")),
        ("/a%2Fb", "ImplementationSpecific", Prefix("/a/b")),
        ("/a+b", "Prefix", Prefix("/a+b")),
    ],
)
def test_paths_are_decoded_once_and_typed(text: str, path_type: str, match: Exact | Prefix) -> None:
    intent, _ = intent_of(ingress("web", rule("a.test", path(text, "web", path_type))))
    (route,) = intent.routes
    assert route.match == match
    assert route.path == (text or "/")
    assert route.path_type == path_type
    assert isinstance(route.backend, ServiceBackend)


def test_hosts_are_named_once_in_the_order_of_the_document() -> None:
    asked = ingress(
        "web", rule("b.test"), rule(None, path("/", "web")), rule("a.test"), rule("b.test")
    )
    intent, _ = intent_of(asked)
    assert intent.hosts == ("b.test", "", "a.test")
    assert [route.host for route in intent.routes] == [""]


def test_the_default_backend_is_a_route_of_its_ingress() -> None:
    intent, _ = intent_of(ingress("web", default="web"))
    assert intent.default is not None
    assert intent.default.path_type == ""
    assert intent.default.origin.field == ("spec", "defaultBackend")
    assert intent.default.name == "shop/web"


def test_an_ingress_with_an_error_has_broken_routes() -> None:
    asked = ingress("web", rule("a.test", path("/", "web"), path("no", "web")), default="web")
    intent, sink = intent_of(asked)
    assert sink.errors == 1
    assert [route.broken for route in intent.routes] == [True]
    assert intent.default is not None
    assert intent.default.broken


@pytest.mark.parametrize(
    "name",
    [
        "server-snippet",
        "configuration-snippet",
        "stream-snippet",
        "enable-modsecurity",
        "modsecurity-snippet",
        "enable-owasp-core-rules",
        "global-rate-limit",
    ],
)
def test_to_ignore_a_protection_is_an_error_until_it_is_accepted(name: str) -> None:
    annotation = {f"nginx.ingress.kubernetes.io/{name}": "x"}
    asked = ingress("web", rule("a.test", path("/", "web")), annotations=annotation)
    intent, sink = intent_of(asked)
    assert [d.code for d in sink.diagnostics()] == ["ING402"]
    assert intent.routes[0].broken
    intent, sink = intent_of(asked, accept_ignored=(name,))
    assert [d.code for d in sink.diagnostics()] == ["ING401"]
    assert not intent.routes[0].broken


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("configuration-snippet", ""),
        ("server-snippet", "# nothing\n\n  # at all\n"),
        ("modsecurity-snippet", "\n"),
        ("enable-modsecurity", "false"),
        ("enable-opentelemetry", "false"),
        ("secure-backends", ""),
    ],
)
def test_what_asks_for_nothing_is_no_finding(name: str, text: str) -> None:
    annotation = {f"nginx.ingress.kubernetes.io/{name}": text}
    intent, sink = intent_of(
        ingress("web", rule("a.test", path("/", "web")), annotations=annotation)
    )
    assert not sink.diagnostics()
    assert not intent.routes[0].broken


@pytest.mark.parametrize(
    ("snippet", "advice"),
    [
        (
            "return 301 https://b.test$request_uri;",
            "permanent-redirect: https://b.test$request_uri;",
        ),
        (
            "return 308 $scheme://b.test/x;",
            'permanent-redirect: $scheme://b.test/x and permanent-redirect-code: "308";',
        ),
        ("return 302 https://b.test/;", "temporal-redirect: https://b.test/;"),
        (
            "return 301 https://b.test$uri;",
            "for return use permanent-redirect or temporal-redirect;",
        ),
        (
            "location = /metrics { deny all; return 403; }",
            "an Ingress with /metrics alone and deny",
        ),
        ("location ~* ^/a { return 404; } deny 10.0.0.1;", "0.0.0.0/0,::/0; for deny use denylist"),
        (
            "rewrite ^(/app)$ $1/ permanent;",
            "as a regex with $ at its end, and permanent-redirect;",
        ),
        ("rewrite ^/a/(.*) /$1 break;", "for rewrite use rewrite-target;"),
        (
            'if ($http_user_agent ~* "bot|spider") { return 403; }',
            "ConfigMap key block-user-agents;",
        ),
        ("if ($http_referer ~ x) {\n  return 444;\n}", "the ConfigMap key block-referers;"),
        ("proxy_ssl_verify off; # as before", "remove proxy_ssl_verify off, which holds anyway;"),
        ("proxy_ssl_verify on;", "for proxy_ssl_verify use proxy-ssl-verify;"),
        (
            'proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection "upgrade";',
            "remove the headers Upgrade and Connection: WebSockets are passed on anyway; or",
        ),
        ("proxy_set_header Connection close;", "for proxy_set_header use"),
        ("proxy_buffering off;", "remove proxy_buffering off, which holds anyway;"),
    ],
)
def test_a_snippet_is_advised_of_by_what_it_does(snippet: str, advice: str) -> None:
    annotation = {"nginx.ingress.kubernetes.io/server-snippet": snippet}
    _, sink = intent_of(ingress("web", rule("a.test", path("/", "web")), annotations=annotation))
    (found,) = sink.diagnostics()
    assert advice in found.help


@pytest.mark.parametrize(
    "text", ["# why\ndeny all;", "deny all; # why", "#a\rdeny all;\n;", "false"]
)
def test_a_comment_hides_no_directive(text: str) -> None:
    annotation = {"nginx.ingress.kubernetes.io/server-snippet": text}
    _, sink = intent_of(ingress("web", rule("a.test", path("/", "web")), annotations=annotation))
    assert [d.code for d in sink.diagnostics()] == ["ING402"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("enable-opentelemetry", "ING401"), ("secure-backends", "ING401"), ("x-limit-rps", "ING403")],
)
def test_other_annotations_are_ignored_with_a_warning(name: str, code: str) -> None:
    annotation = {f"nginx.ingress.kubernetes.io/{name}": "x"}
    intent, sink = intent_of(
        ingress("web", rule("a.test", path("/", "web")), annotations=annotation)
    )
    assert [d.code for d in sink.diagnostics()] == [code]
    assert not intent.routes[0].broken


def test_a_key_of_the_configmap_is_told_apart_from_a_misspelt_annotation() -> None:
    annotation = {"nginx.ingress.kubernetes.io/proxy-set-headers": "x"}
    _, sink = intent_of(ingress("web", rule("a.test", path("/", "web")), annotations=annotation))
    (finding,) = sink.diagnostics()
    assert finding.code == "ING403"
    assert "--configmap" in finding.help
    assert "did you mean" not in finding.help
