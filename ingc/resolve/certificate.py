"""The certificate and the key of a Secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingc.diagnostics import Entry
from ingc.diagnostics.catalogue.tls import (
    CertificateKeyMismatch,
    CertificateUnreadable,
    SecretWithoutKey,
)
from ingc.ir import SecretBytes
from ingc.k8s.secret import Secret
from ingc.resolve.pem import read_private_key, write_certificates
from ingc.resolve.strength import read_served_chain
from ingc.resolve.x509_rules import BadMaterial
from ingc.syntax.host import covers

CERTIFICATE_KEY, PRIVATE_KEY = "tls.crt", "tls.key"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A usable certificate and its key."""

    certificate: SecretBytes
    key: SecretBytes
    names: tuple[str, ...]
    """The DNS names that it is for, lower-case; the common name where it lists none."""
    responders: tuple[str, ...]
    """The URLs at which its authority reports whether it is revoked (OCSP)."""
    begins: datetime
    ends: datetime

    def covers(self, host: str) -> bool:
        """Return whether the certificate is for a host, which may be a wildcard itself."""
        return any(covers(name, host) for name in self.names)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a Secret is of no use for TLS, and under which key."""

    why: Entry
    key: str


def read_key_pair(secret: Secret) -> KeyPair | Refused:
    """Read the key pair of a ``kubernetes.io/tls`` Secret; the type itself is not looked at."""
    name = f"{secret.namespace}/{secret.name}"
    for key in (CERTIFICATE_KEY, PRIVATE_KEY):
        if not secret.data.get(key):
            return Refused(SecretWithoutKey(secret=name, missing=key), "")
    key = CERTIFICATE_KEY
    try:
        chain = read_served_chain(secret.data[key])
        key = PRIVATE_KEY
        own = read_private_key(secret.data[key])
    except BadMaterial as error:
        return Refused(CertificateUnreadable(secret=name, key=key, why=str(error)), key)
    leaf = chain[0]
    if leaf.key != own.public:
        return Refused(CertificateKeyMismatch(secret=name), PRIVATE_KEY)
    return KeyPair(
        write_certificates(chain), own.pem, leaf.names, leaf.responders, leaf.begins, leaf.ends
    )
