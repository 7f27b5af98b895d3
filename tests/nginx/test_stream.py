"""Services on TCP and UDP ports, on a real nginx with real servers behind it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import ingc
from ingc.ir.stream import PORT_TUNINGS
from ingc.nginx import Nginx, free_ports
from ingc.serve.modules import lacks_stream
from tests.nginx.dns import NameServer
from tests.nginx.harness import Site, serving
from tests.nginx.settings import config_map
from tests.nginx.streams import TcpServer, UdpServer, ask, stream_module, talk
from tests.objects import Object, endpoint_slice, ingress, rule, service

WEB = ingress("web", rule("a.test"))
LINE = b"PROXY TCP4 203.0.113.5 192.0.2.1 5555 9000\r\n"


def udp_service(name: str, port: int, *target: str, at: int) -> list[Object]:
    """Return a Service with a TCP and a UDP port of one number, and its slice."""
    listed = [
        {"name": "other", "port": port, "protocol": "TCP"},
        {"name": "dns", "port": port, "protocol": "UDP"},
    ]
    served = endpoint_slice(name, *target, port=at)
    served["ports"] = [
        {"name": "other", "port": 1, "protocol": "TCP"},
        {"name": "dns", "port": at, "protocol": "UDP"},
    ]
    made = service(name, port)
    made["spec"]["ports"] = listed
    return [made, served]


@contextlib.contextmanager
def on_ports(
    nginx: Nginx,
    objects: list[Object],
    tcp: dict[int, str] | None = None,
    udp: dict[int, str] | None = None,
    **options: Any,
) -> Iterator[Site]:
    """Serve with Services on ports."""
    for name, ports in (("tcp", tcp), ("udp", udp)):
        if ports:
            data = {str(port): target for port, target in ports.items()}
            objects = [*objects, config_map(name, data)]
            options[f"{name}_services_configmap"] = f"ingress-nginx/{name}"
    module = stream_module(nginx)
    with serving(nginx, [WEB, *objects], echo=False, stream_module=module, **options) as site:
        yield site


def is_closed(port: int, data: bytes) -> bool:
    """Tell whether nginx closes a connection and says nothing."""
    try:
        return talk(port, data) == b""
    except ConnectionError:
        return True


def database(server: TcpServer) -> list[Object]:
    return [service("db", ("sql", 5432)), endpoint_slice("db", "127.0.0.1", port=server.port)]


def with_name(objects: list[Object]) -> list[Object]:
    objects[1]["ports"][0]["name"] = "sql"
    return objects


def test_a_port_leads_to_its_service(nginx: Nginx) -> None:
    first, second = free_ports(2)
    with TcpServer("db") as server:
        ports = {first: "default/db:5432", second: "default/db:sql"}
        with on_ports(nginx, with_name(database(server)), ports):
            assert talk(first, b"one") == b"db\none"
            assert talk(second, b"two") == b"db\ntwo"
    assert server.heard == [b"one", b"two"]


def test_the_proxy_protocol_on_either_side(nginx: Nginx) -> None:
    plain, accepts, sends, both = free_ports(4)
    with TcpServer("db") as server:
        ports = {
            plain: "default/db:sql",
            accepts: "default/db:sql:PROXY",
            sends: "default/db:sql::PROXY",
            both: "default/db:sql:PROXY:PROXY",
        }
        with on_ports(nginx, with_name(database(server)), ports):
            assert talk(plain, LINE) == b"db\n" + LINE
            assert talk(accepts, LINE + b"hi") == b"db\nhi"
            told = talk(sends, b"hi").split(b"\n", 1)[1]
            assert told.startswith(b"PROXY TCP4 127.0.0.1 127.0.0.1 ")
            assert told.endswith(b" %d\r\nhi" % sends)
            assert talk(both, LINE + b"hi").startswith(b"db\nPROXY TCP4 203.0.113.5 ")


def test_a_proxy_that_is_not_believed_does_not_name_the_client(nginx: Nginx) -> None:
    (port,) = free_ports(1)
    keys = config_map("settings", {"proxy-real-ip-cidr": "10.0.0.0/8"})
    with TcpServer("db") as server:
        objects = [*with_name(database(server)), keys]
        ports = {port: "default/db:sql:PROXY:PROXY"}
        with on_ports(nginx, objects, ports, configmap="ingress-nginx/settings"):
            assert talk(port, LINE).startswith(b"db\nPROXY TCP4 127.0.0.1 ")


def test_a_port_that_wants_a_proxy_line_takes_nothing_else(nginx: Nginx) -> None:
    (port,) = free_ports(1)
    with TcpServer("db") as server:
        ports = {port: "default/db:sql:PROXY"}
        with on_ports(nginx, with_name(database(server)), ports):
            assert is_closed(port, b"hello, this is no line of a proxy\r\n" * 4)
    assert not server.heard


def test_udp_ports_lead_to_udp_ports(nginx: Nginx) -> None:
    first, second = free_ports(2)
    keys = config_map("settings", {"proxy-stream-responses": "2"})
    with UdpServer("dns", answers=2) as server:
        objects = [*udp_service("dns", 53, "127.0.0.1", at=server.port), keys]
        ports = {first: "default/dns:53", second: "default/dns:dns"}
        with on_ports(nginx, objects, udp=ports, configmap="ingress-nginx/settings"):
            for port in (first, second):
                assert ask(port, b"who", answers=2) == [b"dns 0: who", b"dns 1: who"]


def test_one_number_may_be_a_tcp_and_a_udp_port(nginx: Nginx) -> None:
    (port,) = free_ports(1)
    with TcpServer("db") as server, UdpServer("dns") as names:
        objects = [
            *with_name(database(server)),
            *udp_service("dns", 53, "127.0.0.1", at=names.port),
        ]
        with on_ports(nginx, objects, {port: "default/db:sql"}, {port: "default/dns:53"}):
            assert talk(port, b"one") == b"db\none"
            assert ask(port, b"two") == [b"dns 0: two"]


def test_without_an_endpoint_a_port_is_closed(nginx: Nginx) -> None:
    tcp, udp = free_ports(2)
    objects = [service("db", 5432), endpoint_slice("db", port=5432)]
    with on_ports(nginx, objects, {tcp: "default/db:5432"}, {udp: "default/db:5432"}):
        assert is_closed(tcp, b"hello")
        assert ask(udp, b"hello", timeout=0.3) == []


def test_another_endpoint_is_tried(nginx: Nginx) -> None:
    port, dead = free_ports(2)
    with TcpServer("db") as server:
        objects = [
            service("db", 5432),
            endpoint_slice("db", "127.0.0.1", port=server.port, name="one"),
            endpoint_slice("db", "127.0.0.1", port=dead, name="two"),
        ]
        with on_ports(nginx, objects, {port: "default/db:5432"}):
            assert [talk(port, b"x") for _ in range(4)] == [b"db\nx"] * 4


def test_names_are_looked_up_at_run_time(nginx: Nginx) -> None:
    with TcpServer("db") as server, NameServer() as names:
        (port,) = free_ports(1)
        ports = {port: f"default/outside:{server.port}"}
        with on_ports(nginx, [], ports, resolver=(names.address,)):
            end = time.monotonic() + 10
            # nginx takes connections before it has looked up its upstreams for the first time.
            while is_closed(port, b"x") and time.monotonic() < end:
                time.sleep(0.05)
            assert talk(port, b"x") == b"db\nx"
        assert names.asked == {"outside.default.svc.cluster.local"}


def test_blocked_networks_reach_no_port(nginx: Nginx) -> None:
    (port,) = free_ports(1)
    keys = config_map("settings", {"block-cidrs": "127.0.0.0/8"})
    with TcpServer("db") as server:
        objects = [*with_name(database(server)), keys]
        with on_ports(nginx, objects, {port: "default/db:sql"}, configmap="ingress-nginx/settings"):
            assert is_closed(port, b"x")
    assert not server.heard


def test_an_nginx_without_the_module_says_what_is_missing(nginx: Nginx) -> None:
    objects = [*database_stub(), config_map("tcp", {"9000": "default/db:5432"}), WEB]
    options = ingc.Options(
        tcp_services_configmap="ingress-nginx/tcp", allow_address=("127.0.0.0/8",)
    )
    config = ingc.compile(objects, options).ir
    assert config is not None
    said = lacks_stream(nginx, config)
    if "stream" in nginx.modules:
        assert said == ""
    else:
        assert "--stream-module" in said
        assert "libnginx-mod-stream" in said


def database_stub() -> list[Object]:
    return [service("db", 5432), endpoint_slice("db", "10.0.0.1", port=5432)]


def snippet(text: str, **keys: str) -> tuple[list[Object], dict[str, Any]]:
    """Return a ConfigMap with a stream-snippet, and the options that take it."""
    made = config_map("settings", {"stream-snippet": text, **keys})
    return [made], {"configmap": "ingress-nginx/settings", "allow_snippets": ("*",)}


def test_the_rules_of_a_snippet_hold_for_each_port(nginx: Nginx) -> None:
    first, second = free_ports(2)
    with TcpServer("db") as server:
        objects = with_name(database(server))
        ports = {first: "default/db:sql", second: "default/db:sql:PROXY"}
        given, options = snippet("allow 203.0.113.0/24; allow 127.0.0.1; deny all;")
        with on_ports(nginx, [*objects, *given], ports, **options):
            assert talk(first, b"hi") == b"db\nhi"
            # Of a PROXY line whoever it names.
            assert talk(second, LINE + b"hi") == b"db\nhi"
            assert is_closed(second, LINE.replace(b"203.0.113.5", b"198.51.100.1"))
        given, options = snippet("deny 127.0.0.0/8;")
        with on_ports(nginx, [*objects, *given], ports, **options):
            assert is_closed(first, b"hi")
        # What is blocked everywhere stays so.
        given, options = snippet("allow 127.0.0.0/8; deny all;", **{"block-cidrs": "127.0.0.1"})
        with on_ports(nginx, [*objects, *given], ports, **options):
            assert is_closed(first, b"hi")


def test_a_snippet_limits_the_rate_of_each_port(nginx: Nginx) -> None:
    (port,) = free_ports(1)
    with TcpServer("db") as server:
        given, options = snippet("proxy_upload_rate 1000; tcp_nodelay on; access_log off;")
        with on_ports(
            nginx, [*with_name(database(server)), *given], {port: "default/db:sql"}, **options
        ):
            begun = time.monotonic()
            assert talk(port, b"x" * 3000) == b"db\n" + b"x" * 3000
            assert time.monotonic() - begun > 1


def test_every_directive_of_ports_is_taken_by_nginx(nginx: Nginx) -> None:
    tcp, udp = free_ports(2)
    text = """
        preread_buffer_size 8k; preread_timeout 5s; proxy_buffer_size 8k; proxy_connect_timeout 2s;
        proxy_download_rate 1m; proxy_protocol_timeout 3s; proxy_requests 0; proxy_upload_rate 1m;
        proxy_socket_keepalive on; tcp_nodelay off; proxy_timeout 5s; proxy_responses 1;
        proxy_next_upstream off; proxy_next_upstream_timeout 1s; proxy_next_upstream_tries 1;
    """
    given, options = snippet(text)
    with TcpServer("db") as server, UdpServer("dns") as names:
        objects = [
            *with_name(database(server)),
            *udp_service("dns", 53, "127.0.0.1", at=names.port),
            *given,
        ]
        ports = {tcp: "default/db:sql"}, {udp: "default/dns:53"}
        with on_ports(nginx, objects, *ports, **options) as site:
            assert talk(tcp, b"hi") == b"db\nhi"
            assert ask(udp, b"hi") == [b"dns 0: hi"]
            policy = site.config.settings.policies.stream
            assert {name for name, _ in policy.tunings} == PORT_TUNINGS
