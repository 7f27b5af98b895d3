"""Rules of X.509 that ``cryptography`` does not hold, read from DER by ourselves.

OpenSSL decodes the strings of every name when it loads a certificate, and the algorithm of its
signature when nginx hands it over; ``cryptography`` decodes either more loosely, or otherwise in
each of its versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingc.syntax.der import INTEGER, OID, SEQUENCE, SET, BadDer, Value, encode, read_values

KeyKind = Literal["rsa", "ec", "ed25519", "ed448"]
Hash = Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512", ""]

_VERSION = 0xA0
_NULL = 0x05
_UTF8, _NUMERIC, _PRINTABLE, _T61, _IA5, _UNIVERSAL, _BMP = 12, 18, 19, 20, 22, 28, 30
_STRINGS = {
    _UTF8: "utf-8",
    _UNIVERSAL: "utf-32-be",
    _BMP: "utf-16-be",
    # OpenSSL takes each byte of these for a character.
    **dict.fromkeys((_NUMERIC, _PRINTABLE, _T61, _IA5), "latin-1"),
}


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
    subject: bytes
    """Names, DER without tag and length; a revocation list has no subject."""


class Unreadable(ValueError):
    """Not every OpenSSL takes this value; the text says why, without its subject."""


def outline_of_certificate(der: bytes) -> Outline:
    """Read names and signature of a certificate (RFC 5280, 4.1). Raises `Unreadable`."""
    try:
        body, outer = _signed(der)
        _serial, inner, issuer, _validity, subject, *_ = body[body[0].tag == _VERSION :]
    except ValueError as error:
        raise Unreadable("has no form that X.509 knows") from error
    return Outline(_signature(inner, outer), _name(issuer), _name(subject))


def outline_of_list(der: bytes) -> Outline:
    """Read issuer and signature of a revocation list (RFC 5280, 5.1). Raises `Unreadable`."""
    try:
        body, outer = _signed(der)
        inner, issuer, *_ = body[body[0].tag == INTEGER :]
    except ValueError as error:
        raise Unreadable("has no form that X.509 knows") from error
    return Outline(_signature(inner, outer), _name(issuer), b"")


def _signed(der: bytes) -> tuple[tuple[Value, ...], Value]:
    """Return the parts of what is signed, and the algorithm that stands beside it."""
    (whole,) = read_values(der)
    body, algorithm, _signature = whole.values()
    parts = body.values()
    if not parts or {whole.tag, body.tag, algorithm.tag} != {SEQUENCE}:
        raise BadDer("it is not made of sequences")
    return parts, algorithm


def _name(name: Value) -> bytes:
    """Return a name after decoding each of its strings, as OpenSSL does to compare names."""
    try:
        for value in _strings(name):
            text = value.content.decode(_STRINGS[value.tag])
            # OpenSSL knows no surrogates, not even in pairs.
            if value.tag == _BMP and len(text) * 2 != len(value.content):
                raise ValueError("a surrogate")
    except (ValueError, LookupError) as error:
        raise Unreadable("has a broken name") from error
    return name.content


def _strings(name: Value) -> Iterator[Value]:
    for part in name.values():
        for attribute in part.values():
            kind, value = attribute.values()
            if (name.tag, part.tag, attribute.tag, kind.tag) != (SEQUENCE, SET, SEQUENCE, OID):
                raise BadDer("it is not made as names are")
            yield value


def _signature(inner: Value, outer: Value) -> Signature:
    """Return how something is signed, which it says twice."""
    found = _SIGNATURES.get(encode(inner.tag, inner.content))
    if inner != outer or found is None:
        raise Unreadable("has a signature of an unknown kind")
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
        for parameters in ((), (null,)):
            yield _algorithm("2a8648ce3d04" + last, *parameters), Signature("ec", digest)
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


_SIGNATURES = dict(_known_signatures())
