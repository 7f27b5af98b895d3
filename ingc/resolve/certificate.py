"""The certificate and the key of a Secret, and of whatever else has such texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ingc.diagnostics import Entry, Origin, Sink
from ingc.diagnostics.catalogue.tls import (
    CertificateExpired,
    CertificateKeyMismatch,
    CertificateUnreadable,
    SecretWithoutKey,
)
from ingc.ir import Certificate, SecretBytes
from ingc.k8s.secret import Secret
from ingc.options import Options
from ingc.resolve.files import Files
from ingc.resolve.pem import read_private_key, write_certificates
from ingc.resolve.strength import read_served_chain
from ingc.resolve.x509_rules import BadMaterial
from ingc.syntax.host import covers

FOLDER = "certs"
"""Of the files, beside nginx.conf."""
CERTIFICATE_KEY, PRIVATE_KEY = "tls.crt", "tls.key"
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

    def as_files(self, files: Files, namespace: str, name: str) -> Certificate | None:
        """Hand it out as files, whose names are of validated names and a content hash.

        ``None``: no files are written.
        """
        certificate = files.add(FOLDER, namespace, name, "crt", self.certificate)
        key = files.add(FOLDER, namespace, name, "key", self.key, private=True)
        return Certificate(certificate, key) if certificate and key else None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why texts are of no use for TLS, and under which key or field."""

    why: Entry
    key: str


@dataclass(frozen=True, slots=True)
class PairSource:
    """Where the texts of a pair come from, for what is reported of them."""

    certificate: bytes
    authorities: bytes
    key: bytes
    names: tuple[str, str, str]
    """Of the three."""


class BadPair(Exception):
    """A pair is of no use: the name of the text, and why."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name
        self.why = why


def read_key_pair(secret: Secret) -> KeyPair | Refused:
    """Read the key pair of a ``kubernetes.io/tls`` Secret; the type itself is not looked at."""
    name = f"{secret.namespace}/{secret.name}"
    for key in (CERTIFICATE_KEY, PRIVATE_KEY):
        if not secret.data.get(key):
            return Refused(SecretWithoutKey(secret=name, missing=key), "")
    names = (CERTIFICATE_KEY, CERTIFICATE_KEY, PRIVATE_KEY)
    source = PairSource(secret.data[CERTIFICATE_KEY], b"", secret.data[PRIVATE_KEY], names)
    try:
        return read_pair(source)
    except BadPair as error:
        if error.why == _MISMATCH:
            return Refused(CertificateKeyMismatch(secret=name), PRIVATE_KEY)
        entry = CertificateUnreadable(secret=name, key=error.name, why=error.why)
        return Refused(entry, error.name)


def read_pair(source: PairSource) -> KeyPair:
    """Read a certificate, what follows it, and its key. Raises `BadPair`."""
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
        raise BadPair(name, str(error)) from error
    leaf = chain[0]
    if leaf.key != own.public:
        raise BadPair(key, _MISMATCH)
    return KeyPair(
        write_certificates(chain), own.pem, leaf.names, leaf.responders, leaf.begins, leaf.ends
    )


def report_dates(whose: str, pair: KeyPair, options: Options, place: Origin, sink: Sink) -> None:
    """Report a certificate that is not valid now."""
    now = options.now or datetime.now(UTC)
    when = ""
    if now > pair.ends:
        when = f"expired on {pair.ends:%Y-%m-%d}"
    elif now < pair.begins:
        when = f"is not valid before {pair.begins:%Y-%m-%d}"
    if when:
        sink.report(CertificateExpired(whose=whose, when=when), place)
