"""What is in a certificate and its key, read with ``cryptography``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ingc.diagnostics import Entry
from ingc.diagnostics.catalogue.tls import (
    CertificateKeyMismatch,
    CertificateUnreadable,
    SecretWithoutKey,
)
from ingc.ir import SecretBytes
from ingc.k8s.secret import Secret
from ingc.resolve.guard import Faulty, guarded
from ingc.resolve.strength import weakness
from ingc.syntax.host import covers

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import (
        PrivateKeyTypes,
        PublicKeyTypes,
    )

CERTIFICATE_KEY, PRIVATE_KEY = "tls.crt", "tls.key"
_ONE_BLOCK = re.compile(
    rb"\s*-----BEGIN [A-Z ]+-----\r?\n(?:[A-Za-z0-9+/=]+\r?\n)+-----END [A-Z ]+-----\s*"
).fullmatch


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A usable certificate and its key."""

    certificate: SecretBytes
    key: SecretBytes
    names: tuple[str, ...]
    """The DNS names that it is for, lower-case; the common name where it lists none."""
    responders: tuple[str, ...]
    """The URLs at which its authority tells whether it is revoked (OCSP)."""
    begins: datetime
    ends: datetime

    def covers(self, host: str) -> bool:
        """Tell whether the certificate is for a host, which may be a wildcard itself."""
        return any(covers(name, host) for name in self.names)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a Secret is of no use for TLS, and under which key."""

    why: Entry
    key: str


def read_key_pair(secret: Secret) -> KeyPair | Refused:
    """Read the key pair of a ``kubernetes.io/tls`` Secret; the type itself is not looked at."""
    try:
        with guarded():
            return _read_key_pair(secret)
    except Faulty:
        name = f"{secret.namespace}/{secret.name}"
        why = "it holds something that X.509 does not know"
        entry = CertificateUnreadable(secret=name, key=CERTIFICATE_KEY, why=why)
        return Refused(entry, CERTIFICATE_KEY)


def _read_key_pair(secret: Secret) -> KeyPair | Refused:
    name = f"{secret.namespace}/{secret.name}"
    for key in (CERTIFICATE_KEY, PRIVATE_KEY):
        if not secret.data.get(key):
            return Refused(SecretWithoutKey(secret=name, missing=key), "")
    certificate, private = secret.data[CERTIFICATE_KEY], secret.data[PRIVATE_KEY]
    chain = _load_chain(certificate)
    if isinstance(chain, str):
        entry = CertificateUnreadable(secret=name, key=CERTIFICATE_KEY, why=chain)
        return Refused(entry, CERTIFICATE_KEY)
    own = _load_key(private)
    if isinstance(own, str):
        return Refused(CertificateUnreadable(secret=name, key=PRIVATE_KEY, why=own), PRIVATE_KEY)
    leaf = chain[0]
    if _public_bytes(leaf.public_key()) != _public_bytes(own.public_key()):
        return Refused(CertificateKeyMismatch(secret=name), PRIVATE_KEY)
    return KeyPair(
        SecretBytes(b"".join(map(_as_pem, chain))),
        _alone(private, own),
        _names(leaf),
        _responders(leaf),
        leaf.not_valid_before_utc,
        leaf.not_valid_after_utc,
    )


def _load_chain(pem: bytes) -> list[x509.Certificate] | str:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        found = x509.load_pem_x509_certificates(pem)
        weak = next((why for item in found if (why := weakness(item))), "")
    except ValueError:
        return "it holds no PEM certificate"
    except UnsupportedAlgorithm:
        return "it has a key or a signature of an unknown kind"
    return weak or found


def _as_pem(item: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return item.public_bytes(Encoding.PEM)


def _alone(pem: SecretBytes, key: PrivateKeyTypes) -> SecretBytes:
    """Return the key as it was given, or written anew where something stands beside it.

    nginx might read that first, and start for nobody.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    if _ONE_BLOCK(pem):
        return pem
    return SecretBytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _load_key(pem: bytes) -> PrivateKeyTypes | str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import (
        load_pem_private_key,
    )

    try:
        return load_pem_private_key(pem, password=None)
    except TypeError:
        return "it has a passphrase"
    except (ValueError, UnsupportedAlgorithm):
        return "it holds no PEM private key"


def _public_bytes(key: PublicKeyTypes) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
    )

    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = extension.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        names = []
    if not names:
        common = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        names = [str(attribute.value) for attribute in common]
    return tuple(name.lower() for name in names)


def _responders(leaf: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID as Access

    try:
        extension = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return ()
    found = (item for item in extension.value if item.access_method == Access.OCSP)
    named = (item.access_location for item in found)
    return tuple(item.value for item in named if isinstance(item, x509.UniformResourceIdentifier))
