"""The routes of one host: duplicates and dead ones out, the rest by precedence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.hosts_paths import (
    PathEndsWithStar,
    PathHasQuery,
    PathLooksLikeRegex,
    RouteNeverReached,
    RouteRepeated,
)
from ingc.frontend.intent import IntentRoute
from ingc.ir import Exact, Prefix
from ingc.merge.order import precedence
from ingc.merge.regexes import (
    causes_of_regexes,
    check_regex,
    in_regex_order,
    raw_path,
    report_quirks,
)
from ingc.syntax.uri import BadTarget, remove_dot_segments

_REGEX_SIGNS = re.compile(r"\(\.\*\)|\.\*|\(/\|\$\)|\[[^\]]*\][+*]|\\[dwsb.]|\$$|\(\?")


@dataclass(frozen=True, slots=True)
class DeadIntent:
    """A route that gets no requests."""

    route: IntentRoute
    why: str
    by: IntentRoute | None


@dataclass(frozen=True, slots=True)
class Settled:
    """The routes of a host."""

    live: tuple[IntentRoute, ...]
    """By precedence."""
    dead: tuple[DeadIntent, ...]
    regex: bool = False
    closed: bool = False
    """True where a regex is broken: its requests must not fall to other routes."""
    causes: tuple[IntentRoute, ...] = ()
    """The routes that make regexes of all paths."""


def settle_routes(host: str, routes: list[IntentRoute], sink: Sink) -> Settled:
    """Return the live routes by precedence, and the dead ones; both in a fixed order.

    ``routes`` come in the order of their Ingresses, so the first of two equal ones wins.
    """
    causes = causes_of_regexes(routes)
    taken: dict[object, IntentRoute] = {}
    dead: list[DeadIntent] = []
    for route in routes:
        winner = taken.setdefault(raw_path(route) if causes else route.match, route)
        if winner is not route:
            dead.append(DeadIntent(route, f"the same path as {winner.name}", winner))
            entry = RouteRepeated(
                host=host or "(any host)", path=route.path, winner=_rule_of(winner, route)
            )
            sink.report(entry, route.origin, [Related(winner.origin, "this rule is used")])
    if causes:
        return _settle_regexes(host, causes, list(taken.values()), dead, sink)
    live = []
    for route in sorted(taken.values(), key=precedence):
        found = _abnormal(route) or _shadowed(route, taken)
        if found is None:
            live.append(route)
            _warn(route, sink)
            continue
        dead.append(found)
        also = [Related(found.by.origin, "takes its requests")] if found.by else []
        entry_dead = RouteNeverReached(path=route.path, why=found.why, fix=_fix(found))
        sink.report(entry_dead, route.origin.at("path"), also)
    return Settled(tuple(live), tuple(dead))


def _settle_regexes(
    host: str,
    causes: tuple[IntentRoute, ...],
    routes: list[IntentRoute],
    dead: list[DeadIntent],
    sink: Sink,
) -> Settled:
    live: dict[str, IntentRoute] = {}
    closed = False
    for route in in_regex_order(routes):
        winner = live.setdefault(route.path, route)
        if winner is not route:
            why = f"a regex with the same text, of {winner.name}, comes first"
            dead.append(DeadIntent(route, why, winner))
            entry = RouteNeverReached(path=route.path, why=why, fix="remove one of the two rules")
            also = [Related(winner.origin, "takes its requests")]
            sink.report(entry, route.origin.at("path"), also)
        elif not check_regex(route, sink):
            closed = True
    report_quirks(host, causes[0], tuple(live.values()), sink)
    return Settled(tuple(live.values()), tuple(dead), True, closed, causes)


def _abnormal(route: IntentRoute) -> DeadIntent | None:
    """A path that no ``$uri`` can equal or begin with, because nginx normalises first."""
    path = route.match.path.encode()
    try:
        normal = remove_dot_segments(path)
    except BadTarget:
        return DeadIntent(route, "it climbs above the root", None)
    if normal != path:
        return DeadIntent(route, f"nginx sees such requests as {normal.decode()}", None)
    return None


def _shadowed(route: IntentRoute, taken: dict[object, IntentRoute]) -> DeadIntent | None:
    """Prefix ``/foo`` beside Prefix ``/foo/``: the longer text wins for every request."""
    if isinstance(route.match, Exact) or route.match.path.endswith("/"):
        return None
    longer = taken.get(Prefix(route.match.path + "/"))
    if longer is None:
        return None
    other = "" if longer.name == route.name else f" of {longer.name}"
    return DeadIntent(route, f"{longer.path}{other} takes the same requests and is longer", longer)


def _rule_of(winner: IntentRoute, loser: IntentRoute) -> str:
    if winner.name == loser.name:
        return "an earlier rule of this Ingress"
    return f"{winner.name}, which is older or comes first by name"


def _fix(dead: DeadIntent) -> str:
    if dead.by is not None:
        return "remove one of the two rules; they match the same requests"
    return "write the path as clients reach it, without //, dot segments and encoded slashes"


def _warn(route: IntentRoute, sink: Sink) -> None:
    path = route.path
    for char, escape in (("?", "%3F"), ("#", "%23")):
        if char in path:
            entry = PathHasQuery(path=path, char=char, escape=escape)
            sink.report(entry, route.origin.at("path"))
    if path.endswith("/*"):
        starred = PathEndsWithStar(path=path, plain=path[:-2] or "/")
        sink.report(starred, route.origin.at("path"))
    elif _REGEX_SIGNS.search(path):
        sink.report(PathLooksLikeRegex(path=path), route.origin.at("path"))
