"""Certificates for local use, for hosts whose own certificate is not at hand."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

COMMON_NAME = "ingc self-signed"
VALID_DAYS = 30


def self_signed(names: Sequence[str]) -> tuple[bytes, bytes]:
    """Make a certificate for ``names`` and return it and its key, both PEM.

    ``names`` are ASCII host names, ``*.suffix`` allowed, or IP addresses; all become subject
    alternative names. The key is P-256, the certificate signs itself and is valid for 30 days
    (from a day before, for clocks that differ). Raises `ValueError` for a name that is not ASCII.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
    now = datetime.datetime.now(datetime.UTC)
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(public, critical=False)
    )
    if names:
        alternatives = x509.SubjectAlternativeName([_general(n) for n in dict.fromkeys(names)])
        builder = builder.add_extension(alternatives, critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    pkcs8, clear = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return certificate.public_bytes(encoding), key.private_bytes(encoding, pkcs8, clear)


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
