"""What is taken of PEM, what is written of it, and whose error the rest is."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

import ingc
from ingc.resolve.pem import (
    read_certificates,
    read_private_key,
    read_revocation_lists,
    write_certificates,
)
from ingc.resolve.strength import read_served_chain
from ingc.resolve.x509_rules import BadMaterial
from ingc.syntax.der import encode
from ingc.syntax.pem import read_blocks, write_block
from tests.material import parts
from tests.material.parts import algorithm, common_name, extension, integer, name, seq
from tests.nginx.authorities import Authority
from tests.objects import Object, path, rule
from tests.resolve.pairs import NOW, certificate, key_pem
from tests.shop import ingress, secret, service

CRT, KEY, OTHER = certificate("shop.test"), key_pem(), certificate("b.test", number=1)
AUTHORITY = Authority("authority")
LIST = AUTHORITY.revoked(AUTHORITY.client("eve"))
WORD = "x" * 8
BOM = b"\xef\xbb\xbf"
PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
SHA1, SHA256, EC_SHA256 = (
    algorithm("1.2.840.113549.1.1.5", parts.SIGNATURES[0][-2:]),
    *parts.GOOD_SIGNATURES,
)


def made(
    *extensions: bytes,
    issuer: bytes = common_name("shop"),
    subject: bytes = common_name("shop"),
    key: str = "rsa2048",
    public: bytes = b"",
    signature: bytes = SHA256,
    beside: bytes = b"",
    serial: int = 1,
    times: tuple[bytes, bytes] = (parts.TIMES[0], parts.TIMES[1]),
) -> bytes:
    """Return a certificate of parts, PEM; what signs it is anything."""
    signed = seq(
        encode(0xA0, integer(2)) if extensions else b"",
        integer(serial),
        signature,
        issuer,
        seq(*times),
        subject,
        public or parts.public_der(key),
        encode(0xA3, seq(*extensions)) if extensions else b"",
    )
    return write_block("CERTIFICATE", seq(signed, beside or signature, encode(3, b"\x00" * 257)))


def indented(text: bytes) -> bytes:
    return b"".join(b"    " + line for line in text.splitlines(keepends=True))


@pytest.mark.parametrize(
    "text",
    [
        CRT,
        indented(CRT),
        CRT.replace(b"\n", b"\r\n"),
        BOM + CRT,
        CRT.rstrip(),
        CRT.replace(b"\n", b" "),
        CRT.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
        b"subject=CN = shop\n" + CRT + b"\x00 after it",
        OTHER.replace(b" CERTIFICATE", b" TRUSTED CERTIFICATE") + CRT,
        KEY + CRT,
        b"-----BEGIN NOTHING-----\n" + CRT,
        CRT + CRT,
    ],
)
def test_a_certificate_is_written_as_openssl_writes_it(text: bytes) -> None:
    assert write_certificates(read_certificates(text)) == CRT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "holds no PEM certificate"),
        (CRT.decode().encode("utf-16"), "holds no PEM certificate"),
        (KEY, "holds no PEM certificate"),
        (CRT[:-60], "cut off"),
        (CRT + CRT[:60], "cut off"),
        (CRT.replace(b"END CERT", b"END TRUSTED CERT"), "cut off"),
        (CRT[:60] + b"\n" + CRT, "cut off"),
        (CRT[:60] + b"\x00" + CRT[60:], "not base64"),
        (CRT.replace(b"MII", b"Proc-Type: 4,CLEAR\n\nMII", 1), "not base64"),
        (write_block("CERTIFICATE", b""), "of no form"),
        (write_block("CERTIFICATE", b"\x30\x80\x00\x00"), "of no form"),
        (write_block("CERTIFICATE", read_blocks(CRT, ("CERTIFICATE",))[0].der + b"\x00"), "form"),
        (CRT + made(serial=-1), "certificate 2 has a negative serial"),
        (made(subject=name(parts.attribute("2.5.4.3", 12, b"Jos\xe9"))), "broken name"),
        (made(issuer=name(parts.attribute("2.5.4.3", 30, b"abc"))), "broken name"),
        (made(issuer=name(parts.attribute("2.5.4.3", 4, b"octets"))), "broken name"),
        (made(issuer=name(parts.attribute("2.5.4.3", 30, b"\xd8\x3d\xde\x00"))), "broken name"),
        (made(issuer=name(parts.attribute("2.5.4.3", 19, b"a@b"))), "broken name"),
        (made(extension("2.5.29.17", seq(encode(0x82, b"\xff")))), "broken extension"),
        (made(extension("2.5.29.37", seq())), "empty extension"),
        (made(*[extension("2.5.29.14", encode(4, b"k"))] * 2), "broken extension"),
        (made(times=(parts.TIMES[0], encode(24, b"00000101000000Z"))), "date"),
        (made(signature=algorithm("1.2.3.4")), "signature of an unknown kind"),
        (made(beside=EC_SHA256), "signature of an unknown kind"),
        (made(public=parts.odd_public_ders("rsa2048")[0]), "no kind that nginx"),
        (made(public=parts.odd_public_ders("p256")[-1]), "no kind that nginx"),
        (made(public=parts.odd_public_ders("p256")[-2]), "not every OpenSSL"),
        (made(key="dsa"), "no kind that nginx"),
        (made(key="x25519"), "no kind that nginx"),
    ],
)
def test_what_is_no_certificate_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(BadMaterial, match=why):
        read_certificates(text)


@pytest.mark.parametrize(
    "text",
    [
        made(),
        made(serial=0),
        made(times=(parts.TIMES[2], encode(24, b"99991231235959Z"))),
        made(extension("1.2.3.4.5", b"anything", parts.CRITICAL)),
        made(subject=seq()),
        made(key="rsa1024"),
        made(key="brainpool", signature=EC_SHA256),
        made(issuer=common_name("elsewhere"), signature=SHA1),
    ],
)
def test_an_authority_may_be_weak_or_odd(text: bytes) -> None:
    assert write_certificates(read_certificates(text)) == text


KEY_ID, OTHER_ID = (seq(encode(0x80, text)) for text in (parts.KEY_ID, b"other"))
OWN = extension("2.5.29.14", encode(4, parts.KEY_ID))


@pytest.mark.parametrize(
    ("more", "given"),
    [
        ((), {}),
        ((OWN,), {}),
        ((OWN, extension("2.5.29.35", KEY_ID)), {}),
        ((extension("2.5.29.15", encode(3, b"\x02\x04")),), {}),
    ],
)
def test_a_weak_signature_of_its_own_does_not_matter(
    more: tuple[bytes, ...], given: dict[str, Any]
) -> None:
    assert read_served_chain(made(*more, signature=SHA1, **given))


@pytest.mark.parametrize(
    ("more", "given"),
    [
        ((OWN, extension("2.5.29.35", OTHER_ID)), {}),
        ((extension("2.5.29.35", KEY_ID),), {}),
        ((extension("2.5.29.15", encode(3, b"\x05\xa0")),), {}),
        ((), {"issuer": common_name("other")}),
        ((), {"signature": algorithm("1.2.840.10045.4.1")}),
    ],
)
def test_who_has_its_own_name_as_issuer_need_not_sign_itself(
    more: tuple[bytes, ...], given: dict[str, Any]
) -> None:
    with pytest.raises(BadMaterial, match="no signature with SHA1"):
        read_served_chain(made(*more, **{"signature": SHA1, **given}))


@pytest.mark.parametrize(
    ("kind", "why"),
    [("rsa1024", "1024 bits"), ("k256", "secp256k1"), ("brainpool", "brainpoolP256r1")],
)
def test_what_some_openssl_does_not_show_is_refused(kind: str, why: str) -> None:
    with pytest.raises(BadMaterial, match=why):
        read_served_chain(made(key=kind))


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        indented(KEY),
        PARAMETERS + key_pem(form="traditional"),
        KEY + key_pem(number=1),
        CRT + KEY,
        BOM + KEY.replace(b"\n", b"\r\n"),
    ],
)
def test_a_key_is_written_in_one_form(text: bytes) -> None:
    assert read_private_key(text).pem == KEY


def _with_version(pem: bytes, version: int) -> bytes:
    der = bytearray(read_blocks(pem, ("PRIVATE KEY",))[0].der)
    der[der.index(b"\x02\x01\x00") + 2] = version
    return write_block("PRIVATE KEY", bytes(der))


def _with_another_point(pem: bytes) -> bytes:
    mine, other = (read_blocks(p, ("PRIVATE KEY",))[0].der for p in (pem, key_pem(number=1)))
    return write_block("PRIVATE KEY", mine[:-65] + other[-65:])


def _with_another_factor(pem: bytes) -> bytes:
    der = read_blocks(pem, ("PRIVATE KEY",))[0].der
    return write_block("PRIVATE KEY", der[:-1] + bytes((der[-1] ^ 2,)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "holds no PEM private key"),
        (CRT, "holds no PEM private key"),
        (KEY[:-30], "cut off"),
        (key_pem(passphrase=WORD), "has a passphrase"),
        (key_pem(passphrase=WORD, form="traditional"), "has a passphrase"),
        (write_block("PRIVATE KEY", b"\x30\x00"), "of no form"),
        (write_block("PRIVATE KEY", b"\x30\x80" * 4000), "of no form"),
        (write_block("RSA PRIVATE KEY", seq(*map(integer, [0] * 9))), "key "),
        (write_block("RSA PRIVATE KEY", seq(*map(integer, [0] + [1 << 16000] * 8))), "too large"),
        (_with_version(KEY, 1), "of no form"),
        (_with_another_point(KEY), "key "),
        (_with_another_factor(parts.private_pem("rsa2048")), "do not belong together"),
        (parts.private_pem("x25519"), "no kind that nginx"),
        (parts.private_pem("dsa"), "key "),
    ],
)
def test_what_is_no_key_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(BadMaterial, match=why):
        read_private_key(text)


def listed(
    *, more: bytes = b"", entry: bytes = b"", until: bytes = parts.TIMES[1], serial: int = 1
) -> bytes:
    """Return a revocation list, PEM."""
    entries = seq(seq(integer(serial), parts.TIMES[0], seq(entry))) if entry else b""
    signed = seq(integer(1), EC_SHA256, common_name("x"), parts.TIMES[0], until, entries, more)
    return write_block("X509 CRL", seq(signed, EC_SHA256, encode(3, b"\x00" * 9)))


@pytest.mark.parametrize("text", [LIST, listed(), listed(until=b"")])
def test_a_revocation_list_is_written_once(text: bytes) -> None:
    assert read_revocation_lists(indented(text) + CRT + text) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (CRT, "holds no PEM revocation list"),
        (LIST + LIST[:-30], "cut off"),
        (listed(more=encode(0xA0, seq(parts.LIST_EXTENSIONS[-1]))), "critical extension"),
        (listed(more=encode(0xA0, seq(parts.LIST_EXTENSIONS[5]))), "can't be read"),
        (listed(entry=parts.ENTRY_EXTENSIONS[-1]), "critical extension"),
        (listed(entry=parts.ENTRY_EXTENSIONS[4]), "of other authorities"),
        (listed(entry=parts.ENTRY_EXTENSIONS[0], serial=-1), "negative serial"),
    ],
)
def test_what_is_no_revocation_list_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(BadMaterial, match=why):
        read_revocation_lists(text)


PREFIX = "nginx.ingress.kubernetes.io/"
BROKEN = made(subject=name(parts.attribute("2.5.4.3", 12, b"\xff")))
ODD_NAME = made(extension("2.5.29.17", seq(encode(0x82, b"\xff"))))


def evil(annotations: dict[str, str], **data: bytes) -> list[Object]:
    """Return an Ingress and its Secret in a namespace of their own; ``ca_crt`` is ``ca.crt``."""
    pair = {"tls_crt": CRT, "tls_key": KEY, **data}
    given = {key.replace("_", "."): base64.b64encode(text).decode() for key, text in pair.items()}
    held = {"apiVersion": "v1", "kind": "Secret", "data": given}
    held["metadata"] = {"name": "odd", "namespace": "evil"}
    asking = ingress(
        "evil/odd",
        rule("evil.test", path("/", "web")),
        tls=[{"hosts": ["evil.test"], "secretName": "odd"}],
        annotations={PREFIX + key: value for key, value in annotations.items()},
    )
    return [asking, held, service("web", namespace="evil", clusterIP="10.0.0.2")]


CLIENTS = {"auth-tls-secret": "evil/odd"}
BACKEND = {"backend-protocol": "HTTPS", "proxy-ssl-secret": "evil/odd", "proxy-ssl-verify": "on"}


@pytest.mark.parametrize(
    ("objects", "code"),
    [
        (evil({}, tls_crt=ODD_NAME), "ING503"),
        (evil({}, tls_crt=BROKEN), "ING503"),
        (evil({}, tls_key=KEY[:-30]), "ING503"),
        (evil(CLIENTS, ca_crt=BROKEN), "ING454"),
        (evil(CLIENTS, ca_crt=CRT, ca_crl=listed(entry=parts.ENTRY_EXTENSIONS[4])), "ING454"),
        (evil(BACKEND, ca_crt=CRT[:-30]), "ING435"),
        (evil(BACKEND, ca_crt=CRT, tls_crt=BROKEN), "ING503"),
    ],
)
def test_the_error_is_its_authors_and_others_are_served(objects: list[Object], code: str) -> None:
    fine = ingress(
        "fine",
        rule("fine.test", path("/", "web")),
        tls=[{"hosts": ["fine.test"], "secretName": "fine-tls"}],
    )
    others = [fine, secret("fine-tls", CRT, KEY), service("web", clusterIP="10.0.0.1")]
    options = ingc.Options(now=NOW)
    found = ingc.compile([*objects, *others], options, on_error="isolate")
    assert code in [item.code for item in found.errors]
    assert all(" evil/" in (item.object or "") for item in found.errors)
    assert found.match("fine.test", "/", scheme="https").upstream == "shop_web_80"
    assert all("fine" in file.path or file.content in (CRT, KEY) for file in found.files)


class PanicException(BaseException):
    """As the library's Rust code raises it."""

    __module__ = "pyo3_runtime"


@pytest.mark.parametrize("error", [ValueError, OverflowError, TypeError, PanicException])
def test_whatever_the_library_raises_is_the_authors_error(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error("inside")

    readers: list[tuple[object, str, Callable[[bytes], object], bytes]] = [
        (x509, "load_der_x509_certificate", read_certificates, CRT),
        (x509, "load_der_x509_crl", read_revocation_lists, LIST),
        (serialization, "load_der_private_key", read_private_key, KEY),
    ]
    for module, function, read, text in readers:
        with monkeypatch.context() as patch:
            patch.setattr(module, function, failing)
            with pytest.raises(BadMaterial, match="can't be read"):
                read(text)


def test_an_interrupt_is_nobodys_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(x509, "load_der_x509_certificate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read_certificates(CRT)


def test_an_expired_certificate_is_used() -> None:
    old = certificate("shop.test", begins=NOW - timedelta(days=9), ends=NOW - timedelta(days=1))
    assert write_certificates(read_served_chain(old)) == old
