"""The routes of one host: duplicates and dead ones out, the rest by precedence."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Container, Iterable, Sequence
from operator import attrgetter

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.hosts_paths import (
    PathEndsWithStar,
    PathHasQuery,
    PathLooksLikeRegex,
    PathUnprintable,
    RouteRepeated,
)
from ingc.frontend.intent import IntentRoute
from ingc.ir import Exact, Prefix, Regex
from ingc.ir.written import can_be_written
from ingc.merge.below import is_below_alone, with_own_paths
from ingc.merge.order import precedence
from ingc.merge.ordered import settle_ordered
from ingc.merge.regexes import (
    PathRegex,
    causes_of_regexes,
    check_regex,
    in_regex_order,
    raw_path,
    refuse_routes,
    report_quirks,
)
from ingc.merge.settled import DeadIntent, Settled, report_dead
from ingc.syntax.uri import BadTarget, remove_dot_segments

_REGEX_SIGNS = re.compile(r"\(\.\*\)|\.\*|\(/\|\$\)|\[[^\]]*\][+*]|\\[dwsb.]|\$$|\(\?")


def settle_routes(host: str, owner: str, routes: list[IntentRoute], sink: Sink) -> Settled:
    """Return the live routes by precedence, and the dead ones; both in a fixed order.

    ``routes`` come in the order of their Ingresses, so the first of two equal ones wins. ``owner``
    is the namespace that has the host; empty: all of them together.
    """
    if any(owner not in ("", route.namespace) for route in routes):
        return _settle_shared(host, owner, routes, sink)
    causes = causes_of_regexes(routes)
    if causes:
        routes = refuse_routes(routes, causes[0], sink)
        taken, dead = _first_ones(host, routes, raw_path, sink)
        return _settle_regexes(host, causes, list(taken.values()), dead, sink)
    return _settle_plain(host, routes, sink)


def _settle_shared(host: str, owner: str, routes: list[IntentRoute], sink: Sink) -> Settled:
    """Settle routes of several namespaces, each of which makes regexes of its own paths alone."""
    groups: dict[str, list[IntentRoute]] = {owner: []}
    for route in routes:
        groups.setdefault(route.namespace, []).append(route)
    causes = {name: causes_of_regexes(group) for name, group in groups.items()}
    regexes = {name for name, found in causes.items() if found}
    plain = [route for route in routes if route.namespace not in regexes]
    settled = _settle_plain(host, plain, sink)
    if not regexes:
        return settled
    too_long = [route for route in settled.live if not can_be_written(route.match)]
    if too_long:
        return _settle_too_long(host, owner, routes, too_long, regexes, sink)
    dead = list(settled.dead)
    for name, group in groups.items():
        if name in regexes:
            group = refuse_routes(group, causes[name][0], sink)  # noqa: PLW2901
            taken, twice = _first_ones(host, group, raw_path, sink)
            groups[name] = list(taken.values())
            dead += twice
        else:
            groups[name] = [route for route in settled.live if route.namespace == name]
    ordered = settle_ordered(host, owner, groups, regexes, sink)
    if causes[owner] and not ordered.closed:
        own = [
            PathRegex(route, match.pattern)
            for route, match in zip(ordered.live, ordered.matches, strict=True)
            if route.namespace == owner and isinstance(match, Regex)
        ]
        report_quirks(host, causes[owner][0], own, sink)
    return dataclasses.replace(
        ordered,
        dead=(*dead, *ordered.dead),
        causes=tuple(cause for found in causes.values() for cause in found),
    )


def _settle_too_long(
    host: str,
    owner: str,
    routes: list[IntentRoute],
    too_long: Sequence[IntentRoute],
    regexes: Container[str],
    sink: Sink,
) -> Settled:
    """Settle routes of which some are too long to be written as regexes, beside other regexes.

    What came later is refused: the regexes, or the long paths.
    """
    order = list(dict.fromkeys((owner, *(route.namespace for route in routes))))
    first = next(place for place, name in enumerate(order) if name in regexes)
    late = all(order.index(route.namespace) > first for route in too_long)
    refused = too_long if late else [r for r in routes if r.namespace in regexes]
    why = "it is too long" if late else "another namespace has paths that are too long"
    for route in refused:
        entry = PathUnprintable(path=route.path, why=f"{why} to stand beside regexes")
        sink.report(entry, route.origin.at("path"))
    # What a path is not given must not fall to others of its namespace.
    whose = {route.namespace for route in refused}
    closed = [dataclasses.replace(r, broken=True) if r.namespace in whose else r for r in routes]
    if late:
        gone = frozenset(map(id, refused))
        kept = [new for new, old in zip(closed, routes, strict=True) if id(old) not in gone]
        settled = _settle_shared(host, owner, kept, sink)
        dead = tuple(DeadIntent(route, why, None) for route in refused)
        return dataclasses.replace(settled, dead=(*settled.dead, *dead))
    return _settle_plain(host, closed, sink)


def _first_ones(
    host: str,
    routes: Iterable[IntentRoute],
    key: Callable[[IntentRoute], object],
    sink: Sink,
) -> tuple[dict[object, IntentRoute], list[DeadIntent]]:
    """Return the first route of each key, and the others, which are reported."""
    taken: dict[object, IntentRoute] = {}
    dead: list[DeadIntent] = []
    for route in routes:
        winner = taken.setdefault(key(route), route)
        if winner is not route:
            dead.append(DeadIntent(route, f"the same path as {winner.name}", winner))
            entry = RouteRepeated(
                host=host or "(any host)", path=route.path, winner=_rule_of(winner, route)
            )
            sink.report(entry, route.origin, [Related(winner.origin, "this rule is used")])
    return taken, dead


def _settle_plain(host: str, routes: Iterable[IntentRoute], sink: Sink) -> Settled:
    taken, dead = _first_ones(host, routes, attrgetter("match"), sink)
    live = []
    for route in sorted(taken.values(), key=precedence):
        found = _abnormal(route) or _shadowed(route, taken)
        if found is None:
            live.append(route)
            _warn(route, sink)
            continue
        dead.append(found)
        report_dead(found, _fix(found), sink)
    live = with_own_paths(live)
    return Settled(tuple(live), tuple(route.match for route in live), tuple(dead))


def _settle_regexes(
    host: str,
    causes: tuple[IntentRoute, ...],
    routes: list[IntentRoute],
    dead: list[DeadIntent],
    sink: Sink,
) -> Settled:
    regexes, twice = in_regex_order(routes, sink)
    good = [check_regex(regex, sink) for regex in regexes]
    report_quirks(host, causes[0], regexes, sink)
    live = tuple(regex.route for regex in regexes)
    matches = tuple(Regex(regex.text) for regex in regexes)
    return Settled(live, matches, (*dead, *twice), True, not all(good), causes)


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
    if longer is None or is_below_alone(longer):
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
