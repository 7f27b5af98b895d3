"""backend-protocol: gRPC, FastCGI, and http or https as the client does."""

from __future__ import annotations

import base64
import json
import socket
from typing import Any

import grpc
import pytest

from ingc.ir.features.headers import RequestHeader
from ingc.ir.features.tuning import Tuning
from ingc.nginx import Nginx, free_port
from ingc.syntax.text import Text
from ingc.target import HTTP2_DIRECTIVE
from tests.nginx.backend import Backend
from tests.nginx.certificates import certificate, secret_for
from tests.nginx.dns import NameServer
from tests.nginx.harness import Site, serving
from tests.nginx.protocol_servers import METHOD, fastcgi_server, grpc_client, grpc_server
from tests.nginx.tls_backend import TlsBackend
from tests.nginx.wire import fetch, get
from tests.objects import Object, config_map, endpoint_slice, ingress, prefix, rule, service, tls

PREFIX = "nginx.ingress.kubernetes.io/"


def site_of(protocol: str, *ports: int, **more: Any) -> list[Object]:
    """Return an Ingress of a.test with https, its Service and endpoints on the loopback."""
    annotations = {PREFIX + "backend-protocol": protocol, PREFIX + "ssl-redirect": "false"}
    annotations |= {PREFIX + name.replace("_", "-"): value for name, value in more.items()}
    return [
        ingress(
            "web",
            rule("a.test", prefix("/", "web")),
            tls=[tls("a.test", by="a")],
            annotations=annotations,
        ),
        secret_for("a", "a.test"),
        service("web", 80),
        *(endpoint_slice("web", "127.0.0.1", port=port) for port in ports),
    ]


REAL: dict[str, Any] = {"echo": False, "secret_files": True}
TRUST = certificate("a.test")[0]


@pytest.mark.parametrize("protocol", ["GRPC", "grpcs"])
def test_grpc_over_https(nginx: Nginx, protocol: str) -> None:
    pair = certificate("backend") if protocol == "grpcs" else None
    with (
        grpc_server(pair) as server,
        serving(nginx, site_of(protocol, server.port), **REAL) as site,
        grpc_client(site.https[1], "a.test", TRUST) as channel,
    ):
        say = channel.unary_unary(METHOD + "Say")
        answer, call = say.with_call(b"hello", metadata=(("x-mine", "m"),), timeout=5)
        assert answer == b"hello"
        assert dict(call.trailing_metadata())["x-trailer"] == "t"
        count = channel.unary_stream(METHOD + "Count")
        assert list(count(b"x", timeout=5)) == [b"x"] * 3
        with pytest.raises(grpc.RpcError) as failed:
            channel.unary_unary(METHOD + "Fail")(b"", timeout=5)
        assert failed.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        told = server.metadata[0]
        assert told["x-mine"] == "m"
        assert told["x-forwarded-host"].partition(":")[0] == "a.test"
        assert told["x-forwarded-proto"] == "https"
        assert told["x-real-ip"] == "127.0.0.1"
        assert "proxy" not in told
        assert "upgrade" not in told


def test_grpc_on_the_http_port_beside_http1(nginx: Nginx) -> None:
    with (
        grpc_server() as server,
        serving(nginx, site_of("GRPC", server.port), **REAL) as site,
        grpc_client(site.http[1], "a.test") as channel,
    ):
        say = channel.unary_unary(METHOD + "Say")
        # Whatever the version, HTTP/1 goes on working on that port.
        assert site.ask("b.test", "/").status == 404
        if nginx.version < HTTP2_DIRECTIVE:
            with pytest.raises(grpc.RpcError):
                say(b"hello", timeout=2)
        else:
            assert say(b"hello", timeout=5) == b"hello"
            assert site.ask("b.test", "/").status == 404


def test_grpc_tries_the_next_endpoint_and_keeps_connections(nginx: Nginx) -> None:
    with (
        grpc_server() as server,
        serving(nginx, site_of("GRPC", free_port(), server.port), **REAL) as site,
        grpc_client(site.https[1], "a.test", TRUST) as channel,
    ):
        say = channel.unary_unary(METHOD + "Say")
        assert [say(b"x", timeout=5) for _ in range(6)] == [b"x"] * 6


