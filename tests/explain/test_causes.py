"""Causes that are asked for most: the rule that nearly took a path, lost headers, other names."""

from __future__ import annotations

from pathlib import Path

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
from tests.objects import path, rule
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
