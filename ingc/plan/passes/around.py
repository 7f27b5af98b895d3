"""What passes know of a layout beside its servers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingc.plan.layout import Map, Value
from ingc.plan.passes.maps_of_names import MapsOfNames
from ingc.syntax.text import Text, Variable


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the servers, and the maps that passes add there."""

    used: frozenset[str]
    """The variables that are used outside of servers."""
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
