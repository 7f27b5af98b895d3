"""Locations and the routes they stand for: who takes a path on either side."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from ingc.ir import BoundedRegex, Exact, Host, Prefix, Redirect, Regex, Route
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.rewrite import Rewrite
from ingc.match.path_tests import path_test
from ingc.match.trie import PathMatcher
from ingc.model.locations import FoundLocation, Level, find
from ingc.prove.equivalence import Keys, Looks
from ingc.prove.witnesses import LONGEST, is_plain, uri_witnesses
from ingc.syntax.regex.reading import Pattern, TooManySteps
from ingc.syntax.regex.samples import sample, samples
from ingc.syntax.uri import BadTarget, read_target

_IN_FULL = 4
"""So many paths of a location whose outcome depends on the whole path are compared in full."""
_LOOKED_UP = 64
"""So many routes of a host in regex mode are looked up on both sides; the others are compared
where they stand in the order, which is the same on both."""
_SIGNS = re.compile(r"[^A-Za-z0-9/_-]")
_MOST_SIGNS = 32


@dataclass(frozen=True, slots=True)
class Pair:
    """A path, the location that takes it, and the route that takes it."""

    uri: bytes
    found: FoundLocation | None
    """``None``: no server, so no location."""
    route: Route | None
    """``None``: no route takes it, so the default."""
    location_key: Hashable
    """What the location holds."""
    form: Hashable
    """What else the outcome may depend on: the form of the path, or the path itself."""
    forced: bool = False
    """True where the pair stands at the same place of both orders, and was not looked up."""

    def key(self, scheme: str) -> tuple[Hashable, Hashable, Hashable]:
        """Return what decides the outcome on a scheme, beside the server and the host.

        The last of three is what depends on the path.
        """
        return self.location_key, _route_key(self.route, scheme), self.form


def _route_key(route: Route | None, scheme: str) -> Hashable:
    if route is None:
        return None
    features = route.features
    if not features:
        return route.action
    if scheme == "http" and not isinstance(route.action, Redirect):
        to_https = route.feature(HttpsRedirect)
        if to_https is not None:
            # Where it redirects, the upstream and what comes later do not matter.
            early = tuple(item for item in features if item.before_https)
            path = route.path if any(isinstance(item, Rewrite) for item in early) else ""
            return to_https, early, path, type(route.action), bool(route.origin.name)
    return route.action, features, route.path


def pairs_of(
    level: Level | None, host: Host, matcher: PathMatcher, keys: Keys, flat: Level | None
) -> Iterator[Pair]:
    """Yield each pair of a location and a route that some witness meets, by the path's form.

    ``flat`` is the level without groups of regexes.
    """
    seen: set[tuple[int, int, Hashable]] = set()
    known: dict[tuple[int, int], Looks] = {}
    full: dict[tuple[int, int], int] = {}
    groups = islice(level.prefix if level is not flat else (), _LOOKED_UP) if level else ()
    for uri in uri_witnesses(chain(_paths(flat, host), groups)):
        try:
            found = find(level, uri) if level is not None else None
            route = matcher.find(uri)
        except TooManySteps:
            continue
        location = found.location if found is not None else None
        met = (id(location), id(route))
        looks = known.get(met)
        if looks is None:
            at_location = keys.looks(location) if location is not None else Looks.EVERYWHERE
            looks = known[met] = max(at_location, _looks(route or host.default))
        elif looks is Looks.NOWHERE and not host.features:
            continue
        full[met] = full.get(met, 0) + 1
        if looks is Looks.EVERYWHERE and full[met] > _IN_FULL:
            continue
        form = _form(uri, Looks.EVERYWHERE if host.features and uri == b"/" else looks)
        if (*met, form) not in seen:
            seen.add((*met, form))
            yield Pair(uri, found, route, keys.location(location, level), form)
    if flat is not None and host.regex and len(flat.regexes) == len(host.routes):
        yield from _in_order(flat, host, keys)


def _form(uri: bytes, looks: Looks) -> Hashable:
    if looks is Looks.AT_ITS_FORM:
        return uri[-1:] == b"/", is_plain(uri)
    return uri if looks is Looks.EVERYWHERE else None


def _looks(route: Route) -> Looks:
    """Return how much of a path may decide what a route does."""
    if not route.features:
        return Looks.NOWHERE
    if route.feature(Rewrite) is not None:
        return Looks.EVERYWHERE
    redirects = route.feature(HttpsRedirect) is not None
    return Looks.AT_ITS_FORM if redirects else Looks.NOWHERE


def _paths(level: Level | None, host: Host) -> Iterator[bytes]:
    if host.regex:
        for route in host.routes[:_LOOKED_UP]:
            yield from _samples(route)
    else:
        for route in (*host.routes, *(dead.route for dead in host.dead)):
            if isinstance(route.match, Exact | Prefix):
                yield route.match.path.encode()
    if level is not None:
        yield from level.exact
        yield from level.prefix


def _samples(route: Route) -> Iterator[bytes]:
    yield route.path.encode()
    if isinstance(route.match, BoundedRegex):
        yield route.match.below.encode()
        yield from samples(route.match.pattern)
    elif isinstance(route.match, Regex):
        found = sample(route.match.pattern)
        if found.startswith(b"/"):
            yield found
    else:
        yield route.match.path.encode()


def _in_order(level: Level, host: Host, keys: Keys) -> Iterator[Pair]:
    for (pattern, location), route in zip(level.regexes, host.routes, strict=True):
        taken = (uri for uri in _normal(_samples(route)) if _takes(pattern, uri))
        uri = next(taken, None)
        found = FoundLocation(location) if uri is None else FoundLocation(location, pattern)
        at = uri or b"/"
        yield Pair(at, found, route, keys.location(location, level), at, forced=True)


def _takes(pattern: Pattern, uri: bytes) -> bool:
    try:
        return pattern.search(uri) is not None
    except TooManySteps:
        return False


def _normal(paths: Iterator[bytes]) -> Iterator[bytes]:
    for path in paths:
        if len(path) > LONGEST:
            continue
        try:
            yield read_target(path.replace(b"%", b"%25").replace(b"?", b"%3F")).uri
        except BadTarget:
            continue


def regexes_differ(level: Level, host: Host) -> tuple[str, str] | None:
    """Return what is expected and what is found where the regexes of a host are not in order."""
    for number, route in enumerate(host.routes):
        expected = f"the regex of {route.path} as number {number + 1}"
        if number >= len(level.regexes):
            return expected, "nothing"
        pattern, location = level.regexes[number]
        if type(route.match) is Regex:
            alike = location.args == ("~*", f"^{route.match.pattern}")
        else:
            alike = location.args[0] == "~" and _take_alike(pattern, route)
        if not alike:
            return expected, " ".join(location.args)
    if len(level.regexes) > len(host.routes):
        return f"{len(host.routes)} regexes", f"{len(level.regexes)}"
    return None


def _take_alike(pattern: Pattern, route: Route) -> bool:
    """Return whether a location's regex takes the witnesses that its route takes by itself."""
    takes = path_test(route.match)
    for uri in (*uri_witnesses(_samples(route)), *_misread(route)):
        try:
            if takes(uri) != (pattern.search(uri) is not None):
                return False
        except TooManySteps:
            continue
    return True


def _misread(route: Route) -> Iterator[bytes]:
    """Yield paths that a route takes only where its text is taken for a regex."""
    match = route.match
    text = match.below if isinstance(match, BoundedRegex) else ""
    if isinstance(match, Exact | Prefix):
        text = match.path
    for found in islice(_SIGNS.finditer(text), _MOST_SIGNS):
        yield (text[: found.start()] + "x" + text[found.end() :]).encode()
