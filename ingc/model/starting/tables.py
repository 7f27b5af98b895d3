"""The tables of all server names, of the keys of each map, and of all variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ingc.model.outcome import NotModelled
from ingc.model.starting.levels import NestedLevel, number
from ingc.model.starting.refusal import Part, Place, Refusal, crowded
from ingc.model.tree import Statement
from ingc.syntax.hash_table import Size

_LINE = 64
_BUILT_IN = 1024
"""Bytes that nginx's own variables and named groups of regexes take in one bucket, at most: builds
have some 150 of them, of about 40 bytes each, spread over the buckets."""
_OTHER_BLOCKS = frozenset({"map", "geo", "split_clients"})


def server_names(http: Statement) -> Iterator[Refusal]:
    """Check the exact names of each socket.

    nginx builds no table where a socket has one server, whose names are then not looked up.
    """
    size = Size(
        number(http, "server_names_hash_max_size", 512),
        number(http, "server_names_hash_bucket_size", _LINE),
    )
    checked: set[frozenset[str]] = set()
    for named in _sockets(http).values():
        names = frozenset(named)
        if names not in checked:
            checked.add(names)
            yield from crowded("server_names_hash", named, size)


def _sockets(http: Statement) -> dict[str, dict[str, list[Place]]]:
    sockets: dict[str, dict[str, list[Place]]] = defaultdict(dict)
    for server in http.block or ():
        if server.name != "server":
            continue
        listens: list[str] = []
        names: list[str] = []
        for item in server.block or ():
            if item.name == "listen":
                listens.append(item.args[0])
            elif item.name == "server_name":
                names += item.args
        exact = [name.lower() for name in names or ("",) if not name.startswith("~")]
        for name in exact:
            if name.startswith(("*.", ".")) or name.endswith(".*"):
                raise NotModelled(f"the server name {name}", server.line)
        for socket in listens:
            for name in exact:
                sockets[socket].setdefault(name, []).append(Place(server))
    return sockets


def map_keys(context: Statement) -> Iterator[Refusal]:
    """Check the plain keys of each map of ``http`` or ``stream``."""
    size = Size(
        number(context, "map_hash_max_size", 2048),
        number(context, "map_hash_bucket_size", _LINE),
    )
    for block in context.block or ():
        if block.name == "map":
            yield from _keys(block, size)


def _keys(block: Statement, size: Size) -> Iterator[Refusal]:
    named: dict[str, tuple[Place]] = {}
    for entry in block.block or ():
        key = entry.name
        if key.startswith("~") or key == "default" or not entry.args:
            continue
        # A backslash takes the meaning of a special word away.
        key = key.removeprefix("\\").lower()
        if key in named:
            part = Part(key, (Place(block),))
            yield Refusal(f'conflicting parameter "{key}" in a map', (part,), entry.line)
            return
        named[key] = (Place(block),)
    yield from crowded("map_hash", named, size)


def variables(context: Statement, levels: Iterable[NestedLevel]) -> Iterator[Refusal]:
    """Check the names of all variables that the text defines."""
    named: dict[str, list[Place]] = defaultdict(list)
    for block in context.block or ():
        if block.name in _OTHER_BLOCKS:
            named[block.args[-1]].append(Place(block))
    for level in levels:
        for name in ("set", "auth_request_set"):
            for item in level.own(name):
                named[item.args[0]].append(level.place)
    size = Size(
        number(context, "variables_hash_max_size", 1024),
        number(context, "variables_hash_bucket_size", _LINE),
    )
    given = {name.removeprefix("$").lower(): places for name, places in named.items()}
    yield from crowded("variables_hash", given, size, margin=_BUILT_IN)
