"""The responder alone, on the wire."""

from __future__ import annotations

import contextlib
import socket
import stat
import threading
from pathlib import Path

import pytest

from ingc.serve.echo import Responder
from tests.nginx.wire import Connection, Response, fetch, get
from tests.serve.conftest import ROUTE


def ask(address: Path, data: bytes) -> Response:
    response = fetch(address, data)
    assert response.status == 200, response
    assert response.header("content-type") == "application/json"
    return response


def test_tells_what_was_reached_and_what_arrived(echo: Path) -> None:
    response = ask(
        echo,
        b"GET /p//x/../%2F?z HTTP/1.1\r\nhOST:  a \r\nX-Ingc-Upstream: shop_web_80\r\n"
        b"X-Twice: 1\r\nx-ingc-route: " + ROUTE.encode() + b"\r\nX-Twice:\r\n\r\n",
    )
    assert response.json() == {
        "service": "shop/web",
        "port": "80",
        "ingress": "shop/front",
        "rule": "spec.rules[0].http.paths[1]",
        "request": {
            "method": "GET",
            "target": "/p//x/../%2F?z",
            "version": "HTTP/1.1",
            "headers": [["hOST", "a"], ["X-Twice", "1"], ["X-Twice", ""]],
            "body_bytes": 0,
        },
    }
    assert list(response.json()) == ["service", "port", "ingress", "rule", "request"]
    assert b'\n  "service": "shop/web",\n' in response.body


def test_what_is_not_known_is_null(echo: Path) -> None:
    story = ask(echo, get("/", "a", b"X-Ingc-Upstream: other")).json()
    assert [story[key] for key in ("service", "port", "ingress", "rule")] == [None] * 4
    assert ask(echo, get("/")).json()["service"] is None


def test_describe_changes_while_it_runs(responder: Responder, echo: Path) -> None:
    with Connection(echo) as connection:
        request = get("/", "a", b"X-Ingc-Upstream: up")
        assert connection.request(request).json()["service"] is None
        responder.describe = lambda name: {"service": f"ns/{name}", "port": "http"}
        assert connection.request(request).json()["service"] == "ns/up"


def test_bytes_that_are_not_ascii_come_out_escaped(echo: Path) -> None:
    response = ask(echo, get(b"/\xc3\xa9\xff\x01 <", b"h\xe9", b"X-\xe4: \xf6"))
    request = response.json()["request"]
    assert request["target"].encode("latin-1") == b"/\xc3\xa9\xff\x01 <"
    assert request["headers"][0] == ["Host", "h\xe9"]
    assert request["headers"][1] == ["X-\xe4", "\xf6"]
    assert response.body.isascii()


def test_any_method_and_head_without_a_body(echo: Path) -> None:
    with Connection(echo) as connection:
        size = connection.request(get("/", "a", method=b"HEAD")).header("content-length")
        assert int(size or 0) > 100
        for method in (b"DELETE", b"PROPFIND", b"M-SEARCH", b"OPTIONS"):
            told = connection.request(get("/", "a", method=method)).json()
            assert told["request"]["method"] == method.decode()


def test_bodies_are_counted(echo: Path) -> None:
    big = b"x" * 3_000_000
    with Connection(echo) as connection:
        sized = connection.request(get("/", "a", method=b"POST", body=big)).json()
        assert sized["request"]["body_bytes"] == 3_000_000
        chunked = get("/", "a", b"Transfer-Encoding: chunked", method=b"PUT")
        chunked += b"3\r\nabc\r\n000A;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n"
        assert connection.request(chunked).json()["request"]["body_bytes"] == 13
        assert connection.request(get("/last")).json()["request"]["target"] == "/last"


def test_a_client_that_waits_for_100_gets_it(echo: Path) -> None:
    with Connection(echo) as connection:
        connection.send(get("/", "a", b"Expect: 100-continue", b"Content-Length: 2", method=b"PUT"))
        assert connection.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(b"hi")
        assert connection.read().json()["request"]["body_bytes"] == 2


