"""Words that have to fit into nginx's tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingc.ir import Settings
from ingc.plan.layout import Directive, Literal, Map, directive
from ingc.syntax.hash_table import Size, element, roomy
from ingc.syntax.header import LONGEST_NAME

_ROOM = 64 - 8
"""Bytes of one key in a bucket of the usual size."""
_FEW_NAMES = 32
SPECIAL = frozenset({"default", "hostnames", "include", "volatile"})
"""What a ``map`` does not take for a key, unless a backslash stands before it."""
_OF_SERVERS = {"server_names_hash_max_size": 512, "server_names_hash_bucket_size": 64}
"""What decides about the table of servers' names, with what holds without it."""
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


def is_host_key(name: str) -> bool:
    """Return whether a server's name can be the key of a ``map`` of ``$host``.

    A wildcard can where its labels fit into nginx's tables, one for each level.
    """
    if name.startswith("*."):
        return all(element(label) <= _ROOM for label in labels_of(name))
    return not name.startswith(("~", "_"))


def labels_of(wildcard: str) -> list[str]:
    """Return the labels of a name such as ``*.example.com``."""
    return wildcard.removeprefix("*.").split(".")


def host_key(name: str) -> Literal:
    """Return the key of a ``map`` of ``$host`` for a name that is no regex."""
    if name.startswith("*."):
        return Literal(name)
    return Literal(f"\\{name}") if name in SPECIAL else map_key(name)


def room_for_keys(maps: Iterable[Map]) -> tuple[Directive, ...]:
    """Return how nginx makes room for the keys of maps: it refuses one that fits into no bucket."""
    keys = {str(key) for item in maps for key, _ in item.entries}
    plain = {key for key in keys if not key.startswith(("~", "*."))}
    names = sorted(plain.union(*(labels_of(key) for key in keys if key.startswith("*."))))
    longest = max(map(len, names), default=0)
    entry = 16 + (longest + 2 + 7) // 8 * 8
    bucket = power_of_two(entry if len(names) <= _FEW_NAMES else 8 * entry, at_least=64)
    room = power_of_two(2 * len(names), at_least=2048)
    room, bucket = roomy(names, Size(room, bucket))
    if bucket == 64 and room == 2048:
        return ()
    return (directive("map_hash_bucket_size", bucket), directive("map_hash_max_size", room))


def room_for_servers(http: Iterable[Directive]) -> Size:
    """Return the room that nginx has for the names of servers, by the directives of ``http``."""
    given = {item.name: int(str(item.args[0])) for item in http if item.name in _OF_SERVERS}
    return Size(*(given.get(name, usual) for name, usual in _OF_SERVERS.items()))


def power_of_two(number: int, *, at_least: int) -> int:
    """Return the least power of two that is not less than either."""
    return max(at_least, 1 << (number - 1).bit_length())
