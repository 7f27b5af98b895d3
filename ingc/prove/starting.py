"""Whether nginx starts with a text that is proved, and whose part it is where it does not.

The rules are the model's (`ingc.model.starting`), over the statements that the structure proof has
read. Here the blocks that they name are traced back, by the layout, to hosts and routes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingc.ir import Config, Host, Proxy, Route
from ingc.model.starting import Part, Place, refusals
from ingc.plan.layout import Directive, Layout, Location, Server
from ingc.prove.blocks import line_of
from ingc.prove.structure import Reading
from ingc.prove.unproved import Unproved
from ingc.syntax.hash_table import Size

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
    """Why nginx would not start with a text that does what is asked."""

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
    main, http = reading.main, reading.whole_http()
    traced: Tracing | None = None
    found = []
    for refusal in refusals(main, http):
        traced = traced or Tracing(layout, config, reading)
        named = refusal.table in _OF_HOSTS
        shares = tuple(traced.share(part, of_hosts=named) for part in refusal.parts)
        found.append(
            Unstartable(
                refusal.why,
                _line(text, reading, refusal.parts, refusal.line),
                None,
                shares=shares,
                size=refusal.size,
                directive=refusal.directive,
            )
        )
    return tuple(found)


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


class Tracing:
    """From blocks of a text back to hosts and routes."""

    def __init__(self, layout: Layout, config: Config, reading: Reading) -> None:
        before = len(layout.maps) + len(layout.upstreams)
        # By identity: statements are equal only if they are the same one.
        self._servers = dict(zip(reading.blocks[before:], layout.servers, strict=True))
        self._hosts: dict[str, Host] = {}
        self._titles = {host.name: host for host in config.hosts}
        self._routes: dict[str, list[tuple[Host, Route]]] = {}
        for host in config.hosts:
            for name in (*host.names, *((host.twin,) if host.twin else ())):
                self._hosts.setdefault(name, host)
            for route in (*host.routes, host.default):
                self._routes.setdefault(str(route.origin), []).append((host, route))

    def share(self, part: Part, *, of_hosts: bool) -> Share:
        """Return who has a part of a refusal; ``of_hosts``: its name is that of a host."""
        if of_hosts:
            return Share(part.name, self._hosts.get(part.name), ())
        routes = {
            (host.name, str(route.origin)): (host, route)
            for place in part.places
            for host, route in self._routes_of(place)
        }
        return Share(part.name, None, tuple(routes.values()))

    def _routes_of(self, place: Place) -> Iterator[tuple[Host, Route]]:
        server = self._servers.get(place.block)
        if server is None:
            return
        host = self._titles.get(str(server.title))
        if place.location is None:
            # What all of its proxying locations have was moved up.
            routes = [(host, route) for route in (*host.routes, host.default)] if host else []
            yield from (
                (owner, route) for owner, route in routes if isinstance(route.action, Proxy)
            )
            return
        statements = [item for item in place.block.block or () if item.name == "location"]
        location = server.locations[statements.index(place.location)]
        for origin in _origins(location, server):
            for route in self._routes.get(origin, ()):
                if host is None or route[0] is host:
                    yield route


def _origins(location: Location, server: Server) -> Iterator[str]:
    """Yield the origins of the routes that a location stands for, or that refer to it."""
    if not location.name.startswith(("@", "//")):
        # What follows says why there is one more for the route.
        yield location.origin.partition(" (")[0]
        return
    for other in server.locations:
        if any(_refers(item, location.name) for item in other.directives):
            yield other.origin.partition(" (")[0]


def _refers(directive: Directive, name: str) -> bool:
    return name in directive.args
