"""What snippets do on real nginx beside what they are pasted next to.

`tests.nginx.test_snippets_pasted` compares each with a configuration into which it is pasted.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import partial

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.certificates import certificate
from tests.nginx.deciding import Verdict, deciding
from tests.nginx.harness import Site, serving
from tests.objects import (
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


def test_the_operators_own_need_no_leave(nginx: Nginx) -> None:
    keys = {"server-snippet": "location = /up { return 200 up; }"}
    made = [ingress("web", rule(HOST, prefix("/", "web"))), service("web", 80)]
    made.append(endpoint_slice("web", "127.0.0.1", port=9))
    options = {"allow_snippets": ("none",), "configmap": "default/cfg"}
    with serving(nginx, [*made, config_map("cfg", keys)], echo=False, **options) as site:
        assert site.ask(HOST, "/up").body == b"up"


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
