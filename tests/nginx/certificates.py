"""Certificates in Secrets, the hosts that use them, and what nginx shows in a handshake."""

from __future__ import annotations

import ssl
from functools import cache

import pytest

from ingc.serve.selfsigned import self_signed
from tests.nginx.harness import Site
from tests.nginx.wire import Connection, Tls
from tests.objects import Object, ingress, prefix, rule, secret, tls


@cache
def certificate(*names: str) -> tuple[bytes, bytes]:
    """Make a certificate for these names and its key, once."""
    return self_signed(names)


def secret_for(name: str, *names: str, namespace: str = "") -> Object:
    """Return a Secret with a certificate for these names."""
    return secret(name, *certificate(*names), namespace=namespace)


def served(site: Site, name: str | None) -> bytes:
    """Return the certificate that nginx shows for an SNI, in PEM."""
    with Connection(site.https, tls=Tls(name)) as connection:
        assert isinstance(connection.socket, ssl.SSLSocket)
        der = connection.socket.getpeercert(binary_form=True)
    assert der is not None
    return ssl.DER_cert_to_PEM_cert(der).encode()


def refusal(site: Site, name: str | None) -> str:
    """Return the alert with which nginx refuses an SNI."""
    with pytest.raises(ssl.SSLError) as caught:
        served(site, name)
    return str(caught.value.reason)


ONE = ingress("one", rule("a.test", prefix("/", "a")), tls=[tls("a.test", by="a")])
TWO = ingress("two", rule("b.test", prefix("/", "b")), tls=[tls("b.test", by="b")])
WILD = ingress("wild", rule("*.w.test", prefix("/", "w")), tls=[tls("*.w.test", by="w")])
PLAIN = ingress("plain", rule("plain.test", prefix("/", "plain")))
SECRETS = [
    secret_for("a", "a.test"),
    secret_for("b", "b.test"),
    secret_for("w", "*.w.test"),
]
ALL = [ONE, TWO, WILD, PLAIN, *SECRETS]
