"""Sizes as nginx writes them: ``8k``, ``1m``."""

from __future__ import annotations

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def bytes_of(written: str) -> int:
    """Return a size in bytes. Raises `ValueError` where the text is none."""
    text = written.lower()
    number = text.rstrip("kmg")
    unit = _UNITS.get(text[len(number) :])
    if unit is None or not (number.isascii() and number.isdigit()):
        raise ValueError(f'"{written}" is not a size')
    return int(number) * unit
