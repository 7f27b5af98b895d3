"""Backends: endpoints that are reached for real, those that are not there, sockets kept open."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from websockets.sync.client import connect
from websockets.sync.server import Server, ServerConnection, serve

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.bare import Talk
from tests.nginx.dns import NameServer
from tests.nginx.harness import Site, serving
from tests.nginx.wire import get
from tests.objects import Object, endpoint, endpoint_slice, exact, ingress, prefix, rule, service

WEB = ingress("web", rule("a.test", prefix("/", "web")))


def slice_of(backend: Backend, of: str = "web") -> Object:
    """Return an EndpointSlice with a backend as its only endpoint."""
    return endpoint_slice(of, backend.address, port=backend.port)


def answers(site: Site, count: int, target: str = "/") -> Counter[str]:
    """Ask several times over one connection; return how often each backend answered."""
    with Talk(site.http) as talk:
        responses = [talk.ask(get(target, "a.test")) for _ in range(count)]
    assert {response.status for response in responses} == {200}
    return Counter(response.body.decode() for response in responses)


def test_an_endpoint_on_the_loopback_is_reached(nginx: Nginx) -> None:
    with (
        Backend("one") as one,
        serving(nginx, [WEB, service("web", 80), slice_of(one)], echo=False) as site,
    ):
        assert answers(site, 3) == {"one": 3}
        assert one.requests[0].target == "/"


def test_requests_go_round_all_endpoints(nginx: Nginx) -> None:
    with (
        Backend("one") as one,
        Backend("two") as two,
        serving(nginx, [WEB, service("web", 80), slice_of(one), slice_of(two)], echo=False) as site,
    ):
        # Each of nginx's two workers goes round on its own.
        assert answers(site, 20) == {"one": 10, "two": 10}


def test_an_ipv6_endpoint(nginx: Nginx) -> None:
    try:
        six = Backend("six", "::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with six, serving(nginx, [WEB, service("web", 80), slice_of(six)], echo=False) as site:
        assert answers(site, 2) == {"six": 2}


def test_only_ready_endpoints(nginx: Nginx) -> None:
    dead = endpoint("127.0.0.2", ready=False)
    with Backend("one") as one:
        mixed = endpoint_slice("web", endpoint("127.0.0.1", ready=True), dead, port=one.port)
        with serving(nginx, [WEB, service("web", 80), mixed], echo=False) as site:
            assert answers(site, 6) == {"one": 6}
            assert [u.endpoints[0].address for u in site.config.upstreams] == ["127.0.0.1"]


def test_a_serving_terminating_endpoint_where_none_is_ready(nginx: Nginx) -> None:
    with Backend("last") as last:
        ending = endpoint("127.0.0.1", ready=False, serving=True, terminating=True)
        found = endpoint_slice("web", ending, port=last.port)
        with serving(nginx, [WEB, service("web", 80), found], echo=False) as site:
            assert answers(site, 2) == {"last": 2}


@pytest.mark.parametrize("missing", ["endpoints", "ready", "port"])
def test_no_endpoint_is_503(nginx: Nginx, missing: str) -> None:
    web = service("web", 80)
    found = {
        "endpoints": endpoint_slice("web", port=80),
        "ready": endpoint_slice("web", endpoint("127.0.0.1", ready=False), port=80),
        "port": endpoint_slice("web", "127.0.0.1", port=80, port_name="other"),
    }[missing]
    both = ingress("web", rule("a.test", prefix("/web/", "web"), prefix("/ok", "ok")))
    with Backend("ok") as ok:
        objects = [both, web, found, service("ok", 80), slice_of(ok, "ok")]
        with serving(nginx, objects, echo=False) as site:
            for target in ("/web", "/web/", "/web/x"):
                assert site.who("a.test", target) == "503"
            assert site.who("a.test", "/webx") == "404"
            assert answers(site, 1, "/ok") == {"ok": 1}


def test_a_port_that_the_service_does_not_have_is_503(nginx: Nginx) -> None:
    wrong = ingress("web", rule("a.test", prefix("/n", "web", 81), prefix("/s", "web", "admin")))
    with serving(nginx, [wrong, service("web", ("http", 80))], echo=False) as site:
        assert site.who("a.test", "/n") == "503"
        assert site.who("a.test", "/s") == "503"


def test_a_named_port_leads_to_the_slices_own_number(nginx: Nginx) -> None:
    named = ingress("web", rule("a.test", prefix("/", "web", "http")))
    with Backend("one") as one, Backend("two") as two:
        slices = [
            endpoint_slice("web", "127.0.0.1", port=item.port, port_name="http")
            for item in (one, two)
        ]
        with serving(nginx, [named, service("web", ("http", 80)), *slices], echo=False) as site:
            assert answers(site, 4) == {"one": 2, "two": 2}


def test_two_ports_of_one_service(nginx: Nginx) -> None:
    both = ingress("web", rule("a.test", prefix("/", "web", "http"), prefix("/admin", "web", 81)))
    with Backend("http") as http, Backend("admin") as admin:
        objects = [
            both,
            service("web", ("http", 80), ("admin", 81)),
            endpoint_slice("web", "127.0.0.1", port=http.port, port_name="http", name="a"),
            endpoint_slice("web", "127.0.0.1", port=admin.port, port_name="admin", name="b"),
        ]
        with serving(nginx, objects, echo=False) as site:
            assert answers(site, 2) == {"http": 2}
            assert answers(site, 2, "/admin") == {"admin": 2}


def test_a_dead_endpoint_is_passed_over(nginx: Nginx) -> None:
    """A connection that is refused is tried elsewhere, and the endpoint stays in the round."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Backend("one") as one:
        dead = endpoint_slice("web", "127.0.0.1", port=port)
        with serving(nginx, [WEB, service("web", 80), slice_of(one), dead], echo=False) as site:
            assert answers(site, 8) == {"one": 8}


