"""What a Service's port says of its Pods, on real nginx: the protocol, and that clients stay."""

from __future__ import annotations

import socket
from collections import Counter

import pytest
from websockets.sync.client import connect

from ingc.nginx import Nginx, free_port
from ingc.target import PROXY_HTTP_2
from tests.nginx.backend import Backend
from tests.nginx.bare import bare
from tests.nginx.certificates import certificate, secret_for
from tests.nginx.harness import Site, serving
from tests.nginx.protocol_servers import METHOD, grpc_client, grpc_server
from tests.nginx.test_semantics_backends import websocket_echo
from tests.nginx.tls_backend import TlsBackend
from tests.nginx.wire import get
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service, tls

WEB = ingress("web", rule("a.test", prefix("/", "web")))


def of(protocol: str, *ports: int, **spec: object) -> list[Object]:
    """Return a Service whose port names a protocol, and its endpoints on the loopback."""
    listed = {"port": 80, "targetPort": 80, **({"appProtocol": protocol} if protocol else {})}
    return [
        service("web", listed, **spec),
        *(endpoint_slice("web", "127.0.0.1", port=port) for port in ports),
    ]


@pytest.mark.parametrize("protocol", ["", "http", "kubernetes.io/ws", "postgresql"])
def test_http(nginx: Nginx, protocol: str) -> None:
    with Backend("one") as one, serving(nginx, [WEB, *of(protocol, one.port)], echo=False) as site:
        assert site.ask("a.test", "/").body == b"one"
        assert one.requests[0].version == "HTTP/1.1"


@pytest.mark.parametrize("protocol", ["https", "kubernetes.io/wss"])
def test_https(nginx: Nginx, protocol: str) -> None:
    with (
        TlsBackend("one", certificate("backend")) as one,
        serving(nginx, [WEB, *of(protocol, one.port)], echo=False) as site,
    ):
        assert site.ask("a.test", "/").body == b"one"
        assert one.versions == ["TLSv1.3"]


def test_http_2_without_tls(nginx: Nginx) -> None:
    if nginx.version < PROXY_HTTP_2:
        pytest.skip("this nginx speaks no HTTP/2 to backends")
    port = free_port()
    answer = "$server_protocol [$http_connection] [$http_upgrade] $host"
    http = f'server {{ listen 127.0.0.1:{port}; http2 on; return 200 "{answer}"; }}\n'
    objects = [WEB, *of("kubernetes.io/h2c", port)]
    with bare(nginx, http), serving(nginx, objects, echo=False) as site:
        for headers in ((), (b"Connection: upgrade", b"Upgrade: websocket")):
            assert site.ask("a.test", "/", *headers).body == b"HTTP/2.0 [] [] a.test"


def test_http_1_where_nginx_is_too_old_for_http_2(nginx: Nginx) -> None:
    if nginx.version >= PROXY_HTTP_2:
        pytest.skip("this nginx speaks HTTP/2 to backends")
    with Backend("one") as one:
        objects = [WEB, *of("kubernetes.io/h2c", one.port)]
        with serving(nginx, objects, echo=False) as site:
            assert site.ask("a.test", "/").body == b"one"


def test_websockets(nginx: Nginx) -> None:
    with websocket_echo() as (server, paths):
        objects = [WEB, *of("kubernetes.io/ws", server.socket.getsockname()[1])]
        with serving(nginx, objects, echo=False) as site:
            assert isinstance(site.http, tuple)
            plain = socket.create_connection(site.http)
            with connect("ws://a.test/chat", sock=plain, proxy=None) as client:
                client.send("hello")
                assert client.recv(5) == "hello"
    assert paths == ["/chat"]


def test_grpc(nginx: Nginx) -> None:
    asked = ingress("web", rule("a.test", prefix("/", "web")), tls=[tls("a.test", by="a")])
    with grpc_server() as server:
        objects = [asked, secret_for("a", "a.test"), *of("grpc", server.port)]
        with (
            serving(nginx, objects, echo=False, secret_files=True) as site,
            grpc_client(site.https[1], "a.test", certificate("a.test")[0]) as channel,
        ):
            assert channel.unary_unary(METHOD + "Say")(b"hello", timeout=5) == b"hello"


def from_client(site: Site, address: str) -> str:
    """Send a request from an address of the loopback; return the name of the backend."""
    assert isinstance(site.http, tuple)
    data = get("/", "a.test", b"Connection: close")
    with socket.create_connection(site.http, source_address=(address, 0), timeout=5) as made:
        made.sendall(data)
        answer = b"".join(iter(lambda: made.recv(65536), b""))
    return answer.partition(b"\r\n\r\n")[2].decode()


def test_clients_stay_with_their_pod(nginx: Nginx) -> None:
    """Those of one network too are spread: the whole address counts."""
    clients = [f"127.0.9.{number}" for number in range(1, 41)]
    with Backend("a") as a, Backend("b") as b, Backend("c") as c:
        ports = a.port, b.port, c.port
        with serving(nginx, [WEB, *of("", *ports, sessionAffinity="ClientIP")], echo=False) as site:
            first = {client: from_client(site, client) for client in clients}
            for _ in range(3):
                assert {client: from_client(site, client) for client in clients} == first
        counts = Counter(first.values())
        assert set(counts) == {"a", "b", "c"}
        assert min(counts.values()) >= 4, counts
        with serving(nginx, [WEB, *of("", *ports)], echo=False) as site:
            assert len({from_client(site, clients[0]) for _ in range(12)}) == 3
