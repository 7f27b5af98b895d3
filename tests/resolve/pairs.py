"""Real certificates and keys, made when a test asks for them, and kept."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

NOW = datetime(2030, 6, 15, 12, 0, tzinfo=UTC)
"""What the tests take for the present."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
_FORMAT = {
    "pkcs8": serialization.PrivateFormat.PKCS8,
    "traditional": serialization.PrivateFormat.TraditionalOpenSSL,
}


@cache
def private_key(kind: str = "ec", number: int = 0) -> PrivateKey:
    """Return a key of a kind; equal arguments give the same one."""
    match kind:
        case "rsa":
            return rsa.generate_private_key(65537, 2048)
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            return ec.generate_private_key(ec.SECP256R1())


@cache
def certificate(
    *names: str,
    kind: str = "ec",
    number: int = 0,
    begins: datetime = NOW - timedelta(days=30),
    ends: datetime = NOW + timedelta(days=30),
    common_name: str = "ingc test",
    ocsp: str = "",
) -> bytes:
    """Return a certificate that signs itself, PEM; without names it has no alternative names.

    ``ocsp`` is the URL at which its authority is asked about it.
    """
    key = private_key(kind, number)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    if names:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternatives, critical=False)
    if ocsp:
        location = x509.UniformResourceIdentifier(ocsp)
        asked = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location)
        builder = builder.add_extension(x509.AuthorityInformationAccess([asked]), critical=False)
    signed = builder.sign(key, None if kind == "ed25519" else hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


@cache
def key_pem(
    *, kind: str = "ec", number: int = 0, form: str = "pkcs8", passphrase: str = ""
) -> bytes:
    """Return the key that belongs to the certificate of that kind and number, PEM."""
    locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        locked = serialization.BestAvailableEncryption(passphrase.encode())
    return private_key(kind, number).private_bytes(
        serialization.Encoding.PEM, _FORMAT[form], locked
    )


def named(name: str) -> bytes:
    """Return the content of a placeholder."""
    day = timedelta(days=1)
    match name:
        case "good.crt":
            return certificate("shop.example.com", "*.shop.example.com")
        case "good.key":
            return key_pem()
        case "locked.key":
            return key_pem(passphrase="x" * 8)
        case "other.key":
            return key_pem(number=1)
        case "expired.crt":
            return certificate("shop.example.com", begins=NOW - 90 * day, ends=NOW - day)
        case "early.crt":
            return certificate("shop.example.com", begins=NOW + day, ends=NOW + 90 * day)
        case "elsewhere.crt":
            return certificate("blog.example.com", "*.blog.example.com")
        case "nosy.crt":
            return certificate("shop.example.com", ocsp="http://169.254.169.254/latest")
        case "der.crt":
            body = b"".join(named("good.crt").splitlines()[1:-1])
            return base64.b64decode(body)
        case "cut.crt":
            return named("good.crt")[:-60]
        case "cut.key":
            return named("good.key")[:-60]
        case _:
            raise KeyError(name)


def fill(text: str) -> str:
    """Replace ``@name`` by the base64 of what the name stands for, on the same line.

    ``@@name`` in double quotes is replaced by the text itself.
    """
    text = re.sub(
        r"@@([a-z]+\.(?:crt|key))", lambda m: json.dumps(named(m[1]).decode("ascii"))[1:-1], text
    )
    return re.sub(
        r"@([a-z]+\.(?:crt|key))", lambda m: base64.b64encode(named(m[1])).decode("ascii"), text
    )