def test_connections_to_a_backend_are_kept(nginx: Nginx) -> None:
    with (
        Backend("one") as one,
        serving(nginx, [WEB, service("web", 80), slice_of(one)], echo=False) as site,
    ):
        assert answers(site, 50) == {"one": 50}
        assert one.connections == 1
        assert all(received.header("connection") is None for received in one.requests)
        assert {received.version for received in one.requests} == {"HTTP/1.1"}


def test_the_backends_redirects_and_errors_pass_unchanged(nginx: Nginx) -> None:
    headers = "Location: http://web.default/x\r\nServer: mine\r\nX-Powered-By: tests\r\n"
    with (
        Backend("one", headers=headers) as one,
        serving(nginx, [WEB, service("web", 80), slice_of(one)], echo=False) as site,
    ):
        response = site.ask("a.test", "/")
        assert response.header("Location") == "http://web.default/x"
        assert response.header("X-Powered-By") == "tests"


def test_an_external_name_is_resolved_at_run_time(nginx: Nginx) -> None:
    """nginx starts though nobody knows the name yet, and follows it when it moves."""
    paths = ingress("web", rule("a.test", prefix("/x/", "web"), exact("/e/", "web")))
    with Backend("one") as one, NameServer({"db.example": "127.0.0.1"}) as names:
        outside = service("web", one.port, external_name="db.example")
        objects = [ingress_for_port(paths, one.port), outside]
        resolver = (f"127.0.0.1:{names.port}",)
        with serving(nginx, objects, echo=False, resolver=resolver) as site:
            assert answers_soon(site, "/x//y/../%2F?z")
            assert one.requests[-1].target == "/x//y/../%2F?z"
            assert one.requests[-1].header("host") == "a.test"
            assert site.ask("a.test", "/x").status == 200
            assert site.ask("a.test", "/e").status == 404
            assert site.ask("a.test", "/e/").status == 200


def test_a_rewritten_request_reaches_a_name_that_is_resolved_at_run_time(nginx: Nginx) -> None:
    """What sets the name stands before the rewrite, which ends all that sets something."""
    rewrite = {"nginx.ingress.kubernetes.io/rewrite-target": "/new/$1"}
    paths = ingress("web", rule("a.test", prefix("/x/(.*)", "web")), annotations=rewrite)
    with Backend("one") as one, NameServer({"db.example": "127.0.0.1"}) as names:
        outside = service("web", one.port, external_name="db.example")
        objects = [ingress_for_port(paths, one.port), outside]
        resolver = (f"127.0.0.1:{names.port}",)
        with serving(nginx, objects, echo=False, resolver=resolver) as site:
            assert answers_soon(site, "/x/y?z")
            assert one.requests[-1].target == "/new/y?z"


def ingress_for_port(item: Object, port: int) -> Object:
    """Return the Ingress with this port in each of its backends."""
    for path in item["spec"]["rules"][0]["http"]["paths"]:
        path["backend"]["service"]["port"] = {"number": port}
    return item


def answers_soon(site: Site, target: str) -> bool:
    """Wait until nginx has asked the DNS."""
    until = time.monotonic() + 10
    while (status := site.ask("a.test", target).status) != 200:
        assert status == 502
        assert time.monotonic() < until
        time.sleep(0.02)
    return True


@contextlib.contextmanager
def websocket_echo() -> Iterator[tuple[Server, list[str]]]:
    """A WebSocket server that sends back what it gets, and the paths it was asked for."""
    paths: list[str] = []

    def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        paths.append(connection.request.path)
        for message in connection:
            connection.send(message)

    with serve(handle, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server, paths
        finally:
            server.shutdown()
            thread.join()


def test_websockets_work_without_any_annotation(nginx: Nginx) -> None:
    with websocket_echo() as (server, paths):
        found = endpoint_slice("web", "127.0.0.1", port=server.socket.getsockname()[1])
        with serving(nginx, [WEB, service("web", 80), found], echo=False) as site:
            assert isinstance(site.http, tuple)
            plain = socket.create_connection(site.http)
            with connect("ws://a.test/chat//x?y=%2F", sock=plain, proxy=None) as client:
                for message in ("hello", "é" * 5000, b"\0\xff" * 40000):
                    client.send(message)
                    assert client.recv(timeout=10) == message
            assert paths == ["/chat//x?y=%2F"]
