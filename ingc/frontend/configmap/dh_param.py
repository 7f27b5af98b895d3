"""DH parameters: a prime and a generator, read from PEM and written anew.

Nothing but two numbers is taken from DER, so no library is needed: the one for certificates has
given Diffie-Hellman over finite fields up.
"""

from __future__ import annotations

import base64
import binascii
import re

from ingc.ir import SecretBytes

DH_KEY = "dhparam.pem"
"""The key of a Secret that holds them."""
_LEAST_BITS, _MOST_BITS = 2048, 10000
"""What OpenSSL takes: at its security level 2, and at all."""
_BLOCK = re.compile(
    rb"-----BEGIN ((?:X9\.42 )?DH PARAMETERS)-----\s([A-Za-z0-9+/=\s]+)-----END \1-----"
).search
_SEQUENCE, _INTEGER = 0x30, 0x02


class BadParameters(ValueError):
    """nginx can't use these parameters; the text says why."""


def read_dh_param(pem: bytes) -> SecretBytes:
    """Return the first parameters of a PEM text, in PKCS #3's form. Raises `BadParameters`."""
    block = _BLOCK(pem)
    if block is None:
        raise BadParameters("holds no PEM DH parameters")
    try:
        der = base64.b64decode(b"".join(block[2].split()), validate=True)
        tag, body, _ = _value(der)
        # X9.42's form begins with the same two numbers.
        prime_tag, prime, rest = _value(body)
        generator_tag, generator, _ = _value(rest)
    except (binascii.Error, ValueError, IndexError) as error:
        raise BadParameters("holds no DH parameters, or broken ones") from error
    if (tag, prime_tag, generator_tag) != (_SEQUENCE, _INTEGER, _INTEGER):
        raise BadParameters("holds something else than DH parameters")
    p, g = (int.from_bytes(number, signed=True) for number in (prime, generator))
    if not _LEAST_BITS <= p.bit_length() <= _MOST_BITS:
        size = f"{_LEAST_BITS} to {_MOST_BITS}"
        raise BadParameters(f"has {p.bit_length()} bits, and OpenSSL wants {size}")
    if not (p > 0 and p % 2 and 1 < g < p - 1):
        raise BadParameters("has numbers that can be none of DH")
    return SecretBytes(_pem(_encode(_SEQUENCE, _number(p) + _number(g))))


def _value(der: bytes) -> tuple[int, bytes, bytes]:
    """Return the tag and the content of the first value, and what follows it."""
    tag, size, at = der[0], der[1], 2
    if size >= 0x80:
        at += size - 0x80
        if not 1 <= size - 0x80 <= 4:
            raise ValueError("a length of no sensible form")
        size = int.from_bytes(der[2:at])
    if len(der) < at + size or not size:
        raise ValueError("it ends too early")
    return tag, der[at : at + size], der[at + size :]


def _number(value: int) -> bytes:
    return _encode(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def _encode(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der)
    lines = (text[at : at + 64] for at in range(0, len(text), 64))
    name = b"DH PARAMETERS-----"
    return b"\n".join((b"-----BEGIN " + name, *lines, b"-----END " + name, b""))
