"""Words that have to fit into nginx's tables."""

from __future__ import annotations

import re

from ingc.plan.layout import Literal
from ingc.syntax.hash_table import element

_ROOM = 64 - 8
"""Bytes of one key in a bucket of the usual size."""


def map_key(key: str) -> Literal:
    """Return the key of a ``map`` for a text, or a regex after ``~`` as it is.

    A text that is too long for nginx's table becomes a regex for it alone: a directive for larger
    buckets would have to stand before every map, those of others included.
    """
    if key.startswith("~") or element(key) <= _ROOM:
        return Literal(key)
    # A backslash at the beginning only takes the meaning of a map's special words away.
    text = re.escape(key.removeprefix("\\"))
    return Literal(rf"~*^{text}\z")
