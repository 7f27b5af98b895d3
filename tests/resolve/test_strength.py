"""Certificates and cipher lists on which nginx would not start, for anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from cryptography.x509.oid import NameOID

import ingc
from tests.objects import path, rule
from tests.resolve.pairs import NOW, certificate, key_pem
from tests.shop import ingress, secret, service

WEAK_BITS = 1024
Key = (
    rsa.RSAPrivateKey
    | dsa.DSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed448.Ed448PrivateKey
    | x25519.X25519PrivateKey
)


WEAK = rsa.generate_private_key(65537, key_size=WEAK_BITS)


def pair(key: Key) -> tuple[bytes, bytes]:
    """Return a certificate for a key, signed by an authority, and the key; PEM both."""
    authority = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.test")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(authority, hashes.SHA256())
    )
    own = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM), own


def compiled(cert: bytes, key: bytes, **annotations: str) -> ingc.Result:
    given = {f"nginx.ingress.kubernetes.io/{k}": v for k, v in annotations.items()}
    tls = [{"hosts": ["shop.test"], "secretName": "shop-tls"}]
    web = ingress("web", rule("shop.test", path("/", "web")), tls=tls, annotations=given)
    objects = [web, secret("shop-tls", cert, key), service("web", clusterIP="10.0.0.1")]
    return ingc.compile(objects, ingc.Options(now=NOW))


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (WEAK, "1024 bits"),
        (ec.generate_private_key(ec.SECP192R1()), "192 bits"),
        (x25519.X25519PrivateKey.generate(), "no kind that nginx can use"),
    ],
)
def test_what_openssl_refuses_is_an_error(key: Key, why: str) -> None:
    found = compiled(*pair(key)).errors
    assert [item.code for item in found] == ["ING503"]
    assert why in found[0].message


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP224R1()),
        ed448.Ed448PrivateKey.generate(),
    ],
)
def test_what_openssl_takes_is_used(key: Key) -> None:
    assert not compiled(*pair(key)).errors


def test_a_weak_certificate_of_the_chain_is_an_error() -> None:
    weak = pair(WEAK)[0]
    found = compiled(certificate("shop.test") + weak, key_pem()).errors
    assert [item.code for item in found] == ["ING503"]


def test_what_nginx_would_read_before_the_certificate_is_not_written() -> None:
    weak = pair(WEAK)[0]
    trusted = weak.replace(b" CERTIFICATE", b" TRUSTED CERTIFICATE")
    result = compiled(trusted + certificate("shop.test"), key_pem() + key_pem(number=1))
    assert not result.errors
    written = {bytes(file.content) for file in result.files}
    assert certificate("shop.test") in written
    assert all(content.count(b"-----BEGIN ") == 1 for content in written)


@pytest.mark.parametrize("level", [3, 5])
@pytest.mark.parametrize("annotation", ["ssl-ciphers", "proxy-ssl-ciphers"])
def test_a_cipher_list_can_not_raise_the_level(annotation: str, level: int) -> None:
    asked = {"backend-protocol": "HTTPS", annotation: f"ALL:@SECLEVEL={level}"}
    result = compiled(certificate("shop.test"), key_pem(), **asked)
    assert f"SECLEVEL={level}" not in (result.config or "")
    assert {"ING405", "ING406"} & {d.code for d in result.diagnostics}
