"""Prefix paths as regexes: one for ``= /a`` and ``/a/``, and for all paths that do the same.

A plain location costs nginx some 9 kB whatever it holds, and its ``proxy_pass`` a look through all
upstreams. A regex beats every plain location but an exact one, so that all Prefix paths of a server
but ``/`` become regexes, or none. Of these the first that matches takes a request: a path stands
before whatever it lies below.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingc.plan.frame.http import ROUTE
from ingc.plan.layout import Comment, Directive, Literal, Location, Server, Value, directive, plain
from ingc.plan.passes.around import Around, variables_of
from ingc.plan.rooms import map_key
from ingc.syntax.regex.paths import escaped
from ingc.syntax.text import Variable

_PATH = Variable("ingc_path")
"""Which of its paths a location took a request for."""
_MOST = 32
"""So many paths nginx may try one after the other."""
_END = r"(?:/|\z)"


def write_prefixes(servers: tuple[Server, ...], around: Around) -> tuple[Server, ...]:
    """Return servers with regexes in place of Prefix paths, where that is exact."""
    return tuple(_written(server, around) for server in servers)


@dataclass(frozen=True, slots=True)
class _Path:
    """A Prefix path: its text without a slash at the end, and what stands at all below it."""

    text: str
    location: Location
    whole: bool
    """False where another location takes the path itself."""


def _written(server: Server, around: Around) -> Server:
    exact = {item.name: item for item in server.locations if item.modifier == "="}
    below = [item for item in server.locations if _is_prefix(item)]
    if not 0 < len(below) <= _MOST or not all(map(_may_be_regex, below)):
        return server
    if any(item.modifier.startswith("~") or item.locations for item in server.locations):
        return server
    paths = [_path(item, exact) for item in sorted(below, key=lambda item: -len(item.name))]
    twins = {item.text for item in paths if item.whole}
    kept = (
        item
        for item in server.locations
        if not (_is_prefix(item) or (item.modifier == "=" and item.name in twins))
    )
    made = (_location(group, around) for group in _grouped(paths))
    return dataclasses.replace(server, locations=(*made, *kept))


def _is_prefix(location: Location) -> bool:
    return not location.modifier and location.name != "/" and location.name[:1] == "/"


def _may_be_regex(location: Location) -> bool:
    """Return whether nothing in a location depends on how it was found."""
    return location.name.endswith("/") and all(map(_is_alike_anywhere, location.directives))


def _is_alike_anywhere(item: Directive) -> bool:
    if item.name.endswith("_pass") and "/" in plain(item.args[0]).rpartition("://")[2]:
        return False
    if item.name == "rewrite":
        return True
    captured = any(name.isdigit() for name in variables_of(item.args))
    return not captured and all(map(_is_alike_anywhere, item.block))


def _path(location: Location, exact: dict[Literal, Location]) -> _Path:
    text = location.name.removesuffix("/")
    twin = exact.get(Literal(text))
    whole = twin is not None and twin.directives == location.directives
    # Where the path with a slash stands alone, nginx redirects there before it tries regexes.
    whole = whole and location.name not in exact
    return _Path(text, location, whole)


def _grouped(paths: Sequence[_Path]) -> list[list[_Path]]:
    """Return paths in the order in which nginx tries them, those together that do the same."""
    groups: list[list[_Path]] = []
    for path in paths:
        group = next((item for item in groups[::-1] if _belongs(path, item, groups)), None)
        if group is None:
            groups.append([path])
        else:
            group.append(path)
    return groups


def _belongs(path: _Path, group: list[_Path], groups: list[list[_Path]]) -> bool:
    """Return whether a path may stand in an earlier group: nothing between lies below it."""
    first = group[0]
    if not (path.whole and first.whole) or _does(path) != _does(first):
        return False
    if len(path.location.directives) != len(first.location.directives):
        return False  # one of them names no route
    # nginx compares the keys of a map without case.
    if path.text.lower() in {item.text.lower() for item in group}:
        return False
    between = groups[groups.index(group) + 1 :]
    return not any(item.text.startswith(f"{path.text}/") for held in between for item in held)


def _does(path: _Path) -> tuple[Directive, ...]:
    return tuple(item for item in path.location.directives if not _names_route(item))


def _names_route(item: Directive) -> bool:
    return item.name == "set" and item.args[0] == ROUTE


def _location(group: list[_Path], around: Around) -> Location:
    """Return one location for paths; the longest come first, so that none hides one below it."""
    first = group[0].location
    texts = [escaped(item.text) for item in group]
    if len(group) == 1:
        end = _END if group[0].whole else "/"
        return Location(first.origin, "~", Literal(f"^{texts[0]}{end}"), first.directives)
    named = list(_named(group, around))
    opening = f"(?<{_PATH.name}>" if any(map(_names_its_path, named)) else "(?:"
    name = Literal(f"^{opening}{'|'.join(texts)}){_END}")
    origin = Comment(f"{first.origin} (and {len(group) - 1} more that do the same)")
    return Location(origin, "~", name, tuple(named))


def _named(group: list[_Path], around: Around) -> Iterator[Directive]:
    """Yield the directives of a group; the name of the route depends on the path."""
    names = [
        [item.args[1] for item in path.location.directives if _names_route(item)] for path in group
    ]
    for item in group[0].location.directives:
        if not _names_route(item):
            yield item
            continue
        column: list[Value] = [found[0] for found in names]
        keys = [map_key(path.text) for path in group]
        yield directive("set", ROUTE, *around.names.written(_PATH, keys, [column]))


def _names_its_path(item: Directive) -> bool:
    return _names_route(item) and bool(variables_of(item.args[1:]))
