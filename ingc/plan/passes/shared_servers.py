"""Hosts whose servers differ in nothing but names: one server for all of them.

nginx keeps some 9 kB for each location, and looks through all upstreams for each ``proxy_pass``.
A request names its host in both layouts, so that ``$host`` tells where its route is from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

from ingc.plan.frame.http import ROUTE
from ingc.plan.layout import Comment, Directive, Location, Server, Value, directive
from ingc.plan.passes.around import Around, all_locations, asks_for, names_of
from ingc.plan.rooms import host_key, is_host_key
from ingc.syntax.text import Variable

_HOST = Variable("host")
_OF_SERVER = frozenset({"server_name"})
"""The variable of the first name of a server: whoever uses it must not find a neighbour's."""


def share_servers(servers: tuple[Server, ...], around: Around) -> tuple[Server, ...]:
    """Return servers of which those that are alike have become one, in the place of the first."""
    if _OF_SERVER & around.used:
        return servers
    alike: dict[Hashable, list[Server]] = defaultdict(list)
    for server in servers:
        alike[_likeness(server)].append(server)
    return tuple(
        found[0] if len(found) == 1 else _shared(found, around) for found in alike.values()
    )


def _likeness(server: Server) -> Hashable:
    """Return what servers have to have in common: of one that can't be shared, itself."""
    if not _may_be_shared(server):
        return id(server)
    kept = tuple(item for item in server.directives if item.name != "server_name")
    return kept, tuple(map(_of_location, server.locations))


def _of_location(location: Location) -> Hashable:
    kept = tuple(item for item in location.directives if not _names_route(item))
    inner = tuple(map(_of_location, location.locations))
    return location.modifier, location.name, kept, _route_of(location) is None, inner


def _may_be_shared(server: Server) -> bool:
    names = names_of(server)
    if not names or not all(map(is_host_key, map(str, names))):
        return False
    listens = [item.args for item in server.directives if item.name == "listen"]
    refuses = any(item.name == "ssl_reject_handshake" for item in server.directives)
    # A client of TLS need not repeat the name: $host is the server's first one then.
    if any("ssl" in args for args in listens) and not refuses:
        return False
    if any("default_server" in args for args in listens):
        return False
    inner = (
        *server.directives,
        *(d for item in all_locations(server.locations) for d in item.directives),
    )
    return not any(asks_for(_OF_SERVER, item) for item in inner)


def _names_route(item: Directive) -> bool:
    return item.name == "set" and item.args[0] == ROUTE


def _route_of(location: Location) -> Value | None:
    return next((item.args[1] for item in location.directives if _names_route(item)), None)


def _shared(servers: Sequence[Server], around: Around) -> Server:
    first, others = servers[0], len(servers) - 1
    keys = [host_key(str(name)) for server in servers for name in names_of(server)]
    rows = [row for server in servers for row in _routes_of(server)]
    columns = list(zip(*rows, strict=True))
    written = iter(around.names.written(_HOST, keys, columns))
    names = [directive("server_name", name) for server in servers for name in names_of(server)]
    at = next(n for n, item in enumerate(first.directives) if item.name == "server_name")
    others_of_first = (item for item in first.directives[at:] if item.name != "server_name")
    return Server(
        Comment(f"{first.title}, and the same for {others} more"),
        (*first.directives[:at], *names, *others_of_first),
        tuple(_renamed(item, written, others) for item in first.locations),
    )


def _routes_of(server: Server) -> list[tuple[Value, ...]]:
    """Return for each name of a server the routes that its locations name."""
    routes = (_route_of(item) for item in all_locations(server.locations))
    return [tuple(route for route in routes if route is not None)] * len(names_of(server))


def _renamed(location: Location, written: Iterator[Value], others: int) -> Location:
    """Return a location with the next name of a route, where it has one."""
    origin = Comment(f"{location.origin} (and the same of {others} more)")
    directives = tuple(
        directive("set", ROUTE, next(written)) if _names_route(item) else item
        for item in location.directives
    )
    inner = tuple(_renamed(item, written, others) for item in location.locations)
    return Location(origin, location.modifier, location.name, directives, inner)
