"""DER (X.690), as far as certificates and DH parameters need it: values, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

INTEGER, OCTET_STRING, OID, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31
"""Tags as they stand in DER, with the bit of a constructed value."""
_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F
_LONG_LENGTH = 0x80
_MOST_LENGTH_BYTES = 4


class BadDer(ValueError):
    """These bytes are not DER."""


@dataclass(frozen=True, slots=True)
class DerValue:
    """A value: its tag, and its content, in which others may stand."""

    tag: int
    content: bytes

    def values(self) -> tuple[DerValue, ...]:
        """Return the values in a constructed one. Raises `BadDer`."""
        return read_values(self.content)


def read_values(der: bytes) -> tuple[DerValue, ...]:
    """Return the values of which these bytes are made up, to the last byte. Raises `BadDer`."""
    found, at = [], 0
    while at < len(der):
        begin, end = _bounds(der, at)
        found.append(DerValue(der[at], der[begin:end]))
        at = end
    return tuple(found)


def check(der: bytes) -> None:
    """Read values, and what stands in constructed ones, to any depth. Raises `BadDer`."""
    waiting = [der]
    while waiting:
        found = read_values(waiting.pop())
        waiting.extend(value.content for value in found if value.tag & _CONSTRUCTED)


def encode(tag: int, content: bytes) -> bytes:
    """Write a value."""
    size = len(content)
    if size < _LONG_LENGTH:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, _LONG_LENGTH | len(length))) + length + content


def _bounds(der: bytes, at: int) -> tuple[int, int]:
    """Return where the content of the value at a place begins and ends."""
    if der[at] & _LONG_TAG == _LONG_TAG or len(der) < at + 2:
        raise BadDer("a tag of no sensible form")
    size, begin = der[at + 1], at + 2
    if size >= _LONG_LENGTH:
        count = size - _LONG_LENGTH
        begin += count
        size = int.from_bytes(der[at + 2 : begin])
        if not 1 <= count <= _MOST_LENGTH_BYTES or size >> 8 * (count - 1) == 0 or size < 0x80:
            raise BadDer("a length of no sensible form")
    if len(der) < begin + size:
        raise BadDer("it ends too early")
    return begin, begin + size