def test_grpc_times_out_and_gets_headers_of_features(nginx: Nginx) -> None:
    features = (Tuning("proxy_read_timeout", ("200ms",)), RequestHeader("X-Own", Text(("own",))))
    with (
        grpc_server() as server,
        serving(nginx, site_of("GRPC", server.port), features=features, **REAL) as site,
        grpc_client(site.https[1], "a.test", TRUST) as channel,
    ):
        assert channel.unary_unary(METHOD + "Say")(b"x", timeout=5) == b"x"
        assert server.metadata[0]["x-own"] == "own"
        assert server.metadata[0]["x-real-ip"] == "127.0.0.1"
        with pytest.raises(grpc.RpcError) as failed:
            channel.unary_unary(METHOD + "Sleep")(b"", timeout=5)
        assert failed.value.code() is grpc.StatusCode.UNAVAILABLE  # 504, in gRPC's words


def first_bytes(site: Site, listener: socket.socket) -> bytes:
    """Return what nginx says first to a backend, as soon as it has looked up its name."""
    listener.settimeout(0.2)
    for _ in range(50):
        with socket.create_connection(site.http) as client:
            client.sendall(get("/", "a.test"))
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                return connection.recv(3)
    raise AssertionError("nginx does not find the backend")


@pytest.mark.parametrize("protocol", ["GRPC", "HTTPS", "FCGI"])
def test_a_name_that_is_resolved_later(nginx: Nginx, protocol: str) -> None:
    objects = site_of(protocol)[:-1]
    with NameServer({"db.example": "127.0.0.1"}) as names:
        resolver = (f"127.0.0.1:{names.port}",)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            objects.append(service("web", port, external_name="db.example"))
            objects[0]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["port"] = {
                "number": port
            }
            with serving(nginx, objects, resolver=resolver, **REAL) as site:
                first = first_bytes(site, listener)
    assert first == {"GRPC": b"PRI", "HTTPS": b"\x16\x03\x01", "FCGI": b"\x01\x01\x00"}[protocol]


PARAMS = {
    "SCRIPT_FILENAME": "/var/www${fastcgi_script_name}",
    "SERVER_SOFTWARE": "mine",
    "X_HOST": "$host",
    "EMPTY": "",
}
CONFIG_MAP: Object = config_map("php", PARAMS)


def test_fastcgi(nginx: Nginx) -> None:
    more = {"fastcgi_index": "index.php", "fastcgi_params_configmap": "php"}
    with (
        fastcgi_server() as port,
        serving(nginx, [*site_of("FCGI", port, **more), CONFIG_MAP], **REAL) as site,
    ):
        extra = (b"X-Mine: m", b"Proxy: evil", b"X-Forwarded-For: 9.9.9.9", b"X-Real_IP: 1.2.3.4")
        answer = site.ask("a.test", "/a/?b=c", *extra, method="POST", body=b"hello")
        assert answer.status == 200
        told = answer.json()
        assert told["SCRIPT_FILENAME"] == "/var/www/a/index.php"
        assert told["SERVER_SOFTWARE"] == "mine"
        assert told["X_HOST"] == told["SERVER_NAME"] == "a.test"
        assert told["EMPTY"] == ""
        assert told["REQUEST_METHOD"] == "POST"
        assert told["QUERY_STRING"] == "b=c"
        assert told["REQUEST_URI"] == "/a/?b=c"
        assert told["body"] == "hello"
        assert told["HTTP_X_MINE"] == "m"
        assert told["HTTP_HOST"] == "a.test"
        assert told["HTTP_X_FORWARDED_FOR"] == told["HTTP_X_REAL_IP"] == "127.0.0.1"
        assert told["HTTP_X_ORIGINAL_FORWARDED_FOR"] == "9.9.9.9"
        assert "HTTP_PROXY" not in told
        secure = site.ask("a.test", "/", scheme="https")
        assert secure.json()["HTTPS"] == "on"
        # What a backend says of HSTS gives way to our own, as over http.
        assert secure.header("Strict-Transport-Security") != "max-age=1"


USERS: Object = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "users"},
    "stringData": {"auth": "anna:{PLAIN}secret\n"},
}
ASKED = {"auth_type": "basic", "auth_secret": "users"}
EITHER = {**ASKED, "satisfy": "any", "whitelist_source_range": "127.0.0.0/8"}


@pytest.mark.parametrize(("asked", "told"), [({}, None), (ASKED, "anna"), (EITHER, None)])
def test_fastcgi_is_told_a_user_only_where_the_password_was_checked(
    nginx: Nginx, asked: dict[str, str], told: str | None
) -> None:
    sent = b"Authorization: Basic " + base64.b64encode(b"anna:secret" if asked else b"root:x")
    with (
        fastcgi_server() as port,
        serving(nginx, [*site_of("FCGI", port, **asked), USERS], **REAL) as site,
    ):
        answer = site.ask("a.test", "/", sent)
        assert answer.status == 200
        assert answer.json().get("REMOTE_USER") == told
        assert answer.json()["REQUEST_METHOD"] == "GET"


