"""Whether nginx starts with a text that is proved, and whose part it is where it does not.

The rules are the model's (`ingc.model.starting`), over the statements that the structure proof has
read. The blocks that they name are traced back, by the layout, to hosts and routes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingc.ir import Config, Host, Route
from ingc.ir.start_names import allowed_at_start
from ingc.model.starting import Part, Place, refusals
from ingc.model.starting.levels import locations_of
from ingc.model.tree import Statement
from ingc.plan.layout import Layout, Location, Server, Unsafe, Value, token
from ingc.prove.blocks import line_of
from ingc.prove.structure import Reading
from ingc.prove.tracing import Routes, Tracing, all_locations, args_of, values_of
from ingc.prove.unproved import Unproved
from ingc.syntax.hash_table import Size
from ingc.syntax.token import Unprintable

_OF_HOSTS = frozenset({"server_names_hash", "map_hash"})
"""Tables of hosts' names: those of http, and those of TLS that is passed on."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a refusal, and who has it."""

    name: str
    """Empty: no name is the matter."""
    host: Host | None
    """The host whose name it is."""
    routes: tuple[tuple[Host, Route], ...]
    """The routes whose locations hold it."""


@dataclass(frozen=True, slots=True)
class Unstartable(Unproved):
    """Why nginx would not start with a text that is right in all else."""

    shares: tuple[Share, ...] = ()
    """What it is made of; without some of it nginx would start."""
    size: Size | None = None
    """The sizes of the table that does not hold all of the names; ``None``: no share may stay."""
    directive: str = ""
    """The directive to change; empty: it is not one alone."""


def unstartable(
    text: str, layout: Layout, config: Config, reading: Reading
) -> tuple[Unstartable, ...]:
    """Return why nginx would not start; nothing: no rule is broken. Raises `NotModelled`."""
    found = tuple(refusals(reading.main, reading.whole_http(), allowed_at_start(config)))
    if not found:
        return ()
    tracing = Tracing(layout, config)
    before = len(layout.maps) + len(layout.upstreams)
    # By identity: statements are equal only if they are the same one.
    servers = dict(zip(reading.blocks[before:], layout.servers, strict=True))
    return tuple(
        Unstartable(
            refusal.why,
            _line(text, reading, refusal.parts, refusal.line),
            None,
            shares=tuple(
                Share(part.name, tracing.host(part.name), ())
                if refusal.table in _OF_HOSTS
                else _share(part.name, _routes_of(part.places, tracing, servers))
                for part in refusal.parts
            ),
            size=refusal.size,
            directive=refusal.directive,
        )
        for refusal in found
    )


def _share(name: str, routes: Routes) -> Share:
    found = {(host.name, str(route.origin)): (host, route) for host, route in routes}
    return Share(name, None, tuple(found.values()))


def _routes_of(
    places: Iterable[Place], tracing: Tracing, servers: dict[Statement, Server]
) -> Routes:
    for place in places:
        server = servers.get(place.block)
        if server is None:
            continue
        if place.location is None:
            yield from tracing.of_server(server)
            continue
        location = list(all_locations(server))[
            list(locations_of(place.block)).index(place.location)
        ]
        yield from tracing.of_location(location, server)


def _line(text: str, reading: Reading, parts: Iterable[Part], within: int) -> int:
    places = (place for part in parts for place in part.places)
    first = next(places, None)
    if first is None:
        return 0
    inner = within or (first.location or first.block).line
    for start, block in zip(reading.starts, reading.blocks, strict=True):
        if block is first.block:
            # Each block was read inside an http that adds one line.
            return line_of(text, start) + inner - 2
    return 0


def unprintable(layout: Layout, config: Config) -> tuple[Unstartable, ...]:
    """Return what in a layout no token can hold: nginx would read something else, or nothing."""
    tracing = Tracing(layout, config)
    found = []
    for why, routes in _unprintable(layout, tracing):
        share = _share("", routes)
        if share.routes:
            found.append(Unstartable(why, 0, None, shares=(share,)))
    return tuple(found)


def _unprintable(layout: Layout, tracing: Tracing) -> Iterator[tuple[str, Routes]]:
    for block in layout.maps:
        why = _fault(values_of(block))
        if why:
            yield why, tracing.of_map(block)
    for server in layout.servers:
        why = _fault(args_of(server.directives))
        if why:
            yield why, tracing.of_server(server)
        for location in all_locations(server):
            why = _fault(_words(location))
            if why:
                yield why, tracing.of_location(location, server)


def _words(location: Location) -> Iterator[Value]:
    yield location.name
    yield from args_of(location.directives)


def _fault(values: Iterable[Value]) -> str:
    for value in values:
        try:
            token(value)
        except Unprintable as error:
            return str(error)
        except Unsafe:
            # A mistake of ours, and nobody else's part.
            continue
    return ""
