"""Addresses, passwords and limits, as real nginx keeps them."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ingc.nginx import Nginx
from tests.nginx.harness import Site, serving
from tests.nginx.objects import Object, endpoint_slice, ingress, prefix, rule, service
from tests.nginx.wire import Connection, Response, get

PREFIX = "nginx.ingress.kubernetes.io/"
HERE, THERE = "127.0.0.1", "127.0.0.2"
APR1 = b"apr:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"
CRYPT = (
    b"crypt:$6$ab$2lDVylRMp48hlYZZFOCx/xnhJEsGPynJ17rt2um9Gb8wX6ygI4uDxg3Bg43pp/"
    b"Hv397hwWfT8mciHws9eE4sR/"
)
SSHA = b"ssha:{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0"
PLAIN = b"plain:{PLAIN}secret"


def web(*paths: str, host: str = "a.test", name: str = "web", **annotations: str) -> Object:
    """Return an Ingress with annotations; ``_`` in their names stands for ``-``."""
    given = {PREFIX + key.replace("_", "-"): value for key, value in annotations.items()}
    return ingress(
        name, rule(host, *(prefix(path, "a") for path in paths or ("/",))), annotations=given
    )


def secret_of(name: str, **data: bytes) -> Object:
    """Return a Secret."""
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded}


def ask(
    site: Site, target: str = "/", *headers: bytes, source: str = HERE, host: str = "a.test"
) -> Response:
    with Connection(site.http, source=source) as connection:
        return connection.request(get(target, host, *headers))


def login(user: str, password: str) -> bytes:
    return b"Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode())


def status(site: Site, *headers: bytes, source: str = HERE, target: str = "/") -> int:
    return ask(site, target, *headers, source=source).status


@pytest.mark.parametrize(
    ("lists", "here", "there"),
    [
        ({"allowlist_source_range": "127.0.0.1"}, 200, 403),
        ({"whitelist_source_range": "127.0.0.2/32, 10.0.0.0/8"}, 403, 200),
        ({"denylist_source_range": "127.0.0.2"}, 200, 403),
        ({"allowlist_source_range": "127.0.0.0/8", "denylist_source_range": HERE}, 403, 200),
        ({"allowlist_source_range": HERE, "denylist_source_range": "127.0.0.0/8"}, 403, 403),
        ({"allowlist_source_range": "127.0.0.3/8"}, 200, 200),
        ({"allowlist_source_range": "::1"}, 403, 403),
    ],
)
def test_what_is_denied_counts_before_what_is_allowed(
    nginx: Nginx, lists: dict[str, str], here: int, there: int
) -> None:
    with serving(nginx, [web(**lists)]) as site:
        assert status(site, source=HERE) == here
        assert status(site, source=THERE) == there


@pytest.mark.parametrize("value", ["", " ", "10.0.0.0/33", "127.0.0.1,nobody", "127.0.0.1,"])
@pytest.mark.parametrize("name", ["allowlist_source_range", "denylist_source_range"])
def test_a_bad_list_lets_nobody_pass(nginx: Nginx, name: str, value: str) -> None:
    with serving(nginx, [web(**{name: value})], on_error="isolate") as site:
        assert status(site) == 503


USERS = secret_of("users", auth=b"\n".join((b"# staff", APR1, CRYPT, SSHA, PLAIN, b"")))
BASIC = {"auth_type": "basic", "auth_secret": "users", "auth_realm": "Staff only"}


def test_a_password_is_asked_for_and_kept_from_the_backend(nginx: Nginx) -> None:
    with serving(nginx, [web(**BASIC), USERS]) as site:
        refused = ask(site)
        assert refused.status == 401
        assert refused.header("WWW-Authenticate") == 'Basic realm="Staff only"'
        for user in ("apr", "crypt", "ssha", "plain"):
            assert status(site, login(user, "secret")) == 200, user
            assert status(site, login(user, "Secret")) == 401, user
            assert status(site, login(user, "")) == 401, user
        for user in ("", "# staff", "nobody", "apr1"):
            assert status(site, login(user, "secret")) == 401, user
        told = site.received("a.test", "/", login("apr", "secret"))
        assert "authorization" not in {name.lower() for name, _ in told["headers"]}


def test_without_a_realm_it_is_empty(nginx: Nginx) -> None:
    asked = {**BASIC, "auth_realm": ""}
    with serving(nginx, [web(**asked), USERS]) as site:
        refused = ask(site)
        assert (refused.status, refused.header("WWW-Authenticate")) == (401, 'Basic realm=""')


def test_a_map_has_a_key_for_each_user(nginx: Nginx) -> None:
    users = secret_of("users", anna=APR1[4:] + b"\n", bert=b"{PLAIN}secret", cleo=b"unknown")
    asked = {**BASIC, "auth_secret_type": "auth-map", "auth_secret": "default/users"}
    with serving(nginx, [web(**asked), users]) as site:
        assert status(site) == 401
        assert status(site, login("anna", "secret")) == 200
        assert status(site, login("bert", "secret")) == 200
        assert status(site, login("cleo", "unknown")) == 401
        assert status(site, login("anna", "wrong")) == 401


def test_paths_of_acme_challenges_are_open(nginx: Nginx) -> None:
    challenge = "/.well-known/acme-challenge"
    with serving(nginx, [web("/", challenge, **BASIC), USERS]) as site:
        assert status(site, target=challenge + "/token") == 200
        assert status(site, target=challenge) == 200
        assert status(site, target=challenge + "s") == 401
        assert status(site, target="/.well-known") == 401
        assert status(site, target=challenge + "/../x") == 401


@pytest.mark.parametrize("value", ["any", "all"])
def test_satisfy_any_takes_the_address_or_the_password(nginx: Nginx, value: str) -> None:
    asked = {**BASIC, "satisfy": value, "allowlist_source_range": HERE}
    with serving(nginx, [web(**asked), USERS]) as site:
        one = 200 if value == "any" else 401
        assert status(site) == one
        assert status(site, login("apr", "secret")) == 200
        assert status(site, login("apr", "secret"), source=THERE) == (200 if one == 200 else 403)
        assert status(site, source=THERE) == (401 if one == 200 else 403)


@pytest.mark.parametrize(
    "change",
    [
        {"auth_type": "digest"},
        {"auth_type": "none"},
        {"auth_type": ""},
        {"auth_secret": "missing"},
        {"auth_secret": "other/users"},
        {"auth_secret": ""},
        {"auth_secret_type": "file"},
        {"auth_realm": "off"},
        {"auth_realm": "OFF"},
        {"auth_secret": "empty"},
        {"auth_secret": "nobody"},
    ],
    ids=str,
)
def test_what_can_not_be_protected_answers_503(nginx: Nginx, change: dict[str, str]) -> None:
    elsewhere = secret_of("users", auth=PLAIN)
    elsewhere["metadata"]["namespace"] = "other"
    others = [USERS, elsewhere, secret_of("empty", x=PLAIN), secret_of("nobody", auth=b"x:y\n")]
    site_of = [web(**{**BASIC, **change}), web(host="b.test", name="b"), *others]
    with serving(nginx, site_of, on_error="isolate") as site:
        assert status(site) == 503
        assert status(site, login("plain", "secret")) == 503
        assert ask(site, host="b.test").status == 200


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