def test_fastcgi_gets_headers_and_timeouts_of_features(nginx: Nginx) -> None:
    features = (
        Tuning("proxy_read_timeout", ("300ms",)),
        Tuning("proxy_next_upstream", ("error", "timeout", "http_502")),
        RequestHeader("X-Own", Text(("own",))),
    )
    with (
        fastcgi_server() as port,
        serving(nginx, site_of("FCGI", port, free_port()), features=features, **REAL) as site,
    ):
        for _ in range(4):
            told = site.ask("a.test", "/").json()
            assert told["HTTP_X_OWN"] == "own"
            assert told["REQUEST_METHOD"] == "GET"
            assert "HTTP_PROXY" not in told
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        serving(nginx, site_of("FCGI", silent.getsockname()[1]), features=features, **REAL) as site,
    ):
        assert site.ask("a.test", "/").status == 504


def test_auto_http_speaks_as_the_client(nginx: Nginx) -> None:
    pair = certificate("backend")
    with TlsBackend("either", pair) as secure, Backend("either") as plain:
        objects = site_of("auto_http", secure.port)
        with serving(nginx, objects, **REAL) as site:
            for _ in range(3):
                assert site.ask("a.test", "/", scheme="https").body == b"either"
                assert site.ask("a.test", "/").status == 502  # plain http to a port with TLS
        with serving(nginx, site_of("AUTO_HTTP", plain.port), **REAL) as site:
            for _ in range(3):
                assert site.ask("a.test", "/").body == b"either"
                assert site.ask("a.test", "/", scheme="https").status == 502


def test_two_protocols_for_one_service_share_no_connection(nginx: Nginx) -> None:
    with TlsBackend("secret", certificate("backend")) as backend:
        plain = ingress("plain", rule("b.test", prefix("/", "web")))
        with serving(nginx, [*site_of("HTTPS", backend.port), plain], **REAL) as site:
            for _ in range(4):
                assert site.ask("a.test", "/").body == b"secret"
                assert site.ask("b.test", "/").status == 502
        assert len(backend.requests) == 4


def test_the_global_default_backend_is_asked_in_plain_http(nginx: Nginx) -> None:
    with TlsBackend("own", certificate("backend")) as own, Backend("fallback") as fallback:
        objects = [
            *site_of("HTTPS", own.port),
            service("fallback", 80),
            endpoint_slice("fallback", "127.0.0.1", port=fallback.port),
        ]
        objects[0]["spec"]["rules"][0]["http"]["paths"][0]["path"] = "/a"
        options = {**REAL, "default_backend_service": "default/fallback"}
        with serving(nginx, objects, **options) as site:
            assert site.ask("a.test", "/a").body == b"own"
            assert site.ask("nobody.test", "/").body == b"fallback"
            assert site.ask("a.test", "/b").status == 308  # to https, as its host has a tls entry


def test_rewritten_requests(nginx: Nginx) -> None:
    more = {"rewrite_target": "/$1"}
    path = {"path": "/api/(.*)", "pathType": "ImplementationSpecific"}
    with grpc_server() as server, fastcgi_server() as port:
        grpc_objects, fastcgi_objects = (
            site_of("GRPC", server.port, **more),
            site_of("FCGI", port, **more),
        )
        for objects in (grpc_objects, fastcgi_objects):
            objects[0]["spec"]["rules"][0]["http"]["paths"][0] |= path
        with (
            serving(nginx, grpc_objects, **REAL) as site,
            grpc_client(site.https[1], "a.test", TRUST) as channel,
        ):
            assert channel.unary_unary("/api" + METHOD + "Say")(b"x", timeout=5) == b"x"
        with serving(nginx, fastcgi_objects, **REAL) as site:
            told = site.ask("a.test", "/api/a.php?b").json()
            assert told["SCRIPT_NAME"] == told["DOCUMENT_URI"] == "/a.php"
            assert told["REQUEST_URI"] == "/api/a.php?b"


@pytest.mark.parametrize("protocol", ["HTTPS", "GRPC", "GRPCS", "FCGI", "AUTO_HTTP"])
def test_the_local_responder_is_asked_in_plain_http(nginx: Nginx, protocol: str) -> None:
    with serving(nginx, site_of(protocol), secret_files=True) as site:
        answer = fetch(site.http, get("/x", "a.test"))
        assert json.loads(answer.body)["request"]["target"] == "/x"
        assert site.who("a.test", "/x") == "web"
