"""TLS to the backend: verification, client certificates, the name in TLS, versions."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.certificates import certificate
from tests.nginx.harness import Site, serving
from tests.nginx.protocol_servers import METHOD, grpc_client, grpc_server
from tests.nginx.test_protocols import PREFIX, REAL, TRUST, site_of
from tests.nginx.tls_backend import TlsBackend
from tests.objects import endpoint_slice, ingress, opaque, prefix, rule, service
from tests.resolve import pairs

NAME = "web.default.svc"
BACKEND = certificate(NAME)
OTHER = certificate("other.default.svc")
_NOW = datetime.now(UTC)
CLIENT = (
    pairs.certificate(begins=_NOW - timedelta(days=1), ends=_NOW + timedelta(days=1)),
    pairs.key_pem(),
)


WITH_SECRET = {"proxy_ssl_secret": "default/up"}
VERIFIED = {"proxy_ssl_secret": "default/up", "proxy_ssl_verify": "on"}


def ask(site: Site, host: str = "a.test") -> int:
    """Ask twice, the second time with what the first has left behind; return the status."""
    (status,) = {site.ask(host, "/").status for _ in range(2)}
    return status


def test_without_annotations_nothing_is_verified_and_no_name_sent(nginx: Nginx) -> None:
    with TlsBackend("web", OTHER) as backend:
        with serving(nginx, site_of("HTTPS", backend.port), **REAL) as site:
            assert ask(site) == 200
        assert set(backend.names) == {None}
        assert set(backend.versions) == {"TLSv1.3"}


@pytest.mark.parametrize(
    ("trusted", "more", "status"),
    [
        (BACKEND, {}, 200),
        (OTHER, {}, 502),
        (BACKEND, {"proxy_ssl_name": "elsewhere.test"}, 502),
        (BACKEND, {"proxy_ssl_name": NAME, "proxy_ssl_server_name": "on"}, 200),
    ],
    ids=["the Service's name", "wrong CA", "wrong name", "right name"],
)
def test_verification(
    nginx: Nginx, trusted: tuple[bytes, bytes], more: dict[str, str], status: int
) -> None:
    up = opaque("up", ca_crt=trusted[0])
    with TlsBackend("web", BACKEND) as backend:
        objects = [*site_of("HTTPS", backend.port, **VERIFIED, **more), up]
        with serving(nginx, objects, **REAL) as site:
            assert ask(site) == status
        sent = {NAME} if "proxy_ssl_server_name" in more else {None}
        assert set(backend.names) == sent
        assert len(backend.requests) == (2 if status == 200 else 0)


def test_the_name_in_tls_is_that_of_the_service(nginx: Nginx) -> None:
    more = {"proxy_ssl_secret": "default/up", "proxy_ssl_server_name": "on"}
    with TlsBackend("web", OTHER) as backend:
        objects = [*site_of("HTTPS", backend.port, **more), opaque("up", ca_crt=BACKEND[0])]
        with serving(nginx, objects, **REAL) as site:
            assert ask(site) == 200
        assert set(backend.names) == {NAME}


@pytest.mark.parametrize("keys", ["pair", "pair and CA"])
def test_a_backend_that_demands_a_client_certificate(nginx: Nginx, keys: str) -> None:
    data = {"tls_crt": CLIENT[0], "tls_key": CLIENT[1]}
    if keys != "pair":
        data["ca_crt"] = BACKEND[0]
    with TlsBackend("web", BACKEND, clients=CLIENT[0]) as backend:
        with serving(nginx, site_of("HTTPS", backend.port), **REAL) as site:
            assert site.ask("a.test", "/").status in (400, 502)
        assert not backend.requests
        objects = [
            *site_of("HTTPS", backend.port, **WITH_SECRET),
            opaque("up", **data),
        ]
        with serving(nginx, objects, **REAL) as site:
            assert ask(site) == 200
        assert backend.shown[-1] == ssl.PEM_cert_to_DER_cert(CLIENT[0].decode())


def test_one_service_verified_and_not_verified(nginx: Nginx) -> None:
    """A connection that was opened without verification must not serve where it is asked for."""
    loose = ingress(
        "loose",
        rule("b.test", prefix("/", "web")),
        annotations={PREFIX + "backend-protocol": "HTTPS"},
    )
    with TlsBackend("web", BACKEND) as backend:
        objects = [*site_of("HTTPS", backend.port, **VERIFIED), loose]
        with serving(nginx, [*objects, opaque("up", ca_crt=OTHER[0])], **REAL) as site:
            for _ in range(4):
                assert ask(site, "b.test") == 200
                assert ask(site) == 502


@pytest.mark.parametrize(
    ("more", "version"),
    [
        ({}, "TLSv1.2"),
        ({"proxy_ssl_protocols": "TLSv1.3"}, "TLSv1.3"),
        ({"proxy_ssl_protocols": "TLSv1.2 TLSv1.3"}, "TLSv1.3"),
        ({"proxy_ssl_ciphers": "ECDHE-ECDSA-AES256-GCM-SHA384"}, "TLSv1.2"),
    ],
    ids=str,
)
def test_versions_and_ciphers(nginx: Nginx, more: dict[str, str], version: str) -> None:
    with TlsBackend("web", BACKEND) as backend:
        objects = site_of("HTTPS", backend.port, **WITH_SECRET, **more)
        with serving(nginx, [*objects, opaque("up", ca_crt=BACKEND[0])], **REAL) as site:
            assert ask(site) == 200
        assert set(backend.versions) == {version}


def test_ciphers_that_the_backend_does_not_have(nginx: Nginx) -> None:
    with TlsBackend("web", BACKEND) as backend:
        backend.context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        more = {"proxy_ssl_secret": "default/up", "proxy_ssl_ciphers": "AES256+AESGCM"}
        objects = [*site_of("HTTPS", backend.port, **more), opaque("up", ca_crt=BACKEND[0])]
        with serving(nginx, objects, **REAL) as site:
            assert ask(site) == 502


@pytest.mark.parametrize("trusted", [BACKEND, OTHER], ids=["right CA", "wrong CA"])
def test_grpcs_with_everything(nginx: Nginx, trusted: tuple[bytes, bytes]) -> None:
    more: dict[str, str] = {**VERIFIED, "proxy_ssl_server_name": "on"}
    up = opaque("up", ca_crt=trusted[0], tls_crt=CLIENT[0], tls_key=CLIENT[1])
    with (
        grpc_server(BACKEND, clients=CLIENT[0]) as server,
        serving(nginx, [*site_of("GRPCS", server.port, **more), up], **REAL) as site,
        grpc_client(site.https[1], "a.test", TRUST) as channel,
    ):
        say = channel.unary_unary(METHOD + "Say")
        if trusted is BACKEND:
            assert [say(b"x", timeout=5) for _ in range(3)] == [b"x"] * 3
        else:
            with pytest.raises(grpc.RpcError) as failed:
                say(b"x", timeout=5)
            assert failed.value.code() is grpc.StatusCode.UNAVAILABLE


def test_what_can_not_be_verified_is_not_asked(nginx: Nginx) -> None:
    with TlsBackend("web", BACKEND) as backend, Backend("fine") as fine:
        fine_objects = [
            ingress("fine", rule("fine.test", prefix("/", "fine"))),
            service("fine", 80),
            endpoint_slice("fine", "127.0.0.1", port=fine.port),
        ]
        for more in ({"proxy_ssl_verify": "on"}, {**VERIFIED, "proxy_ssl_verify": "yes"}, VERIFIED):
            objects = [*site_of("HTTPS", backend.port, **more), *fine_objects]
            options: dict[str, Any] = {**REAL, "on_error": "isolate"}
            with serving(nginx, objects, **options) as site:
                assert ask(site) == 503
                assert ask(site, "fine.test") == 200
        assert not backend.versions
