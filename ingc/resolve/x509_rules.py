"""Rules of X.509 that ``cryptography`` does not hold, read from DER by ourselves.

OpenSSL decodes the strings of every name when it loads a certificate, and the algorithm of its
signature when nginx hands it over; ``cryptography`` decodes either more loosely, or otherwise in
each of its versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingc.syntax.der import (
    INTEGER,
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    BadDer,
    DerValue,
    check,
    encode,
    read_values,
)

KeyKind = Literal["rsa", "ec", "ed25519", "ed448"]
Hash = Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512", ""]

_VERSION = 0xA0
_EXTENSIONS = 0xA3
_NULL = 0x05
_EMPTY = encode(SEQUENCE, b"")
_MAY_BE_EMPTY = {bytes.fromhex("551d13"), bytes.fromhex("551d23")}
"""Basic constraints, and the identifier of the authority's key."""
NO_KIND = "has a key of no kind that nginx can use"
_NO_FORM = "is of no form that every OpenSSL knows"
_UTF8, _NUMERIC, _PRINTABLE, _T61, _IA5, _UNIVERSAL, _BMP = 12, 18, 19, 20, 22, 28, 30
_STRINGS = {
    _UTF8: "utf-8",
    _UNIVERSAL: "utf-32-be",
    _BMP: "utf-16-be",
    **dict.fromkeys((_NUMERIC, _PRINTABLE, _T61, _IA5), "ascii"),
}
_IN_PRINTABLE = re.compile(r"[A-Za-z0-9 '()+,./:=?-]*").fullmatch


@dataclass(frozen=True, slots=True)
class Signature:
    """How something is signed."""

    key: KeyKind
    hash: Hash
    """Empty where the kind of key has a hash of its own."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of a certificate or a revocation list that are judged here."""

    signature: Signature
    issuer: bytes
    """A name, DER without tag and length."""
    subject: bytes = b""
    key: bytes = b""
    """SubjectPublicKeyInfo, DER; a revocation list has neither this nor a subject."""


class BadMaterial(Exception):
    """Not every OpenSSL takes this value; the text states why, without its subject."""


def outline_of_certificate(der: bytes) -> Outline:
    """Read names and signature of a certificate (RFC 5280, 4.1). Raises `BadMaterial`."""
    try:
        body, outer = _signed(der)
        _serial, inner, issuer, _validity, subject, key, *more = body[body[0].tag == _VERSION :]
        algorithm, _ = key.values()
        broken = any(map(_is_empty, _extensions(more)))
    except ValueError as error:  # not DER, or not as many values
        raise BadMaterial(_NO_FORM) from error
    if broken:
        raise BadMaterial("has an empty extension")
    if encode(SEQUENCE, algorithm.content) not in _KEYS:
        raise BadMaterial(NO_KIND)
    signature = _signature(inner, outer)
    return Outline(signature, _name(issuer), _name(subject), encode(key.tag, key.content))


def outline_of_list(der: bytes) -> Outline:
    """Read issuer and signature of a revocation list (RFC 5280, 5.1). Raises `BadMaterial`."""
    try:
        body, outer = _signed(der)
        inner, issuer, *more = body[body[0].tag == INTEGER :]
        numbers = [
            entry.values()[0] for part in more if part.tag == SEQUENCE for entry in part.values()
        ]
    except (ValueError, IndexError) as error:
        raise BadMaterial(_NO_FORM) from error
    if any(number.tag != INTEGER or number.content[:1] >= b"\x80" for number in numbers):
        raise BadMaterial("revokes a negative serial number")
    return Outline(_signature(inner, outer), _name(issuer))


def check_private_key(der: bytes) -> None:
    """Hold a private key to DER and to the forms that are in use. Raises `BadMaterial`.

    These are PKCS #8 (RFC 5958), whose second version has a public key too, around a key of
    its kind's own form; PKCS #1 (RFC 8017) with two primes; and SEC 1 (RFC 5915).
    """
    try:
        known = _is_known_key(der)
    except (ValueError, IndexError) as error:
        raise BadMaterial(_NO_FORM) from error
    if not known:
        raise BadMaterial(_NO_FORM)


def _is_known_key(der: bytes, *, inner: bool = False) -> bool:
    check(der)
    (whole,) = read_values(der)
    if inner and whole.tag == OCTET_STRING:
        return True  # as Ed25519 and Ed448 have it
    version, second, *more = whole.values()
    if second.tag == INTEGER:  # PKCS #1
        return version == _integer(0) and [part.tag for part in more] == [INTEGER] * 7
    if second.tag == OCTET_STRING:  # SEC 1
        return version == _integer(1) and len(more) <= 2
    in_use = version == _integer(len(more) > 2) and more[0].tag == OCTET_STRING
    return in_use and not inner and _is_known_key(more[0].content, inner=True)


def _integer(value: int) -> DerValue:
    return DerValue(INTEGER, bytes((value,)))


def _extensions(parts: list[DerValue]) -> Iterator[DerValue]:
    for part in parts:
        if part.tag == _EXTENSIONS:
            (listed,) = part.values()
            yield from listed.values()


