"""The routes of a host → its locations.

nginx answers a request for ``/foo`` by itself with a 301 where a location ``/foo/`` proxies and
none is named ``/foo``, before it looks at anything else. So wherever a name ends in a slash, the
name without it exists too.
"""

from __future__ import annotations

from ingc.ir import Exact, Host, Prefix, Route
from ingc.ir.features.redirects import AppRoot
from ingc.ir.written import as_regex
from ingc.match.trie import PathTrie
from ingc.plan.contents import Site
from ingc.plan.frame.client_identity import own_host
from ingc.plan.layout import Comment, Literal, Location, directive
from ingc.syntax.text import Text, Variable


def plan_locations(site: Site) -> tuple[Location, ...]:
    """Return the locations of a host; a ``/`` is always among them."""
    host = site.host
    locations = _plan_regexes(host, site) if host.regex else _plan_paths(host, site)
    root = host.feature(AppRoot)
    if root is not None:
        others = (item for item in locations if (item.modifier, item.name) != ("=", "/"))
        front = site.contents.config.settings.policies.front
        locations = (_app_root(root, own_host(front)), *others)
    return (*locations, *site.beside)


def _app_root(root: AppRoot, host: Variable) -> Location:
    target = Text((Variable("scheme"), "://", host, root.path))
    answer = directive("return", 302, target)
    return Location(Comment("app-root"), "=", Literal("/"), (answer,))


def _plan_paths(host: Host, site: Site) -> tuple[Location, ...]:
    trie = PathTrie(host.routes)
    exact = {route.match.path for route in host.routes if isinstance(route.match, Exact)}
    names: set[str] = set()
    locations: list[Location] = []

    def add(route: Route, *wanted: tuple[str, str]) -> None:
        origin, directives = Comment(str(route.origin)), site.of(route)
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
            locations.append(_location(taken, "=", stem, site, " (else nginx redirects)"))
    if not any(item.name == "/" and not item.modifier for item in locations):
        add(host.default, ("", "/"))
    return tuple(locations)


def _plan_regexes(host: Host, site: Site) -> tuple[Location, ...]:
    """One location for each route, in their order, which is the order in which nginx tries them.

    A path that is no regex is written as one, too: nginx would try it after all of them, and
    redirect to one that ends in a slash.
    """
    locations = [_location(route, *as_regex(route.match), site) for route in host.routes]
    return (*locations, _location(host.default, "", "/", site))


def _location(route: Route, modifier: str, name: str, site: Site, why: str = "") -> Location:
    origin = Comment(f"{route.origin}{why}")
    return Location(origin, modifier, Literal(name), site.of(route))
