"""DH parameters: a prime and a generator, read from PEM and written anew.

Nothing but two numbers is taken from DER, so no library is needed: the one for certificates has
given Diffie-Hellman over finite fields up.
"""

from __future__ import annotations

from ingc.ir import SecretBytes
from ingc.syntax.der import INTEGER, SEQUENCE, encode, read_values
from ingc.syntax.pem import BadPem, read_blocks, write_block

DH_KEY = "dhparam.pem"
"""The key of a Secret that holds them."""
_LEAST_BITS, _MOST_BITS = 2048, 10000
"""What OpenSSL takes: at its security level 2, and at all."""
_LABEL = "DH PARAMETERS"
_LABELS = (_LABEL, "X9.42 DH PARAMETERS")


class BadParameters(ValueError):
    """nginx can't use these parameters; the text gives the reason."""


def read_dh_param(pem: bytes) -> SecretBytes:
    """Return the first parameters of a PEM text, in PKCS #3's form. Raises `BadParameters`."""
    try:
        blocks = read_blocks(pem, _LABELS)
    except BadPem as error:
        raise BadParameters("holds no DH parameters, or broken ones") from error
    if not blocks:
        raise BadParameters("holds no PEM DH parameters")
    try:
        (whole,) = read_values(blocks[0].der)
        # X9.42's form begins with the same two numbers.
        prime, generator, *_ = whole.values()
    except ValueError as error:  # not DER, or not as many values
        raise BadParameters("holds no DH parameters, or broken ones") from error
    if (whole.tag, prime.tag, generator.tag) != (SEQUENCE, INTEGER, INTEGER):
        raise BadParameters("holds something else than DH parameters")
    p, g = (int.from_bytes(number, signed=True) for number in (prime.content, generator.content))
    if not _LEAST_BITS <= p.bit_length() <= _MOST_BITS:
        size = f"{_LEAST_BITS} to {_MOST_BITS}"
        raise BadParameters(f"has {p.bit_length()} bits, and OpenSSL wants {size}")
    if not (p > 0 and p % 2 and 1 < g < p - 1):
        raise BadParameters("has numbers that can be none of DH")
    return SecretBytes(write_block(_LABEL, encode(SEQUENCE, _number(p) + _number(g))))


def _number(value: int) -> bytes:
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1))
