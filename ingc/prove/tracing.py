"""From what a layout holds back to the hosts and routes that it is made for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from ingc.ir import Config, Host, Proxy, Route
from ingc.plan.layout import Directive, Layout, Location, Map, Server, Value, plain

Routes = Iterator[tuple[Host, Route]]
_VARIABLE = re.compile(r"\$\{?(\w+)")


class Tracing:
    """The hosts and routes behind a layout; made only where something is wrong with one."""

    def __init__(self, layout: Layout, config: Config) -> None:
        self._layout = layout
        self._titles = {host.name: host for host in config.hosts}
        self._names: dict[str, Host] = {}
        self._routes: dict[str, list[tuple[Host, Route]]] = {}
        for host in config.hosts:
            for name in (*host.names, *((host.twin,) if host.twin else ())):
                self._names.setdefault(name, host)
            for route in (*host.routes, host.default):
                self._routes.setdefault(str(route.origin), []).append((host, route))

    def host(self, name: str) -> Host | None:
        """Return the host that has a name."""
        return self._names.get(name)

    def of_server(self, server: Server) -> Routes:
        """Yield what passes requests on in a server: what all of them have is moved up there."""
        for host in self._hosts_of(server):
            yield from ((host, r) for r in (*host.routes, host.default) if _passes_on(r))

    def of_location(self, location: Location, server: Server) -> Routes:
        """Yield the routes that a location stands for, or that refer to it."""
        hosts = self._hosts_of(server)
        for origin in _origins(location, server):
            for host, route in self._routes.get(origin, ()):
                if not hosts or host is hosts[0]:
                    yield host, route
                    yield from _alike(host, route, hosts[1:])

    def _hosts_of(self, server: Server) -> list[Host]:
        """Return the hosts that a server is for; none: it is for no host alone."""
        host = self._titles.get(str(server.title))
        if host is not None:
            return [host]
        lines = (item for item in server.directives if item.name == "server_name")
        named = (self._names.get(str(name)) for item in lines for name in item.args)
        return list(dict.fromkeys(host for host in named if host is not None))

    def of_map(self, block: Map) -> Routes:
        """Yield the routes whose locations use a map's variable, by way of other maps too."""
        names = {block.variable.name}
        growing = True
        while growing:
            more = {name for name, sources in self._sources_of_maps if sources & names}
            growing = not more <= names
            names |= more
        for server in self._layout.servers:
            for location in all_locations(server):
                if names.intersection(_variables(args_of(location.directives))):
                    yield from self.of_location(location, server)

    @cached_property
    def _sources_of_maps(self) -> list[tuple[str, frozenset[str]]]:
        return [(item.variable.name, _variables(values_of(item))) for item in self._layout.maps]


def all_locations(block: Server | Location) -> Iterator[Location]:
    """Yield the locations in a block and in one another, in the order of the text."""
    for item in block.locations:
        yield item
        yield from all_locations(item)


def values_of(block: Map) -> Iterator[Value]:
    """Yield all that a map's block is made of."""
    yield from block.args
    for entry in block.entries:
        yield from entry


def args_of(directives: Iterable[Directive]) -> Iterator[Value]:
    """Yield the arguments of directives, those in blocks too."""
    for item in directives:
        yield from item.args
        yield from args_of(item.block)


def _variables(values: Iterable[Value]) -> frozenset[str]:
    return frozenset(name for value in values for name in _VARIABLE.findall(plain(value)))


def _alike(host: Host, route: Route, others: Iterable[Host]) -> Routes:
    """Yield the routes of other hosts that stand where one does: they share a server."""
    places = (at for at, item in enumerate(host.routes) if item is route)
    at = next(places, None)
    yield from ((item, item.default if at is None else item.routes[at]) for item in others)


def _passes_on(route: Route) -> bool:
    return isinstance(route.action, Proxy)


def _origins(location: Location, server: Server) -> Iterator[str]:
    if not location.name.startswith(("@", "//")):
        # What follows gives the reason why the route has one more.
        yield location.origin.partition(" (")[0]
        return
    for other in all_locations(server):
        if any(location.name in item.args for item in other.directives):
            yield other.origin.partition(" (")[0]
