"""The routes of a host → its locations.

nginx answers a request for ``/foo`` by itself with a 301 where a location ``/foo/`` proxies and
none is named ``/foo``, before it looks at anything else. So wherever a name ends in a slash, the
name without it exists too.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingc.ir import Exact, Host, Prefix, Proxy, Regex, Route, Settings, Upstream
from ingc.match.trie import PathTrie
from ingc.plan.frame import ROUTE, directive, wants_route
from ingc.plan.layout import Comment, Directive, Literal, Location, Text, Value, Variable
from ingc.target import UPSTREAM_RESOLVE

UPSTREAM = Variable("ingc_upstream")


@dataclass(frozen=True, slots=True)
class Contents:
    """What the locations of a configuration hold, made once for each route."""

    settings: Settings
    upstreams: dict[str, Upstream]

    def of(self, route: Route) -> tuple[Directive, ...]:
        """Return the directives that do what a route asks for."""
        action = route.action
        if not isinstance(action, Proxy):
            answer = directive("return", action.status)
            return (*self._name(route), answer)
        return (*self._name(route), *self._pass(self.upstreams[action.upstream]))

    def _name(self, route: Route) -> tuple[Directive, ...]:
        if not wants_route(self.settings) or not route.origin.name:
            return ()
        return (directive("set", ROUTE, str(route.origin)),)

    def _pass(self, upstream: Upstream) -> tuple[Directive, ...]:
        if not resolves_by_variable(upstream, self.settings):
            return (directive("proxy_pass", f"http://{upstream.name}"),)
        endpoint = upstream.endpoints[0]
        passed: Value = Text(("http://", UPSTREAM))
        return (
            directive("set", UPSTREAM, f"{endpoint.address}:{endpoint.port}"),
            directive("proxy_pass", passed),
        )


def resolves_by_variable(upstream: Upstream, settings: Settings) -> bool:
    """Tell whether an upstream's name is resolved by a variable, for want of ``resolve``."""
    named = upstream.endpoints[0].dns
    return named and bool(settings.resolver) and settings.target < UPSTREAM_RESOLVE


def plan_locations(host: Host, contents: Contents) -> tuple[Location, ...]:
    """Return the locations of a host; a ``/`` is always among them."""
    if host.regex:
        return _plan_regexes(host, contents)
    trie = PathTrie(host.routes)
    exact = {route.match.path for route in host.routes if isinstance(route.match, Exact)}
    names: set[str] = set()
    locations: list[Location] = []

    def add(route: Route, *wanted: tuple[str, str]) -> None:
        origin, directives = Comment(str(route.origin)), contents.of(route)
        for modifier, name in wanted:
            if modifier:
                names.add(name)
            locations.append(Location(origin, modifier, Literal(name), directives))

    for route in host.routes:
        path = route.match.path if isinstance(route.match, Exact | Prefix) else "/"
        stem = path.removesuffix("/")
        if isinstance(route.match, Exact):
            add(route, ("=", path))
        elif not stem:
            add(route, ("", "/"))
        elif stem in exact:
            add(route, ("", stem + "/"))
        else:
            add(route, ("=", stem), ("", stem + "/"))
    for path in sorted(exact):
        stem = path.removesuffix("/")
        if stem and stem != path and stem not in names:
            taken = trie.find(stem.encode()) or host.default
            names.add(stem)
            locations.append(_location(taken, "=", stem, contents, " (else nginx redirects)"))
    if not any(item.name == "/" and not item.modifier for item in locations):
        add(host.default, ("", "/"))
    return tuple(locations)


def _plan_regexes(host: Host, contents: Contents) -> tuple[Location, ...]:
    locations = [
        Location(
            Comment(str(route.origin)), "~*", Literal("^" + route.match.pattern), contents.of(route)
        )
        for route in host.routes
        if isinstance(route.match, Regex)
    ]
    return (*locations, _location(host.default, "", "/", contents))


def _location(
    route: Route, modifier: str, name: str, contents: Contents, why: str = ""
) -> Location:
    origin = Comment(f"{route.origin}{why}")
    return Location(origin, modifier, Literal(name), contents.of(route))
