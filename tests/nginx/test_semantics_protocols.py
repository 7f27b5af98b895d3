"""HTTP/2, the versions of TLS, its ciphers."""

from __future__ import annotations

import json
import socket
import ssl
import warnings

import pytest

from ingc.nginx import Nginx
from tests.nginx import http2
from tests.nginx.certificates import ALL
from tests.nginx.harness import Site, serving
from tests.nginx.wire import Connection, Tls


def test_http2_by_alpn(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        for offered, chosen in ((("h2", "http/1.1"), "h2"), (("http/1.1",), "http/1.1")):
            tls_ = Tls("a.test", alpn=offered)
            with Connection(site.https, tls=tls_) as connection:
                assert isinstance(connection.socket, ssl.SSLSocket)
                assert connection.socket.selected_alpn_protocol() == chosen


@pytest.mark.parametrize("authority", ["a.test", "A.test:8443", "b.test"])
def test_a_request_over_http2(nginx: Nginx, authority: str) -> None:
    headers = {
        ":method": "GET",
        ":scheme": "https",
        ":authority": authority,
        ":path": "/x//y?z",
        "x-request-id": "two",
    }
    with (
        serving(nginx, ALL) as site,
        Connection(site.https, tls=Tls("a.test", alpn=("h2",))) as connection,
    ):
        answer = http2.request(connection, headers)
    assert answer.status == 200
    story = json.loads(answer.body)
    assert story["service"] == f"default/{authority.lower()[0]}"
    assert story["request"]["target"] == "/x//y?z"
    told = {name.lower(): value for name, value in story["request"]["headers"]}
    assert told["host"] == told["x-forwarded-host"] == authority
    assert told["x-request-id"] == "two"


def test_old_protocols_are_refused(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        assert handshake(site, ssl.TLSVersion.TLSv1_1) == "TLSV1_ALERT_PROTOCOL_VERSION"
        assert handshake(site, ssl.TLSVersion.TLSv1) == "TLSV1_ALERT_PROTOCOL_VERSION"
        assert handshake(site, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        assert handshake(site, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"


def handshake(site: Site, version: ssl.TLSVersion) -> str:
    """Offer one version alone; return the one that was agreed on, or the alert."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions, on purpose
        context.maximum_version = context.minimum_version = version
        context.minimum_version = version
    assert isinstance(site.https, tuple)
    with socket.create_connection(site.https) as plain:
        try:
            with context.wrap_socket(plain, server_hostname="a.test") as wrapped:
                return str(wrapped.version())
        except ssl.SSLError as error:
            return str(error.reason)


def test_a_weak_cipher_is_refused(nginx: Nginx) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    with serving(nginx, ALL) as site:
        assert isinstance(site.https, tuple)
        with (
            socket.create_connection(site.https) as plain,
            pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"),
        ):
            context.wrap_socket(plain, server_hostname="a.test")
