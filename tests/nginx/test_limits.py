"""Limits on real nginx."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ingc.nginx import Nginx
from tests.nginx.harness import serving
from tests.nginx.test_access import HERE, PREFIX, THERE, ask, status, web
from tests.nginx.wire import Connection, get
from tests.objects import endpoint_slice, ingress, prefix, rule, service


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
            assert status(site) == 200
