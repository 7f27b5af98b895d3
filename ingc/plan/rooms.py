"""Words that have to fit into nginx's tables."""

from __future__ import annotations

import re

from ingc.ir import Settings
from ingc.plan.layout import Literal
from ingc.syntax.hash_table import element
from ingc.syntax.header import LONGEST_NAME

_ROOM = 64 - 8
"""Bytes of one key in a bucket of the usual size."""
_LONG_NAME = 90
"""Characters of a variable's name, where its bucket may be larger than usual. Nobody reads more."""


def room_of(settings: Settings) -> int:
    """Return how long the name of a variable may be.

    In a whole file the buckets get larger where that is needed (`ingc.plan.frame.http`). A
    fragment may not say so, and what the ConfigMap says holds.
    """
    configured = any(name == "variables_hash_bucket_size" for name, _ in settings.tunings)
    return LONGEST_NAME if settings.fragment or configured else _LONG_NAME


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
