"""A database in MaxMind's form that knows no address, for a trial run without the real one.

https://maxmind.github.io/MaxMind-DB/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MARK = b"\xab\xcd\xefMaxMind.com"
"""Stands before what a database says of itself."""
_NODES = 1
_RECORD_BITS = 24
_STRING, _UINT16, UINT32, _MAP, _UINT64, _ARRAY = 2, 5, 6, 7, 9, 11


@dataclass(frozen=True, slots=True)
class DatabaseNumber:
    """A whole number, and which of the form's types it has."""

    value: int
    kind: int = _UINT16


Field = str | DatabaseNumber | Mapping[str, "Field"] | tuple[()]


def empty_database(kind: str) -> bytes:
    """Return the bytes of a database of a type, such as ``GeoLite2-City``."""
    # Both ways from the only node lead nowhere: its records are the number of nodes.
    tree = 2 * _NODES.to_bytes(_RECORD_BITS // 8, "big")
    about: dict[str, Field] = {
        "binary_format_major_version": DatabaseNumber(2),
        "binary_format_minor_version": DatabaseNumber(0),
        "build_epoch": DatabaseNumber(1, _UINT64),
        "database_type": kind,
        "description": {},
        "ip_version": DatabaseNumber(6),
        "languages": (),
        "node_count": DatabaseNumber(_NODES, UINT32),
        "record_size": DatabaseNumber(_RECORD_BITS),
    }
    return tree + bytes(16) + MARK + encoded(about)


def encoded(value: Field) -> bytes:
    """Return a value in the form of the data section."""
    if isinstance(value, str):
        text = value.encode()
        return _control(_STRING, len(text)) + text
    if isinstance(value, DatabaseNumber):
        raw = value.value.to_bytes((value.value.bit_length() + 7) // 8, "big")
        return _control(value.kind, len(raw)) + raw
    if isinstance(value, tuple):
        return _control(_ARRAY, 0)
    inner = b"".join(encoded(key) + encoded(item) for key, item in value.items())
    return _control(_MAP, len(value)) + inner


def _control(kind: int, size: int) -> bytes:
    """Return the bytes before a value; sizes up to 28 stand in the first."""
    more = b"" if size < 29 else bytes([size - 29])
    low = min(size, 29)
    if kind < 8:
        return bytes([kind << 5 | low]) + more
    return bytes([low, kind - 7]) + more
