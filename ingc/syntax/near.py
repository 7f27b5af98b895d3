"""The name that was meant."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Sequence

_BESIDE = 16
"""So many names before and after are looked at, or many wrong names would cost their square."""


def nearest(name: str, names: Sequence[str]) -> str:
    """Return the one of sorted names that is most like a name, or "" where none is near."""
    place = bisect_left(names, name)
    beside = names[max(0, place - _BESIDE) : place + _BESIDE]
    return next(iter(difflib.get_close_matches(name, beside, n=1, cutoff=0.6)), "")
