"""The CA certificates and revocation lists of a Secret, read with ``cryptography``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingc.ir import SecretBytes
from ingc.k8s.secret import Secret
from ingc.resolve.guard import Faulty, guarded

CA_KEY, REVOKED_KEY = "ca.crt", "ca.crl"
_LISTS = re.compile(rb"-----BEGIN X509 CRL-----.*?-----END X509 CRL-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Authorities:
    """What nginx checks clients' certificates by; only what was understood, written anew."""

    certificates: SecretBytes
    revoked: SecretBytes | None


def read_authorities(secret: Secret) -> Authorities | str:
    """Return the authorities in a Secret, or why there are none."""
    name = f"Secret {secret.namespace}/{secret.name}"
    if not secret.data.get(CA_KEY):
        return f"{name} has no {CA_KEY}"
    certificates = _certificates(secret.data[CA_KEY])
    if certificates is None:
        return f"{CA_KEY} of {name} holds no PEM certificate, or a broken one"
    if REVOKED_KEY not in secret.data:
        return Authorities(certificates, None)
    revoked = _revoked(secret.data[REVOKED_KEY])
    if revoked is None:
        return f"{REVOKED_KEY} of {name} holds no PEM revocation list, or a broken one"
    return Authorities(certificates, revoked)


def _certificates(pem: bytes) -> SecretBytes | None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        with guarded():
            found = x509.load_pem_x509_certificates(pem)
            return SecretBytes(b"".join(item.public_bytes(Encoding.PEM) for item in found))
    except Faulty:
        return None


def _revoked(pem: bytes) -> SecretBytes | None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        with guarded():
            found = [x509.load_pem_x509_crl(block) for block in _LISTS.findall(pem)]
            return SecretBytes(b"".join(item.public_bytes(Encoding.PEM) for item in found)) or None
    except Faulty:
        return None