def test_pipelined_requests_are_answered_in_order(echo: Path) -> None:
    with Connection(echo) as connection:
        connection.send(b"".join(get(f"/{number}") for number in range(50)))
        targets = [connection.read().json()["request"]["target"] for _ in range(50)]
    assert targets == [f"/{number}" for number in range(50)]


@pytest.mark.parametrize(
    ("request_", "keeps"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", True),
    ],
)
def test_keepalive(echo: Path, request_: bytes, keeps: bool) -> None:
    with Connection(echo, timeout=2) as connection:
        response = connection.request(request_)
        assert response.status == 200
        assert response.header("connection") == ("keep-alive" if keeps else "close")
        if keeps:
            assert connection.request(request_).status == 200
        else:
            assert connection.ended()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\xff\xfe\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b" / HTTP/1.1\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n: v\r\n\r\n", 400),
        (b"PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
        (b"PUT / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n", 413),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 300_000 + b"\r\n", 431),
        (b"GET /" + b"a" * 1_100_000, 431),
    ],
)
def test_what_is_no_request_is_refused(echo: Path, data: bytes, status: int) -> None:
    with Connection(echo) as connection:
        with contextlib.suppress(BrokenPipeError):  # refused before all was sent
            connection.send(data)
        response = connection.read()
        assert response.status == status
        assert response.json()["error"]
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.ended()
    assert fetch(echo, get("/")).status == 200


@pytest.mark.parametrize("data", [b"", b"GET", b"GET / HTTP/1.1\r\nHost", b"GET / HTTP/1.1\r\n"])
def test_a_client_that_goes_away_does_no_harm(echo: Path, data: bytes) -> None:
    with Connection(echo) as connection:
        connection.send(data)
    assert fetch(echo, get("/")).status == 200


def test_many_clients_at_once(echo: Path) -> None:
    failures: list[Exception] = []

    def client(name: int) -> None:
        try:
            with Connection(echo) as connection:
                for number in range(50):
                    told = connection.request(get(f"/{name}/{number}")).json()
                    assert told["request"]["target"] == f"/{name}/{number}"
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(name,)) for name in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_stopping_ends_open_connections_and_leaves_nothing(prefix: Path) -> None:
    threads = threading.active_count()
    responder = Responder(prefix / "echo.sock")
    responder.start()
    assert responder.address == f"unix:{prefix}/echo.sock"
    with Connection(prefix / "echo.sock") as idle, Connection(prefix / "echo.sock") as used:
        used.request(get("/"))
        responder.stop()
        responder.stop()
        assert idle.ended()
        assert used.ended()
    assert threading.active_count() == threads
    assert list(prefix.iterdir()) == []


def test_a_socket_file_of_an_earlier_run_is_replaced(prefix: Path) -> None:
    path = prefix / "echo.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with Responder(path):
        assert fetch(path, get("/")).status == 200
        assert stat.S_IMODE(path.stat().st_mode) == 0o666


def test_another_file_in_its_place_is_kept(prefix: Path) -> None:
    path = prefix / "echo.sock"
    path.write_text("mine")
    with pytest.raises(OSError, match="Address already in use"):
        Responder(path).start()
    assert path.read_text() == "mine"


def test_a_path_that_is_too_long_is_told(prefix: Path) -> None:
    with pytest.raises(OSError, match="at most 103 bytes"):
        Responder(prefix / ("x" * 120)).start()


def test_on_tcp(prefix: Path) -> None:
    with Responder() as responder:
        host, _, port = responder.address.partition(":")
        assert host == "127.0.0.1"
        assert fetch((host, int(port)), get("/tcp")).json()["request"]["target"] == "/tcp"
        with pytest.raises(OSError, match="in use"):
            Responder(port=int(port)).start()
    with Responder(port=int(port)):
        assert fetch(("127.0.0.1", int(port)), get("/")).status == 200


def test_nothing_is_printed(echo: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fetch(echo, get("/"))
    fetch(echo, b"junk\r\n\r\n")
    assert capfd.readouterr() == ("", "")
