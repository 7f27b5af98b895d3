"""Copies of requests on real nginx, with a real service that gets them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.deciding import Service, Verdict, by_token, deciding
from tests.nginx.dns import NameServer
from tests.nginx.harness import Site, serving
from tests.nginx.wire import Connection, get
from tests.objects import Object, ingress, prefix, rule, service

PREFIX = "nginx.ingress.kubernetes.io/"
_SOON = 5.0  # seconds


def mirrored(target: str, *, port: int = 80, **asked: str) -> Object:
    given = {"mirror-target": target, **{k.replace("_", "-"): v for k, v in asked.items()}}
    annotations = {PREFIX + key: value for key, value in given.items()}
    return ingress("web", rule("a.test", prefix("/", "web", port)), annotations=annotations)


@contextmanager
def copying(nginx: Nginx, target: str, **asked: str) -> Iterator[tuple[Site, Service]]:
    """Serve with a service behind copies.test, which answers every copy with an error."""
    with (
        deciding(lambda _: Verdict(500, (("X-Copy", "1"), ("Set-Cookie", "copy=1")))) as copies,
        serving(nginx, [mirrored(target, **asked)], outside={"copies.test": copies.port}) as site,
    ):
        yield site, copies


def wait_for(copies: Service, count: int) -> None:
    until = time.monotonic() + _SOON
    while len(copies.asked) < count and time.monotonic() < until:
        time.sleep(0.01)
    assert len(copies.asked) == count


def test_each_request_is_copied_and_its_answer_unchanged(nginx: Nginx) -> None:
    with copying(nginx, "http://copies.test$request_uri") as (site, copies):
        answer = site.ask("a.test", "/x/%41?b=c", b"X-Own: o", method="POST", body=b"hello")
        assert answer.status == 200
        assert answer.json()["request"]["body_bytes"] == 5
        assert answer.header("X-Copy") is None
        assert answer.header("Set-Cookie") is None
        wait_for(copies, 1)
        (copy,) = copies.asked
    assert (copy.method, copy.target, copy.body) == ("POST", "/x/%41?b=c", b"hello")
    assert copy.headers["host"] == "copies.test"
    assert copy.headers["x-own"] == "o"


def test_bodies_are_left_out_where_asked(nginx: Nginx) -> None:
    target = "http://copies.test$request_uri"
    with copying(nginx, target, mirror_request_body="off", mirror_host="other.test") as (
        site,
        copies,
    ):
        answer = site.ask("a.test", "/x", method="POST", body=b"hello")
        assert answer.json()["request"]["body_bytes"] == 5
        wait_for(copies, 1)
        (copy,) = copies.asked
    assert (copy.method, copy.target, copy.body) == ("POST", "/x", b"")
    assert copy.headers["host"] == "other.test"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://copies.test", "/x?y=z"),
        ("http://copies.test/all", "/all?y=z"),
        ("http://copies.test/all$request_uri", "/all/x?y=z"),
        ("http://copies.test/?u=$arg_y", "/?u=z"),
    ],
)
def test_the_target_may_have_a_path(nginx: Nginx, url: str, target: str) -> None:
    with copying(nginx, url) as (site, copies):
        assert site.ask("a.test", "/x?y=z").status == 200
        wait_for(copies, 1)
        assert copies.asked[0].target == target


def test_answers_come_while_the_service_is_down(nginx: Nginx) -> None:
    with (
        serving(nginx, [mirrored("http://copies.test")], outside={"copies.test": 1}) as site,
        Connection(site.http) as client,
    ):
        for _ in range(3):
            assert client.request(get("/", "a.test")).status == 200


def test_what_auth_refuses_is_not_copied(nginx: Nginx) -> None:
    asked = mirrored("http://copies.test", auth_url="http://auth.test")
    with (
        deciding() as copies,
        deciding(by_token) as auth,
        serving(
            nginx, [asked], outside={"copies.test": copies.port, "auth.test": auth.port}
        ) as site,
    ):
        assert site.ask("a.test", "/no").status == 401
        assert site.ask("a.test", "/yes", b"Authorization: letmein").status == 200
        wait_for(copies, 1)
        assert copies.asked[0].target == "/yes"


def test_the_name_is_looked_up_at_run_time_and_leaves_the_backend_alone(nginx: Nginx) -> None:
    with (
        deciding() as copies,
        Backend("web") as web,
        NameServer({"copies.test": "127.0.0.1", "backend.test": "127.0.0.1"}) as names,
    ):
        objects: list[Object] = [
            mirrored(f"http://copies.test:{copies.port}", port=web.port),
            service("web", web.port, external_name="backend.test"),
        ]
        options: dict[str, Any] = {"echo": False, "resolver": (names.address,)}
        with serving(nginx, objects, **options) as site:
            until = time.monotonic() + 10
            while not copies.asked and time.monotonic() < until:
                site.ask("a.test", "/x?y")
                time.sleep(0.05)
            assert copies.asked[0].target == "/x?y"
            assert site.ask("a.test", "/z").body == b"web"
