"""The tables of all server names, of the keys of each map, and of all variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from ingc.model.outcome import NotModelled
from ingc.model.starting.levels import ServerWords, number
from ingc.model.starting.refusal import Part, Place, Refusal, crowded
from ingc.model.tree import VARIABLE_BLOCKS, Statement
from ingc.syntax.hash_table import Size, holds_any_of

_LINE = 64
_BUILT_IN = 1024
"""Bytes that nginx's own variables and named groups of regexes take in one bucket, at most: builds
have some 150 of them, of about 40 bytes each, spread over the buckets."""
_WILD = "*."


def server_names(http: Statement) -> Iterator[Refusal]:
    """Check the exact names of each socket.

    nginx builds no table where a socket has one server, whose names are then not looked up.
    """
    size = Size(
        number(http, "server_names_hash_max_size", 512),
        number(http, "server_names_hash_bucket_size", _LINE),
    )
    sockets: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for server in http.all("server"):
        keys = tuple(_keys_of(server))
        for listen in server.all("listen"):
            for table, key in keys:
                sockets[listen.args[0], table][key] = None

    def places(wanted: frozenset[str]) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for server in http.all("server"):
            for name in wanted.intersection([key for _, key in _keys_of(server)]):
                found[name].append(Place(server))
        return found

    checked: set[tuple[str, ...]] = set()
    for keys_of_table in sockets.values():
        names = tuple(keys_of_table)
        if names not in checked:
            checked.add(names)
            yield from crowded("server_names_hash", names, size, places)


def _keys_of(server: Statement) -> Iterator[tuple[str, str]]:
    """Yield the keys of a server's names that are not regexes, each with the table that it is in.

    No name is the empty one.
    """
    names = [name for item in server.all("server_name") for name in item.args] or [""]
    for name in (name.lower() for name in names if not name.startswith("~")):
        if name.startswith(".") or name.endswith(".*"):
            raise NotModelled(f"the server name {name}", server.line)
        yield from _parts(name)


def _parts(name: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of a name, each with its table.

    Of wildcards nginx keeps a table for what stands before each ending: ``com`` stands before
    none, ``example`` before ``com``.
    """
    if not name.startswith(_WILD):
        yield "", name
        return
    table = _WILD
    for label in reversed(name.removeprefix(_WILD).split(".")):
        yield table, label
        table = f"{table}{label}."


def map_keys(context: Statement) -> Iterator[Refusal]:
    """Check the plain keys of each map of ``http`` or ``stream``."""
    size = Size(
        number(context, "map_hash_max_size", 2048),
        number(context, "map_hash_bucket_size", _LINE),
    )
    for block in context.all("map"):
        yield from _keys(block, size)


def _keys(block: Statement, size: Size) -> Iterator[Refusal]:
    tables: dict[str, set[str]] = defaultdict(set)
    named: set[str] = set()
    place = (Place(block),)
    is_of_hosts = any(not item.args and item.name == "hostnames" for item in block.block or ())
    for entry in block.block or ():
        key = entry.name
        if key.startswith("~") or key == "default" or not entry.args:
            continue
        # A backslash takes the meaning of a special word away.
        key = key.removeprefix("\\").lower()
        if key in named:
            why = f'conflicting parameter "{key}" in a map'
            yield Refusal(why, (Part(key, place),), entry.line)
            return
        named.add(key)
        for table, part in _parts(key) if is_of_hosts else (("", key),):
            tables[table].add(part)
    for names in tables.values():
        yield from crowded(
            "map_hash", sorted(names), size, lambda wanted: dict.fromkeys(wanted, place)
        )


def variables(context: Statement, words: ServerWords) -> Iterator[Refusal]:
    """Check the names of all variables that the text defines."""
    blocks = [block for name in VARIABLE_BLOCKS for block in context.all(name)]
    given = words.variables.union(block.args[-1] for block in blocks)

    def places(wanted: frozenset[str]) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for block in blocks:
            found[_name(block.args[-1])].append(Place(block))
        for variable, place in words.setting():
            if _name(variable) in wanted:
                found[_name(variable)].append(place)
        return found

    size = Size(
        number(context, "variables_hash_max_size", 1024),
        number(context, "variables_hash_bucket_size", _LINE),
    )
    names = sorted(set(map(_name, given)))
    yield from crowded("variables_hash", names, size, places, margin=_BUILT_IN)


def names_fit(http: Statement, names: Collection[str]) -> bool:
    """Return whether nginx builds its tables of server names, if each socket has some of these."""
    size = Size(
        number(http, "server_names_hash_max_size", 512),
        number(http, "server_names_hash_bucket_size", _LINE),
    )
    return holds_any_of(names, size)


def variables_fit(http: Statement, names: Collection[str]) -> bool:
    """Return whether nginx builds its table of variables, if the text defines some of these."""
    size = Size(
        number(http, "variables_hash_max_size", 1024),
        number(http, "variables_hash_bucket_size", _LINE),
    )
    return holds_any_of({_name(item) for item in names}, size, _BUILT_IN)


def _name(variable: str) -> str:
    return variable.removeprefix("$").lower()
