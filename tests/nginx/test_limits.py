"""Limits on real nginx."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import ingc
from ingc.frontend.annotations.declare import OWN_PREFIX
from ingc.ir.features.limits import LONGEST_KEY, Limits
from ingc.nginx import Nginx
from tests.nginx.harness import Site, serving
from tests.nginx.test_access import HERE, PREFIX, THERE, ask, status, web
from tests.nginx.wire import Connection, get
from tests.objects import (
    Object,
    config_map,
    endpoint_slice,
    ingress,
    prefix,
    rule,
    service,
    specific,
)


def test_requests_are_counted_for_each_client_over_all_hosts(nginx: Nginx) -> None:
    both = ingress(
        "web",
        rule("a.test", prefix("/", "a")),
        rule("b.test", prefix("/", "b")),
        annotations={
            PREFIX + "limit-rpm": "2",
            PREFIX + "limit-burst-multiplier": "2",
            PREFIX + "limit-whitelist": "127.0.0.9",
        },
    )
    with serving(nginx, [both, web(host="c.test", name="c")]) as site:
        asked = [("a.test", "b.test")[n % 2] for n in range(12)]
        answers = [ask(site, host=host).status for host in asked]
        assert answers == [200] * 5 + [503] * 7, "the first, and a burst of 2 x 2"
        assert [ask(site, source=THERE).status for _ in range(5)] == [200] * 5
        assert {ask(site, source="127.0.0.9").status for _ in range(30)} == {200}
        assert {ask(site, host="c.test").status for _ in range(30)} == {200}


def test_requests_in_a_second(nginx: Nginx) -> None:
    with serving(nginx, [web(limit_rps="1", limit_burst_multiplier="3")]) as site:
        answers = [status(site) for _ in range(10)]
        assert answers.count(200) in (4, 5), answers
        time.sleep(1.2)
        assert status(site) == 200


def test_two_ingresses_have_their_own_counts(nginx: Nginx) -> None:
    first = web("/a", limit_rpm="1", limit_burst_multiplier="1")
    second = web("/b", name="other", limit_rpm="3", limit_burst_multiplier="1")
    with serving(nginx, [first, second]) as site:
        assert [status(site, target="/a") for _ in range(4)] == [200, 200, 503, 503]
        assert [status(site, target="/b") for _ in range(6)] == [200] * 4 + [503] * 2


@pytest.mark.parametrize("value", ["0", "-1"])
def test_no_limit(nginx: Nginx, value: str) -> None:
    asked = {"limit_rps": value, "limit_rpm": value, "limit_connections": value}
    with serving(nginx, [web(**asked)]) as site:
        assert {status(site) for _ in range(40)} == {200}


@contextmanager
def slow_backend() -> Iterator[tuple[int, threading.Event, threading.Semaphore]]:
    """A backend that answers when the event is set, and counts what has arrived."""
    go, arrived = threading.Event(), threading.Semaphore(0)
    listener = socket.create_server((HERE, 0), backlog=64)
    threads = []

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            arrived.release()
            go.wait(20)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield int(listener.getsockname()[1]), go, arrived
    finally:
        go.set()
        listener.shutdown(socket.SHUT_RDWR)
        acceptor.join()
        listener.close()
        for thread in threads:
            thread.join()


def passes_again(site: Site, *lines: bytes) -> None:
    """Expect 200 soon: nginx counts a request until it has ended, a moment after its answer."""
    deadline = time.monotonic() + 5
    while (last := status(site, *lines)) == 503 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert last == 200


def test_requests_at_the_same_time(nginx: Nginx) -> None:
    with slow_backend() as (port, go, arrived):
        asked = web(limit_connections="2", limit_allowlist="127.0.0.9")
        others = [service("a", 80), endpoint_slice("a", HERE, port=port)]
        with serving(nginx, [asked, *others], echo=False) as site:
            waiting = []
            for source in [HERE] * 2 + ["127.0.0.9"] * 4:
                waiting.append(Connection(site.http, source=source))
                waiting[-1].send(get("/", "a.test"))
                assert arrived.acquire(timeout=5)
            assert status(site) == 503
            assert status(site) == 503
            go.set()
            assert status(site, source=THERE) == 200
            for connection in waiting:
                with connection:
                    assert connection.read().status == 200
            passes_again(site)


def limited(by: str, *paths: Object, **more: str) -> Object:
    """Return an Ingress that takes two requests of each client, and the third in a minute only."""
    given = {"limit_rpm": "1", "limit_burst_multiplier": "1", **more}
    notes = {PREFIX + name.replace("_", "-"): value for name, value in given.items()}
    notes[OWN_PREFIX + "limit-by"] = by
    return ingress("web", rule("a.test", *(paths or (prefix("/", "a"),))), annotations=notes)


def key(value: str) -> bytes:
    return f"X-Api-Key: {value}".encode()


def test_each_value_of_a_header_has_a_count_of_its_own(nginx: Nginx) -> None:
    with serving(nginx, [limited("header:X-Api-Key")]) as site:
        assert [status(site, key("one")) for _ in range(4)] == [200, 200, 503, 503]
        assert [status(site, key("two")) for _ in range(3)] == [200, 200, 503]
        assert status(site, key("One")) == 200, "the case of a value counts"
        assert status(site, b"x_api_key: one", key("four")) == 200
        answers = [status(site, key("five"), source=source) for source in (HERE, THERE, HERE)]
        assert answers == [200, 200, 503], "one value over two addresses"


def test_without_the_header_the_address_counts(nginx: Nginx) -> None:
    with serving(nginx, [limited("header:X-Api-Key")]) as site:
        bare = [(), (key(""),), (key("  "),), (b"X-Api: x",), (key("k" * (LONGEST_KEY + 1)),)]
        answers = [status(site, *lines) for lines in bare]
        assert answers == [200, 200, 503, 503, 503]
        assert status(site, source=THERE) == 200
        assert status(site, key("k" * LONGEST_KEY)) == 200
        # Whoever sends an address as a key is not that address.
        named = [key(text) for text in (HERE, "a\x7f", THERE)]
        assert [status(site, line) for line in named] == [200] * 3
        assert [status(site, source=THERE) for _ in range(2)] == [200, 503]


def test_a_value_that_is_too_long_takes_no_captures_away(nginx: Nginx) -> None:
    path = specific("/x(/|$)(.*)", "a")
    more = {"rewrite_target": "/$2", "x_forwarded_prefix": "/x$1", "use_regex": "true"}
    for by, line in (
        ("header:X-Api-Key", key("k" * 4000)),
        ("cookie:connect.sid", b"Cookie: a=b; connect.sid=c"),
    ):
        with serving(nginx, [limited(by, path, **more)]) as site:
            story = ask(site, "/x/y", line).json()["request"]
            assert story["target"] == "/y"
            sent = {name.lower(): value for name, value in story["headers"]}
            assert sent["x-forwarded-prefix"] == "/x/"


@pytest.mark.parametrize("name", ["session", "connect.sid", "__Host-sid"])
def test_each_value_of_a_cookie_has_a_count_of_its_own(nginx: Nginx, name: str) -> None:
    def cookie(value: str) -> bytes:
        return f"Cookie: theme=dark; {name}={value}; x{name}=other".encode()

    with serving(nginx, [limited(f"cookie:{name}")]) as site:
        assert [status(site, cookie("one")) for _ in range(3)] == [200, 200, 503]
        assert status(site, cookie("two")) == 200
        assert [status(site, cookie("two"), source=THERE) for _ in range(2)] == [200, 503]
        bare = [(), (cookie(""),), (f"Cookie: x{name}=one".encode(),)]
        assert [status(site, *lines) for lines in bare] == [200, 200, 503]


def test_with_the_address_new_values_gain_nothing(nginx: Nginx) -> None:
    with serving(nginx, [limited("header:X-Api-Key+ip")]) as site:
        answers = [status(site, key(f"new{n}")) for n in range(5)]
        assert answers == [200, 200, 503, 503, 503]
        assert [status(site, key("new4"), source=THERE) for _ in range(2)] == [200, 200]
        assert status(site, key("new4"), source="127.0.0.3") == 503, "the value is used up"
        # What the address has refused has no count: nobody fills a zone with values.
        assert status(site, key("new3"), source="127.0.0.4") == 200
        assert status(site, key("new3"), source="127.0.0.5") == 200


@pytest.mark.parametrize(
    ("by", "forgotten"), [("header:X-Api-Key", True), ("header:X-Api-Key+ip", False)]
)
def test_a_flood_of_values_takes_counts_away_but_not_with_the_address(
    nginx: Nginx, by: str, forgotten: bool
) -> None:
    room = 2600  # of the longest values in a zone, at most
    with serving(nginx, [limited(by)]) as site:
        assert [status(site, key("one"), source=THERE) for _ in range(3)] == [200, 200, 503]
        for first in range(0, room, 200):
            with Connection(site.http) as connection:
                for number in range(first, first + 200):
                    line = key(f"{number}".ljust(LONGEST_KEY, "k"))
                    connection.request(get("/", "a.test", line))
        again = status(site, key("one"), source="127.0.0.3")
        assert again == (200 if forgotten else 503)


def test_of_two_headers_of_a_name_older_nginx_takes_the_first(nginx: Nginx) -> None:
    with serving(nginx, [limited("header:X-Api-Key")]) as site:
        assert [status(site, key("one"), key("two")) for _ in range(3)] == [200, 200, 503]
        joined = nginx.build.version >= (1, 23, 0)
        assert status(site, key("one")) == (200 if joined else 503)
        assert status(site, key("one, two")) == (503 if joined else 200)
        assert status(site, key("two")) == 200


@pytest.mark.parametrize("by", ["header:X-Api-Key", "header:X-Api-Key+ip"])
def test_who_is_exempt_has_no_limit_of_a_value_either(nginx: Nginx, by: str) -> None:
    with serving(nginx, [limited(by, limit_whitelist="127.0.0.9")]) as site:
        assert {status(site, key("one"), source="127.0.0.9") for _ in range(20)} == {200}
        assert [status(site, key("one")) for _ in range(3)] == [200, 200, 503]


def test_each_ingress_counts_a_value_for_itself(nginx: Nginx) -> None:
    first = limited("header:X-Api-Key", prefix("/a", "a"))
    other = limited("header:X-Api-Key", prefix("/b", "a"), limit_burst_multiplier="3")
    other["metadata"]["name"] = "other"
    third = web("/c", name="third", limit_rpm="1", limit_burst_multiplier="1")
    with serving(nginx, [first, other, third]) as site:
        assert [status(site, key("one"), target="/a") for _ in range(3)] == [200, 200, 503]
        assert [status(site, key("one"), target="/b") for _ in range(5)] == [200] * 4 + [503]
        assert [status(site, key(str(n)), target="/c") for n in range(3)] == [200, 200, 503]


def test_connections_of_each_value(nginx: Nginx) -> None:
    with slow_backend() as (port, go, arrived):
        asked = limited("header:X-Api-Key", limit_rpm="0", limit_connections="1")
        others = [service("a", 80), endpoint_slice("a", HERE, port=port)]
        with serving(nginx, [asked, *others], echo=False) as site:
            waiting = []
            for value in ("one", "two"):
                waiting.append(Connection(site.http))
                waiting[-1].send(get("/", "a.test", key(value)))
                assert arrived.acquire(timeout=5)
            assert status(site, key("one"), source=THERE) == 503
            go.set()
            for connection in waiting:
                with connection:
                    assert connection.read().status == 200
            passes_again(site, key("one"))


@pytest.mark.parametrize(("by", "variable"), [("", "http_x_client"), ("ip", "binary_remote_addr")])
def test_an_ingress_has_its_own_key_before_the_configmaps(by: str, variable: str) -> None:
    asked = limited(by) if by else web(limit_rpm="1")
    settings = config_map("settings", {"limit-conn-zone-variable": "$http_x_client"})
    result = ingc.compile([asked, settings], options=ingc.Options(configmap="default/settings"))
    assert result.ir is not None
    (route,) = [route for host in result.ir.hosts for route in host.routes]
    limits = route.feature(Limits)
    assert limits is not None
    assert limits.by == variable