def _is_empty(extension: DerValue) -> bool:
    """Return whether an extension holds an empty list, where X.509 wants something in it."""
    kind, *_, content = extension.values()
    return content.content == _EMPTY and kind.content not in _MAY_BE_EMPTY


def _signed(der: bytes) -> tuple[tuple[DerValue, ...], DerValue]:
    """Return the parts of what is signed, and the algorithm that stands beside it."""
    (whole,) = read_values(der)
    body, algorithm, _signature = whole.values()
    parts = body.values()
    if not parts or {whole.tag, body.tag, algorithm.tag} != {SEQUENCE}:
        raise BadDer("it is not made of sequences")
    return parts, algorithm


def _name(name: DerValue) -> bytes:
    """Return a name after decoding each of its strings, as OpenSSL does to compare names."""
    try:
        for value in _strings(name):
            text = value.content.decode(_STRINGS[value.tag])
            # OpenSSL knows no surrogates, not even in pairs.
            surrogates = value.tag == _BMP and len(text) * 2 != len(value.content)
            if surrogates or (value.tag == _PRINTABLE and not _IN_PRINTABLE(text)):
                raise ValueError("a character that does not belong there")
    except (ValueError, LookupError) as error:
        raise BadMaterial("has a broken name") from error
    return name.content


def _strings(name: DerValue) -> Iterator[DerValue]:
    for part in name.values():
        for attribute in part.values():
            kind, value = attribute.values()
            if (name.tag, part.tag, attribute.tag, kind.tag) != (SEQUENCE, SET, SEQUENCE, OID):
                raise BadDer("it is not made as names are")
            yield value


def _signature(inner: DerValue, outer: DerValue) -> Signature:
    """Return how something is signed, which it states twice."""
    found = _SIGNATURES.get(encode(inner.tag, inner.content))
    if inner != outer or found is None:
        raise BadMaterial("has a signature of an unknown kind")
    return found


def _algorithm(identifier: str, *parameters: bytes) -> bytes:
    """Write an AlgorithmIdentifier; ``identifier`` is the content of its OID, in hexadecimal."""
    return encode(SEQUENCE, encode(OID, bytes.fromhex(identifier)) + b"".join(parameters))


def _known_signatures() -> Iterator[tuple[bytes, Signature]]:
    """Give what OpenSSL knows since 1.1.1, as it stands in certificates (RFC 3279, 4055, 5758)."""
    null = encode(_NULL, b"")
    rsa: dict[str, Hash]
    rsa = {
        "04": "md5",
        "05": "sha1",
        "0e": "sha224",
        "0b": "sha256",
        "0c": "sha384",
        "0d": "sha512",
    }
    for last, digest in rsa.items():
        for parameters in ((null,), ()):
            identifier = "2a864886f70d0101" + last
            yield _algorithm(identifier, *parameters), Signature("rsa", digest)
    ec: dict[str, Hash]
    ec = {"01": "sha1", "0301": "sha224", "0302": "sha256", "0303": "sha384", "0304": "sha512"}
    for last, digest in ec.items():
        yield _algorithm("2a8648ce3d04" + last), Signature("ec", digest)
    yield _algorithm("2b6570"), Signature("ed25519", "")
    yield _algorithm("2b6571"), Signature("ed448", "")
    hashes: dict[str, tuple[Hash, int]]
    hashes = {"01": ("sha256", 32), "02": ("sha384", 48), "03": ("sha512", 64)}
    for last, (digest, size) in hashes.items():
        for parameters in ((null,), ()):
            of_hash = _algorithm("6086480165030402" + last, *parameters)
            yield _pss(of_hash, size), Signature("rsa", digest)


def _pss(of_hash: bytes, salt: int) -> bytes:
    """Write RSASSA-PSS as TLS wants it: one hash, and a salt of its size (RFC 8446, 4.2.3)."""
    mask = _algorithm("2a864886f70d010108", of_hash)
    parts = (of_hash, mask, encode(INTEGER, bytes((salt,))))
    explicit = b"".join(encode(0xA0 + number, part) for number, part in enumerate(parts))
    return _algorithm("2a864886f70d01010a", encode(SEQUENCE, explicit))


def _known_keys() -> Iterator[bytes]:
    """Give the kinds of keys: RSA, named curves, Ed25519 and Ed448 (RFC 3279, 5480, 8410).

    RSA keys for RSA-PSS alone are not among them: `cryptography` takes one for a plain key, and
    would write the private one so. The numbers of a curve in place of its name are refused by
    newer OpenSSL.
    """
    yield _algorithm("2a864886f70d010101", encode(_NULL, b""))
    for curve in _CURVES:
        yield _algorithm("2a8648ce3d0201", encode(OID, bytes.fromhex(curve)))
    yield _algorithm("2b6570")
    yield _algorithm("2b6571")


_CURVES = (
    *("2a8648ce3d030101", "2b81040021", "2a8648ce3d030107", "2b81040022", "2b81040023"),
    *("2b8104000a", "2b240303020801010b", "2b240303020801010d", "2b2403030208010107"),
)
"""P-192 to P-521, secp256k1, and brainpoolP…r1 of 384, 512 and 256 bits."""
_SIGNATURES = dict(_known_signatures())
_KEYS = frozenset(_known_keys())
