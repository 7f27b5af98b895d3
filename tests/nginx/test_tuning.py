"""How requests are passed on, as the annotations of "Proxying" ask, with real backends."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from ingc.nginx import Nginx, free_port
from ingc.target import PROXY_HTTP_2
from tests.nginx.backend import Backend
from tests.nginx.bare import bare
from tests.nginx.harness import Site, serving
from tests.nginx.scripted import Scripted, answering, head_of, silent
from tests.nginx.wire import Connection, fetch, get
from tests.objects import endpoint_slice, ingress, prefix, rule, service, specific

PREFIX = "nginx.ingress.kubernetes.io/"
MEGABYTE = 1 << 20
MORE_THAN_SOCKETS_HOLD = 32 * MEGABYTE


@contextlib.contextmanager
def annotated(nginx: Nginx, ports: list[int], **annotations: str) -> Iterator[Site]:
    """Serve a.test with annotations (``_`` for ``-``) from endpoints at ports of the loopback."""
    given = {PREFIX + name.replace("_", "-"): text for name, text in annotations.items()}
    objects = [
        ingress("web", rule("a.test", prefix("/", "web")), annotations=given),
        service("web", 80),
        *(
            endpoint_slice("web", "127.0.0.1", port=port, name=f"web-{number}")
            for number, port in enumerate(ports)
        ),
    ]
    with serving(nginx, objects, echo=False) as site:
        yield site


def post(size: int) -> bytes:
    return get("/", "a.test", method=b"POST", body=bytes(size))


def response(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.mark.parametrize(
    ("size", "body", "status"),
    [
        ("2k", 2048, 200),
        ("2k", 2049, 413),
        ("2m", 2 * MEGABYTE, 200),
        ("0", 2 * MEGABYTE, 200),
        ("", MEGABYTE, 200),
        ("", MEGABYTE + 1, 413),
    ],
)
def test_a_body_above_proxy_body_size_is_413(
    nginx: Nginx, size: str, body: int, status: int
) -> None:
    with Backend("one") as one, annotated(nginx, [one.port], proxy_body_size=size) as site:
        assert fetch(site.http, post(body)).status == status
        assert [request.body_bytes for request in one.requests] == [body] * (status == 200)


@pytest.mark.parametrize(("size", "to_a_file"), [("8k", True), ("16k", False)])
def test_a_body_that_the_buffer_holds_needs_no_file(
    nginx: Nginx, size: str, to_a_file: bool
) -> None:
    with Backend("one") as one, annotated(nginx, [one.port], client_body_buffer_size=size) as site:
        assert fetch(site.http, post(12 * 1024)).status == 200
        told = any(b"buffered to a temporary file" in line for line in site.log(1, "error.log"))
        assert told == to_a_file


def test_a_backend_that_does_not_answer_is_504(nginx: Nginx) -> None:
    with Scripted(silent) as back, annotated(nginx, [back.port], proxy_read_timeout="1") as site:
        begun = time.monotonic()
        assert site.ask("a.test", "/").status == 504
        assert 0.9 < time.monotonic() - begun < 5


def test_a_backend_that_does_not_read_is_504(nginx: Nginx) -> None:
    asked = {"proxy_send_timeout": "1", "proxy_body_size": "0"}
    stop = threading.Event()

    def deaf(connection: socket.socket) -> None:
        stop.wait(10)

    with Scripted(deaf) as back, annotated(nginx, [back.port], **asked) as site:
        assert fetch(site.http, post(MORE_THAN_SOCKETS_HOLD)).status == 504
        stop.set()


def test_a_connection_that_is_not_made_is_504(nginx: Nginx) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        try:
            with annotated(nginx, [port], proxy_connect_timeout="1") as site:
                begun = time.monotonic()
                assert site.ask("a.test", "/").status == 504
                assert 0.9 < time.monotonic() - begun < 4
        finally:
            for one in waiting:
                one.close()


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        ({}, False),
        ({"proxy_buffering": "on"}, True),
        ({"proxy_buffering": "on", "proxy_max_temp_file_size": "0"}, False),
    ],
)
def test_an_answer_is_taken_at_once_only_with_buffering(
    nginx: Nginx, asked: dict[str, str], taken: bool
) -> None:
    """The client reads nothing: is nginx done with the backend all the same?"""
    done = threading.Event()

    def talkative(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(response(bytes(MORE_THAN_SOCKETS_HOLD)))
        done.set()

    with (
        Scripted(talkative) as back,
        annotated(nginx, [back.port], **asked) as site,
        Connection(site.http) as client,
    ):
        client.send(get("/", "a.test"))
        assert done.wait(10 if taken else 1) == taken
        assert len(client.read().body) == MORE_THAN_SOCKETS_HOLD


@pytest.mark.parametrize("buffering", ["on", "off"])
def test_a_backend_is_asked_before_the_body_is_there_only_without_buffering(
    nginx: Nginx, buffering: str
) -> None:
    asked = threading.Event()

    def noting(connection: socket.socket) -> None:
        if head_of(connection):
            asked.set()
        answering(response(b"x"))(connection)

    with (
        Scripted(noting) as back,
        annotated(nginx, [back.port], proxy_request_buffering=buffering) as site,
        Connection(site.http) as client,
    ):
        whole = post(1000)
        client.send(whole[:-500])
        assert asked.wait(10 if buffering == "off" else 0.5) == (buffering == "off")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 502),
        ({"proxy_buffer_size": "8k"}, 200),
        ({"proxy_buffer_size": "8k", "proxy_buffers_number": "3"}, 200),
        ({"proxy_buffer_size": "16k", "proxy_busy_buffers_size": "16k"}, 200),
    ],
)
def test_the_headers_of_an_answer_must_fit_into_one_buffer(
    nginx: Nginx, asked: dict[str, str], status: int
) -> None:
    large = response(b"x", "X-Large: " + "x" * 6000)
    with Scripted(answering(large)) as back, annotated(nginx, [back.port], **asked) as site:
        assert site.ask("a.test", "/").status == status


@pytest.mark.parametrize(
    ("asked", "cookie"),
    [
        ({}, "a=b; Domain=back.local; Path=/app/x"),
        (
            {"proxy_cookie_domain": "back.local shop.test"},
            "a=b; Domain=shop.test; Path=/app/x",
        ),
        ({"proxy_cookie_path": "/app/ /"}, "a=b; Domain=back.local; Path=/x"),
        ({"proxy_cookie_path": "/other/ /"}, "a=b; Domain=back.local; Path=/app/x"),
        (
            {"proxy_cookie_domain": "off", "proxy_cookie_path": "off"},
            "a=b; Domain=back.local; Path=/app/x",
        ),
    ],
)
def test_cookies_are_rewritten(nginx: Nginx, asked: dict[str, str], cookie: str) -> None:
    headers = "Set-Cookie: a=b; Domain=back.local; Path=/app/x\r\n"
    with Backend("one", headers=headers) as one, annotated(nginx, [one.port], **asked) as site:
        assert site.ask("a.test", "/").header("Set-Cookie") == cookie


@pytest.mark.parametrize(
    ("before", "after", "location"),
    [
        ("http://", "https://", "https://back.local/app/x"),
        ("http://back.local/app/", "/", "http://a.test/x"),
        ("http://other.local/", "/", "http://back.local/app/x"),
        ("default", "", "http://back.local/app/x"),
        ("default", "http://other.local/", "http://back.local/app/x"),
        ("off", "", "http://back.local/app/x"),
    ],
)
def test_redirects_of_the_backend_are_rewritten(
    nginx: Nginx, before: str, after: str, location: str
) -> None:
    headers = "Location: http://back.local/app/x\r\n"
    asked = {"proxy_redirect_from": before, "proxy_redirect_to": after}
    with Backend("one", headers=headers) as one, annotated(nginx, [one.port], **asked) as site:
        assert site.ask("a.test", "/").header("Location") == location


def test_a_rewritten_path_is_completed_with_the_port_only_where_asked(nginx: Nginx) -> None:
    headers = "Location: http://back.local/app/x\r\n"
    asked = {"proxy_redirect_from": "http://back.local/", "proxy_redirect_to": "/"}
    with (
        Backend("one", headers=headers) as one,
        annotated(nginx, [one.port], **asked, use_port_in_redirects="true") as site,
    ):
        port = site.http[1] if isinstance(site.http, tuple) else None
        assert site.ask("a.test", "/").header("Location") == f"http://a.test:{port}/app/x"


def statuses(site: Site, data: bytes) -> set[int]:
    return {fetch(site.http, data).status for _ in range(12)}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {200}),
        ({"proxy_next_upstream_tries": "1"}, {200, 502}),
        ({"proxy_next_upstream": "off"}, {200, 502}),
        ({"proxy_next_upstream": "http_503"}, {200, 502}),
        ({"proxy_next_upstream": "error"}, {200}),
    ],
)
def test_a_dead_endpoint_is_passed_over(
    nginx: Nginx, asked: dict[str, str], found: set[int]
) -> None:
    with Backend("one") as one, annotated(nginx, [one.port, free_port()], **asked) as site:
        assert statuses(site, get("/", "a.test")) == found


@pytest.mark.parametrize(
    ("reasons", "got", "posted"),
    [
        ("error timeout", {200, 503}, {200, 503}),
        ("error http_503", {200}, {200, 503}),
        ("error http_503 non_idempotent", {200}, {200}),
    ],
)
def test_what_is_tried_again(nginx: Nginx, reasons: str, got: set[int], posted: set[int]) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with (
        Backend("one") as one,
        Scripted(answering(busy)) as two,
        annotated(nginx, [one.port, two.port], proxy_next_upstream=reasons) as site,
    ):
        assert statuses(site, get("/", "a.test")) == got
        assert statuses(site, post(1)) == posted


@pytest.mark.parametrize(("limit", "tried"), [("0", 2), ("1", 1)])
def test_trying_again_ends_in_time(nginx: Nginx, limit: str, tried: int) -> None:
    asked = {"proxy_read_timeout": "1", "proxy_next_upstream_timeout": limit}
    with (
        Scripted(silent) as one,
        Scripted(silent) as two,
        annotated(nginx, [one.port, two.port], **asked) as site,
    ):
        assert site.ask("a.test", "/").status == 504
        assert one.connections + two.connections == tried


@pytest.mark.parametrize("value", ["close", "keep-alive"])
def test_the_connection_header(nginx: Nginx, value: str) -> None:
    with (
        Backend("one") as one,
        annotated(nginx, [one.port], connection_proxy_header=value) as site,
    ):
        assert site.ask("a.test", "/", b"Upgrade: websocket").status == 200
        assert one.requests[0].header("connection") == value
        assert one.requests[0].header("host") == "a.test"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_version_that_the_backend_is_asked_in(nginx: Nginx, version: str) -> None:
    with Backend("one") as one, annotated(nginx, [one.port], proxy_http_version=version) as site:
        assert site.ask("a.test", "/").status == 200
        assert one.requests[0].version == f"HTTP/{version}"


def test_http_2_to_the_backend(nginx: Nginx) -> None:
    if nginx.version < PROXY_HTTP_2:
        pytest.skip("this nginx has no proxy_http_version 2")
    port = free_port()
    answer = "$server_protocol [$http_connection] [$http_upgrade] $host"
    http = f'server {{ listen 127.0.0.1:{port}; http2 on; return 200 "{answer}"; }}\n'
    with bare(nginx, http), annotated(nginx, [port], proxy_http_version="2") as site:
        for headers in ((), (b"Connection: upgrade", b"Upgrade: websocket")):
            assert site.ask("a.test", "/", *headers).body == b"HTTP/2.0 [] [] a.test"


def seconds_for(nginx: Nginx, port: int, **asked: str) -> float:
    with annotated(nginx, [port], **asked) as site:
        begun = time.monotonic()
        assert site.ask("a.test", "/").status == 200
        return time.monotonic() - begun


@pytest.mark.parametrize("buffering", ["on", "off"])
def test_limit_rate_slows_an_answer_down_only_with_buffering(nginx: Nginx, buffering: str) -> None:
    with Scripted(answering(response(bytes(300 * 1024)))) as back:
        asked = {"proxy_buffering": buffering, "limit_rate": "100"}
        slow = seconds_for(nginx, back.port, **asked)
        late = seconds_for(nginx, back.port, **asked, limit_rate_after="250")
    if buffering == "on":
        assert slow > 1.5
        assert slow > 4 * late
    else:
        assert max(slow, late) < 1


def test_the_logs_of_paths(nginx: Nginx) -> None:
    objects = [
        ingress(
            "web",
            rule("a.test", specific("/quiet", "web")),
            annotations={PREFIX + "enable-access-log": "false"},
        ),
        ingress(
            "loud",
            rule("a.test", specific("/loud(.*)", "loud")),
            annotations={
                PREFIX + "enable-rewrite-log": "true",
                PREFIX + "rewrite-target": "/new$1",
            },
        ),
    ]
    with serving(nginx, objects) as site:
        for target in ("/quiet/1", "/loud/2", "/quiet/3", "/loud/4"):
            assert site.ask("a.test", target).status == 200
        assert len(site.log_entries(2)) == 2
        rewrites = [line for line in site.log(1, "error.log") if b"rewritten data" in line]
        assert len(rewrites) == 2, rewrites
