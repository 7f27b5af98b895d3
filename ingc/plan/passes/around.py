"""What passes know of a layout beside its servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ingc.plan.layout import Directive, Location, Map, Server, Value
from ingc.plan.passes.maps_of_names import MapsOfNames
from ingc.syntax.hash_table import Size
from ingc.syntax.text import Text, Variable


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the servers, and the maps that passes add there."""

    used: frozenset[str]
    """The variables that are used outside of servers."""
    read: frozenset[str] = frozenset()
    """Those of them that count where nginx answers by itself, in its logs too."""
    room: Size | None = None
    """That of nginx's table of the names of servers; ``None``: others decide about it."""
    names: MapsOfNames = field(default_factory=MapsOfNames)


def variables_of(values: Iterable[Value | None]) -> frozenset[str]:
    """Return the names of the variables in values."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, Variable):
            found.add(value.name)
        elif isinstance(value, Text):
            found.update(value.variables)
    return frozenset(found)


def of_maps(maps: Iterable[Map]) -> Iterable[Value | None]:
    """Yield what maps look up, and what they give."""
    for item in maps:
        yield item.source
        yield from (value for _, value in item.entries)


def reached(names: Iterable[str], maps: Iterable[Map]) -> frozenset[str]:
    """Return variables, and those that maps make them of."""
    made = {item.variable.name: item for item in maps}
    found = dict.fromkeys(names)
    waiting = list(found)
    while waiting:
        block = made.get(waiting.pop())
        more = variables_of(of_maps((block,))) - found.keys() if block is not None else frozenset()
        found.update(dict.fromkeys(more))
        waiting += more
    return frozenset(found)


def names_of(server: Server) -> list[Value]:
    """Return the names of a server."""
    return [name for item in server.directives if item.name == "server_name" for name in item.args]


def all_locations(locations: Iterable[Location]) -> Iterator[Location]:
    """Yield locations and those in them, in the order of the text."""
    for item in locations:
        yield item
        yield from all_locations(item.locations)


def asks_for(names: frozenset[str], item: Directive) -> bool:
    """Return whether a directive, or one in its block, uses one of some variables."""
    return bool(names & variables_of(item.args)) or any(
        asks_for(names, each) for each in item.block
    )
