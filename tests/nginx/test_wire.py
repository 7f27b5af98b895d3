"""The raw client itself, against bytes."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.nginx.wire import Connection, Unanswered, fetch, get, parse, raw_request

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\nx-a:\t2 \r\n\r\n"
    b"3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
)
SIZED = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_parses_several() -> None:
    first, second, third = parse(CHUNKED + SIZED + EMPTY)
    assert (first.status, first.reason, first.body) == (200, "OK", b"abc0123456789")
    assert (first.header("x-a"), first.all("X-A")) == ("1", ["1", "2"])
    assert (second.status, second.body, second.raw) == (404, b"no", SIZED)
    assert (third.status, third.body) == (204, b"")


def test_a_body_until_the_end_and_one_for_head() -> None:
    assert parse(b"HTTP/1.0 200 OK\r\n\r\nall of it")[0].body == b"all of it"
    assert [r.body for r in parse(SIZED[:-2] * 2, "HEAD")] == [b"", b""]


@pytest.mark.parametrize("data", [b"junk\r\n\r\n", SIZED[:-1], CHUNKED[:-20], b"HTTP/1.1 200"])
def test_what_is_cut_off_or_no_http_is_told(data: bytes) -> None:
    with pytest.raises(Unanswered):
        parse(data)


def test_reads_as_many_as_asked_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        path = tmp_path / "s"
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            for _ in range(3):
                with listener.accept()[0] as peer:
                    peer.recv(65536)
                    peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED + EMPTY)

        thread = threading.Thread(target=serve)
        thread.start()
        assert raw_request(path, get("/"), count=2) == SIZED + EMPTY
        assert fetch(path, get("/")).body == b"no"
        with Connection(path) as connection:
            connection.send(get("/"))
            assert [connection.read().status, connection.read().status] == [404, 204]
            assert connection.ended()
        thread.join()


def test_writes_requests_as_they_are() -> None:
    assert get("/p//x/../%2F?z\xe9", None) == b"GET /p//x/../%2F?z\xe9 HTTP/1.1\r\n\r\n"
    assert get("/", "a", b"X: 1", method=b"POST", body=b"hi") == (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nX: 1\r\n\r\nhi"
    )
