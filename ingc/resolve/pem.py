"""Certificates, keys and revocation lists: the one place where ``cryptography`` reads them.

Everything is read whole, names, extensions and signatures too, and written anew; what can't be
read is its author's error. No object of the library leaves this module.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from ingc.ir import SecretBytes
from ingc.resolve.pem_keys import (
    PRIVATE_KEY,
    PrivateKey,
    PublicKey,
    describe_public_key,
    load_private_key,
)
from ingc.resolve.x509_rules import (
    NO_KIND,
    BadMaterial,
    Signature,
    outline_of_certificate,
    outline_of_list,
)
from ingc.syntax.pem import BadPem, PemBlock, read_blocks, write_block

if TYPE_CHECKING:
    from cryptography import x509

_CERTIFICATE, _LIST = "CERTIFICATE", "X509 CRL"
_CERTIFICATES = (_CERTIFICATE, "X509 CERTIFICATE")
_LOCKED_KEY = "ENCRYPTED PRIVATE KEY"
_KEYS = (PRIVATE_KEY, "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", _LOCKED_KEY)
_LARGEST_KEY = 8192
"""Bytes of DER: more than the largest RSA key that is taken has."""
_KNOWN_IN_LISTS = frozenset({"2.5.29.28", "2.5.29.35", "2.5.29.27"})
"""Critical extensions of a list that OpenSSL knows: by these it refuses no client."""
_CERTIFICATE_ISSUER = "2.5.29.29"
_LOCK = RLock()

T = TypeVar("T")
E = TypeVar("E", bound="x509.ExtensionType")


@dataclass(frozen=True, slots=True)
class X509Certificate:
    """A certificate that was read whole."""

    der: bytes
    key: PublicKey
    signature: Signature
    signs_itself: bool
    """OpenSSL, of whatever version, does not look at how it is signed."""
    names: tuple[str, ...]
    """The DNS names that it is for, lower-case; the common name where it lists none."""
    responders: tuple[str, ...]
    """The URLs at which its authority reports whether it is revoked (OCSP)."""
    begins: datetime
    ends: datetime


def read_certificates(text: bytes) -> tuple[X509Certificate, ...]:
    """Return the certificates of a PEM text, at least one. Raises `BadMaterial`."""
    blocks = _blocks(text, _CERTIFICATES)
    if not blocks:
        raise BadMaterial("it holds no PEM certificate")
    return tuple(_numbered(blocks, _certificate, "certificate"))


def write_certificates(certificates: tuple[X509Certificate, ...]) -> SecretBytes:
    """Write certificates as PEM, each once."""
    ders = dict.fromkeys(item.der for item in certificates)
    return SecretBytes(b"".join(write_block(_CERTIFICATE, der) for der in ders))


def is_issued_by(certificate: X509Certificate, authority: X509Certificate) -> bool:
    """Return whether an authority may have signed a server's certificate, and has (RFC 5280, 6.1).

    It is one by its basic constraints and its key usage, and both are for servers where they list
    what they are for. A certificate among the authorities is trusted by itself. Dates don't count.
    """
    from cryptography import x509

    if certificate.der == authority.der:
        return True
    try:
        with _guarded("is not signed by it"):
            found = x509.load_der_x509_certificate(certificate.der)
            signer = x509.load_der_x509_certificate(authority.der)
            found.verify_directly_issued_by(signer)
            usage = _extension(signer.extensions, x509.KeyUsage)
            constraints = _extension(signer.extensions, x509.BasicConstraints)
            may_sign = usage is None or usage.key_cert_sign
            is_authority = constraints is not None and constraints.ca
            of_old = constraints is None and signer.version is x509.Version.v1
            serves = all(map(_is_for_servers, (found, signer)))
            return serves and may_sign and (is_authority or of_old)
    except BadMaterial:
        return False


def read_private_key(text: bytes) -> PrivateKey:
    """Return the first private key of a PEM text. Raises `BadMaterial`."""
    blocks = _blocks(text, _KEYS)
    if not blocks:
        raise BadMaterial("it holds no PEM private key")
    block = blocks[0]
    if block.locked or block.label == _LOCKED_KEY:
        raise BadMaterial("its key has a passphrase")
    if len(block.der) > _LARGEST_KEY:
        raise BadMaterial("its key is too large")
    return next(_numbered(blocks[:1], _private_key, "key"))


def read_revocation_lists(text: bytes) -> SecretBytes:
    """Return the revocation lists of a PEM text, at least one, each once. Raises `BadMaterial`."""
    blocks = _blocks(text, (_LIST,))
    if not blocks:
        raise BadMaterial("it holds no PEM revocation list")
    ders = dict.fromkeys(_numbered(blocks, _revocation_list, "revocation list"))
    return SecretBytes(b"".join(write_block(_LIST, der) for der in ders))


@contextmanager
def _guarded(why: str) -> Iterator[None]:
    """Turn whatever `cryptography` raises into `BadMaterial`, and silence its warnings.

    It raises more than it documents: OverflowError, UnsupportedAlgorithm and its like for what a
    build lacks, and a BaseException where its Rust code panics. The warnings are about inputs,
    whose authors do not see them.
    """
    try:
        with _LOCK, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except BadMaterial:
        raise
    except Exception as error:
        raise BadMaterial(why) from error
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise BadMaterial(why) from error


def _blocks(text: bytes, labels: tuple[str, ...]) -> tuple[PemBlock, ...]:
    try:
        return read_blocks(text, labels)
    except BadPem as error:
        raise BadMaterial(str(error)) from error


def _numbered(blocks: tuple[PemBlock, ...], read: Callable[[bytes], T], word: str) -> Iterator[T]:
    """Read each block; an error names the one it is about where there are several."""
    for number, block in enumerate(blocks, 1):
        try:
            yield read(block.der)
        except BadMaterial as error:
            subject = f"its {word} {number}" if len(blocks) > 1 else f"its {word}"
            raise BadMaterial(f"{subject} {error}") from error


def _certificate(der: bytes) -> X509Certificate:
    from cryptography import x509

    outline = outline_of_certificate(der)
    with _guarded("can't be read"):
        found = x509.load_der_x509_certificate(der)
        if found.serial_number < 0:
            raise BadMaterial("has a negative serial number")
    with _guarded("has a broken name"):
        common = found.issuer, found.subject
    with _guarded("has a date that can't be read"):
        begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    with _guarded("has a broken extension"):
        extensions = found.extensions
        names = _names(extensions, common[1])
        responders = _responders(extensions)
        itself = outline.issuer == outline.subject and _may_sign_itself(found)
    with _guarded(NO_KIND):
        key = describe_public_key(found.public_key())
    if key.der != outline.key:
        raise BadMaterial("has a key in a form that not every OpenSSL takes")
    itself = itself and outline.signature.key == key.kind
    return X509Certificate(der, key, outline.signature, itself, names, responders, begins, ends)


def _private_key(der: bytes) -> PrivateKey:
    with _guarded("can't be read"):
        return load_private_key(der)


def _may_sign_itself(found: x509.Certificate) -> bool:
    """Return whether OpenSSL takes a certificate whose issuer is its subject to sign itself.

    It checks whether the identifier of the authority's key, where there is one, is that of its own
    (EXFLAG_SS); before 3.0 also whether the key may sign certificates.
    """
    from cryptography import x509

    authority = _extension(found.extensions, x509.AuthorityKeyIdentifier)
    own = _extension(found.extensions, x509.SubjectKeyIdentifier)
    usage = _extension(found.extensions, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return False
    if authority is None:
        return True
    issuer = [x509.DirectoryName(found.issuer)]
    return (
        authority.key_identifier in (None, own and own.digest)
        and authority.authority_cert_serial_number in (None, found.serial_number)
        and authority.authority_cert_issuer in (None, issuer)
    )


def _extension(extensions: x509.Extensions, kind: type[E]) -> E | None:
    from cryptography import x509

    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _is_for_servers(found: x509.Certificate) -> bool:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usages = _extension(found.extensions, x509.ExtendedKeyUsage)
    meant = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    return usages is None or not meant.isdisjoint(usages)


def _names(extensions: x509.Extensions, subject: x509.Name) -> tuple[str, ...]:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    alternatives = _extension(extensions, x509.SubjectAlternativeName)
    names = alternatives.get_values_for_type(x509.DNSName) if alternatives else []
    if not names:
        common = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        names = [str(attribute.value) for attribute in common]
    return tuple(name.lower() for name in names)


def _responders(extensions: x509.Extensions) -> tuple[str, ...]:
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID as Access

    access = _extension(extensions, x509.AuthorityInformationAccess)
    found = (item for item in access or () if item.access_method == Access.OCSP)
    named = (item.access_location for item in found)
    return tuple(item.value for item in named if isinstance(item, x509.UniformResourceIdentifier))


def _revocation_list(der: bytes) -> bytes:
    from cryptography import x509

    outline_of_list(der)
    with _guarded("can't be read"):
        found = x509.load_der_x509_crl(der)
        _ = found.issuer, found.last_update_utc, found.next_update_utc
        of_entries: list[x509.Extension[x509.ExtensionType]] = []
        for entry in found:
            _ = entry.serial_number, entry.revocation_date_utc
            of_entries += entry.extensions
        critical = [*_critical(found.extensions, _KNOWN_IN_LISTS), *_critical(of_entries)]
    if any(item.oid.dotted_string == _CERTIFICATE_ISSUER for item in of_entries):
        raise BadMaterial("revokes certificates of other authorities, which OpenSSL does not take")
    if critical:
        raise BadMaterial("has a critical extension for which OpenSSL refuses every client")
    return der


def _critical(
    extensions: Iterable[x509.Extension[x509.ExtensionType]], known: Container[str] = ()
) -> list[str]:
    """Return the critical extensions that are not among the known ones."""
    found = (item.oid.dotted_string for item in extensions if item.critical)
    return [kind for kind in found if kind not in known]
