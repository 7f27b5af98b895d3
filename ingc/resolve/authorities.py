"""The CA certificates and revocation lists of a Secret."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.ir import SecretBytes
from ingc.k8s.secret import Secret
from ingc.resolve.pem import read_certificates, read_revocation_lists, write_certificates
from ingc.resolve.x509_rules import BadMaterial

CA_KEY, REVOKED_KEY = "ca.crt", "ca.crl"


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
    key, revoked = CA_KEY, None
    try:
        certificates = read_trusted(secret.data[key])
        key = REVOKED_KEY
        if key in secret.data:
            revoked = read_revocation_lists(secret.data[key])
    except BadMaterial as error:
        return f"{key} of {name} can't be used: {error}"
    return Authorities(certificates, revoked)


def read_trusted(text: bytes) -> SecretBytes:
    """Return the certificates of authorities, written anew, each once. Raises `BadMaterial`.

    How strong they are is not looked at: nginx starts with weak ones too, and OpenSSL refuses
    whoever presents a certificate of theirs.
    """
    return write_certificates(read_certificates(text))
