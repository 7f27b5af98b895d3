"""Causes that are asked for most: the rule that nearly took a path, lost headers, other names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ingc
from ingc.explain import read_question
from ingc.explain.api import teller_of
from ingc.explain.text import story_as_text
from ingc.nginx import Nginx
from tests.explain.test_conf import conf_of
from tests.explain.test_story import annotated, tell
from tests.nginx.bare import Talk, bare
from tests.nginx.wire import get
from tests.objects import path, prefix, rule
from tests.shop import ingress, service

API = ingress(
    "shop/web", rule("a.test", *(path(text, "web") for text in ("/", "/api/v", "/api/", "/ap")))
)


@pytest.mark.parametrize(
    ("target", "cut"),
    [
        ("/api/v1.0/users", ["/api/v"]),
        ("/api/v", []),
        ("/api/v/1", []),
        ("/apix", ["/api/", "/ap"]),
        ("/other", []),
    ],
)
def test_a_longer_prefix_says_why_it_does_not_take_a_part_of_an_element(
    target: str, cut: list[str]
) -> None:
    story = tell([API], f"http://a.test{target}")
    found = [item for item in story.contenders if "whole path elements" in item.reason]
    assert sorted(item.ref.path for item in found) == sorted(cut)
    assert not any(item.wins for item in found)


CORS = annotated(
    "shop/web",
    rule("a.test", path("/", "web")),
    enable_cors="true",
    cors_allow_origin="https://ours.test, https://*.more.test",
)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("https://ours.test", True), ("https://x.more.test", True), ("https://theirs.test", False)],
)
def test_an_origin_that_is_not_allowed_is_named(origin: str, allowed: bool) -> None:
    story = tell([CORS], "http://a.test/", headers=[("Origin", origin)])
    said = [item.what for item in story.applied if item.name == "cors"]
    assert any(f"Origin {origin} is none of them" in what for what in said) is not allowed
    assert not any("none of them" in item.what for item in tell([CORS], "http://a.test/").applied)


def test_tls_requests_the_name_of_the_url_whatever_the_host_header() -> None:
    own = ingress("shop/t", rule("t.test", path("/", "web")), tls=[{"secretName": "pair"}])
    options = ingc.Options(tls_files="/tls/{namespace}/{secret}")
    result = ingc.compile([own, service("web", clusterIP="10.0.0.1")], options)
    teller = teller_of(result)

    def refused(url: str, host: str, sni: str | None = None) -> bool:
        question = read_question(url, headers=[("Host", host)], sni=sni)
        return teller.tell(question).answer.refused

    assert refused("https://balancer.test/", "t.test")
    assert refused("https://192.0.2.1/", "t.test")
    assert refused("https://[2001:db8::1]/", "t.test")
    assert not refused("https://T.test/", "t.test:443")
    assert not refused("https://balancer.test/", "t.test", sni="t.test")
    asked = read_question("https://balancer.test/", headers=[("Host", "t.test")])
    text = story_as_text(teller.tell(asked), color=False)
    assert "the Host header is no part of TLS: put t.test into the URL" in text


LOST = (
    "add_header Kept-Nowhere 1; proxy_set_header X-Outer 1;"
    "server { LISTEN server_name a.test; add_header X-Frame-Options DENY; add_header X-Own 1;"
    " location / { add_header X-Own 2; proxy_set_header X-Inner 1; proxy_pass http://one; }"
    " location /all { proxy_pass http://one; }"
    " location /none { return 204; } }"
)


@pytest.mark.parametrize(
    ("target", "lost"),
    [
        ("/", ["Kept-Nowhere", "X-Frame-Options", "X-Outer"]),
        ("/all", ["Kept-Nowhere"]),
        ("/none", ["Kept-Nowhere"]),
    ],
)
def test_headers_that_an_inner_block_drops_are_named(
    tmp_path: Path, nginx: Nginx, target: str, lost: list[str]
) -> None:
    conf = conf_of(tmp_path, LOST.replace("LISTEN", "listen 80;"))
    story = teller_of(conf).tell(read_question(f"http://a.test{target}"))
    found = [item.what.split()[0] for item in story.applied if item.name == "dropped"]
    assert found == lost
    added = {item.what.partition(":")[0] for item in story.applied if item.name == "answer"}
    served = LOST.replace("proxy_pass http://one;", "return 200;")
    with bare(nginx, served) as socket, Talk(socket) as talk:
        answer = talk.ask(get(target, "a.test"))
    names = ("Kept-Nowhere", "X-Frame-Options", "X-Own")
    assert {name for name in names if answer.header(name) is not None} == added
    assert not added & set(found)


FORCED = annotated("shop/web", rule("a.test", path("/", "web")), force_ssl_redirect="true")
BELIEVING: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"namespace": "ingress-nginx", "name": "controller"},
    "data": {"use-forwarded-headers": "true"},
}


@pytest.mark.parametrize("believes", [True, False])
def test_a_redirect_to_https_that_nothing_serves_is_without_end(believes: bool) -> None:
    configmap = "ingress-nginx/controller" if believes else None
    options = ingc.Options(configmap=configmap)
    objects = [FORCED, service("web", clusterIP="10.0.0.1"), BELIEVING]
    teller = teller_of(ingc.compile(objects, options))
    question = read_question("http://a.test/x", headers=[("X-Forwarded-Proto", "https")])
    story = teller.tell(question)
    said = {item.name: item.what for item in story.applied}
    assert (story.answer.status == 308) is not believes
    assert ("for ever" in " ".join(item.what for item in story.applied)) is not believes
    assert ("ignored" in said) is not believes
    bare_question = teller.tell(read_question("http://a.test/x"))
    assert not any(item.name == "ignored" for item in bare_question.applied)


@pytest.mark.parametrize("tls", ["own", "default"])
def test_a_redirect_to_https_that_is_served_is_none_of_these(tls: str) -> None:
    entry = {"tls": [{"secretName": "pair", "hosts": ["a.test"]}]} if tls == "own" else {}
    made = {**FORCED, "spec": {**FORCED["spec"], **entry}}
    default = "/own.crt,/own.key" if tls == "default" else None
    options = ingc.Options(default_ssl_certificate=default, tls_files="/{namespace}/{secret}")
    result = ingc.compile([made, service("web", clusterIP="10.0.0.1")], options)
    story = teller_of(result).tell(read_question("http://a.test/x"))
    assert story.answer.status == 308
    assert not any("for ever" in item.what for item in story.applied)


@pytest.mark.parametrize(
    ("port", "protocol", "warned"),
    [(443, None, True), ("https", None, True), (80, None, False), (443, "HTTPS", False)],
)
def test_http_in_the_clear_to_a_port_of_tls_is_named(
    port: int | str, protocol: str | None, warned: bool
) -> None:
    named = {"backend_protocol": protocol} if protocol else {}
    asked = annotated("shop/web", rule("a.test", prefix("/", "own", port)), **named)
    ports = [{"name": "http", "port": 80}, {"name": "https", "port": 443}]
    own = service("own", *ports, clusterIP="10.0.0.2")
    story = tell([asked, own], "http://a.test/")
    assert any("in the clear" in item.what for item in story.applied) is warned


@pytest.mark.parametrize(
    ("location", "passes"),
    [
        ("proxy_pass http://one;", False),
        ("proxy_set_header Upgrade $http_upgrade; proxy_pass http://one;", True),
        ("return 204;", True),
    ],
)
def test_a_websocket_that_a_location_does_not_pass_on_is_named(
    tmp_path: Path, location: str, passes: bool
) -> None:
    conf = conf_of(tmp_path, f"server {{ listen 80; location / {{ {location} }} }}")
    question = read_question("http://a/", headers=[("Upgrade", "websocket")])
    dropped = [item for item in teller_of(conf).tell(question).applied if item.name == "dropped"]
    assert (not dropped) is passes
    plain = teller_of(conf).tell(read_question("http://a/"))
    assert not any(item.name == "dropped" for item in plain.applied)


def test_a_canary_that_another_keeps_from_a_rule_is_named_at_it() -> None:
    main = annotated("shop/web", rule("a.test", path("/", "web"), path("/b", "web")))
    both = [
        annotated(
            f"shop/{name}", rule("a.test", path("/", name)), canary="true", canary_weight="10"
        )
        for name in ("one", "two")
    ]
    (found,) = tell([main, *both], "http://a.test/").findings
    assert found.code == "ING476"
    assert "shop/two" in found.message
    assert not tell([main, *both], "http://a.test/b").findings


def test_a_canary_alone_says_why_its_host_has_no_rule() -> None:
    alone = annotated(
        "shop/can", rule("canary.a.test", path("/", "web")), canary="true", canary_weight="10"
    )
    story = tell([API, alone], "http://canary.a.test/")
    assert story.answer.status == 404
    assert [item.code for item in story.findings] == ["ING476"]
    assert not tell([API, alone], "http://other.test/").findings
