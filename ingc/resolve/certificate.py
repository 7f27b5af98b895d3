"""The certificate and the key of a Secret, or of an OpenShift Route."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingc.diagnostics import Entry
from ingc.diagnostics.catalogue.openshift import RouteMaterialUnusable
from ingc.diagnostics.catalogue.tls import (
    CertificateKeyMismatch,
    CertificateUnreadable,
    SecretWithoutKey,
)
from ingc.frontend.intent import InlineCertificate
from ingc.ir import SecretBytes
from ingc.k8s.secret import Secret
from ingc.resolve.pem import read_private_key, write_certificates
from ingc.resolve.strength import read_served_chain
from ingc.resolve.x509_rules import BadMaterial
from ingc.syntax.host import covers

CERTIFICATE_KEY, PRIVATE_KEY = "tls.crt", "tls.key"
_OF_ROUTES = ("certificate", "caCertificate", "key")
_MISMATCH = "it does not belong to the certificate"


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


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the texts of a pair come from, for what is reported of them."""

    certificate: bytes
    authorities: bytes
    key: bytes
    names: tuple[str, str, str]
    """Of the three."""


class _BadPair(Exception):
    """A pair is of no use: the name of the text, and why."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name
        self.why = why


def read_inline_pair(inline: InlineCertificate) -> KeyPair | Refused:
    """Read the key pair that an OpenShift Route holds itself.

    As in the router, the key may stand beside the certificate.
    """
    source = _Source(
        inline.certificate, inline.authorities, inline.key or inline.certificate, _OF_ROUTES
    )
    try:
        return _read_pair(source)
    except _BadPair as error:
        fix = "write the PEM text as openssl prints it, the key without a passphrase"
        entry = RouteMaterialUnusable(field_name=error.name, why=error.why, fix=fix)
        return Refused(entry, error.name)


def read_key_pair(secret: Secret) -> KeyPair | Refused:
    """Read the key pair of a ``kubernetes.io/tls`` Secret; the type itself is not looked at."""
    name = f"{secret.namespace}/{secret.name}"
    for key in (CERTIFICATE_KEY, PRIVATE_KEY):
        if not secret.data.get(key):
            return Refused(SecretWithoutKey(secret=name, missing=key), "")
    names = (CERTIFICATE_KEY, CERTIFICATE_KEY, PRIVATE_KEY)
    source = _Source(secret.data[CERTIFICATE_KEY], b"", secret.data[PRIVATE_KEY], names)
    try:
        return _read_pair(source)
    except _BadPair as error:
        if error.why == _MISMATCH:
            return Refused(CertificateKeyMismatch(secret=name), PRIVATE_KEY)
        entry = CertificateUnreadable(secret=name, key=error.name, why=error.why)
        return Refused(entry, error.name)


def _read_pair(source: _Source) -> KeyPair:
    """Read a certificate, what follows it, and its key. Raises `_BadPair`."""
    certificate, authorities, key = source.names
    name = certificate
    try:
        chain = read_served_chain(source.certificate)
        if source.authorities:
            name = authorities
            chain = (*chain, *read_served_chain(source.authorities))
        name = key
        own = read_private_key(source.key)
    except BadMaterial as error:
        raise _BadPair(name, str(error)) from error
    leaf = chain[0]
    if leaf.key != own.public:
        raise _BadPair(key, _MISMATCH)
    return KeyPair(
        write_certificates(chain), own.pem, leaf.names, leaf.responders, leaf.begins, leaf.ends
    )
