"""Whether another frame makes a difference to hosts that are as they were."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping

from ingc.plan.layout import Directive, Layout, Server, plain

_SIZES = re.compile(r"(?:variables|server_names)_hash_(?:max|bucket)_size").fullmatch
"""What is checked for all names together, whenever these are others."""
_ZONES = ("limit_req_zone", "limit_conn_zone")


def names_that_differ(
    before: Layout, after: Layout, hosts: Container[str]
) -> frozenset[str] | None:
    """Return the maps, zones and blocks that are not the same in both frames, by their names.

    ``hosts`` are the names of the hosts that are others too. ``None``: hosts that are as they were
    may be answered otherwise.
    """
    if _around(before) != _around(after) or _first(before) != _first(after):
        return None
    if _redirects(before, hosts) != _redirects(after, hosts):
        return None
    pairs = (
        (_maps(before), _maps(after)),
        (_zones(before), _zones(after)),
        (_blocks(before), _blocks(after)),
    )
    return frozenset(
        name for old, new in pairs for name in {**old, **new} if old.get(name) != new.get(name)
    )


def _around(layout: Layout) -> tuple[object, ...]:
    inner = [
        item
        for group in layout.http
        for item in group.directives
        if not _SIZES(item.name) and item.name not in _ZONES
    ]
    return layout.main, layout.events, layout.entry_blocks, layout.stream, inner


def _first(layout: Layout) -> list[tuple[Directive, ...]]:
    """Return what the servers hold that take what no host does, but for their locations."""
    return [server.directives for server in layout.servers if not _is_redirect(server)]


def _redirects(layout: Layout, hosts: Container[str]) -> dict[object, list[str]]:
    """Return the names that are redirected, without those of some hosts."""
    found: dict[object, list[str]] = {}
    for server in filter(_is_redirect, layout.servers):
        rest = tuple([item for item in server.directives if item.name != "server_name"])
        named = (plain(item.args[0]) for item in server.directives if item.name == "server_name")
        left = [name for name in named if name not in hosts]
        if left:
            found[rest, server.locations] = left
    return found


def redirected(layout: Layout) -> Iterator[str]:
    """Yield the names of hosts of which plain http is redirected by one server for many."""
    for server in filter(_is_redirect, layout.servers):
        yield from (plain(item.args[0]) for item in server.directives if item.name == "server_name")


def _is_redirect(server: Server) -> bool:
    return not any(
        item.name == "listen" and "default_server" in item.args for item in server.directives
    )


def _maps(layout: Layout) -> dict[str, object]:
    return _by_name((plain(item.variable), item) for item in layout.maps)


def _blocks(layout: Layout) -> dict[str, object]:
    return _by_name((item.name, item) for item in layout.upstreams)


def _zones(layout: Layout) -> dict[str, object]:
    directives = (item for group in layout.http for item in group.directives)
    return _by_name((_zone(item), item) for item in directives if item.name in _ZONES)


def _by_name(items: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Return items by their names; of two with the same name, both."""
    found: dict[str, object] = {}
    for name, item in items:
        found[name] = (found[name], item) if name in found else item
    return found


def _zone(directive: Directive) -> str:
    zone = next(text for text in map(plain, directive.args) if text.startswith("zone="))
    return zone.removeprefix("zone=").partition(":")[0]


def reached_from(names: frozenset[str], mentions: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return names, and those of everything whose text leads to one of them.

    ``mentions`` are the names in the text of each map, zone and block.
    """
    found = set(names)
    while True:
        more = {name for name, inner in mentions.items() if not found.isdisjoint(inner)} - found
        if not more:
            return frozenset(found)
        found |= more
