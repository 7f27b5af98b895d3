"""The routes of a host that several namespaces share, where some are regexes: one order of all.

The owner's routes keep their order. Each other namespace, the older first, has its routes put in
among those that are there: one comes after the last that is as long as itself, or longer. Nothing
else moves, so a request that the new routes do not take is answered as before.
"""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.hosts_paths import PathRegexInvalid
from ingc.diagnostics.catalogue.tenancy import RegexBelowItsPrefix
from ingc.frontend.intent import IntentRoute
from ingc.ir import BoundedRegex, Exact, Prefix, Regex, RouteMatch
from ingc.ir.written import as_regex, can_be_written
from ingc.merge.order import precedence
from ingc.merge.owners import display_name
from ingc.merge.regexes import PathRegex, check_regex, in_regex_order
from ingc.merge.settled import DeadIntent, Settled, report_dead
from ingc.syntax.regex.paths import beginning
from ingc.syntax.regex.reading import BadRegex, read_pattern

_TAKES_ALL = frozenset({"/", "/.*", "/(.*)"})
_PLAIN = re.compile(r"[A-Za-z0-9/_~-]*[A-Za-z0-9_~-]").fullmatch
"""A regex of these takes what the path takes as a Prefix."""


class Placed(NamedTuple):
    """A route with a place in the order."""

    route: IntentRoute
    match: RouteMatch
    length: int
    """Of the path, or of what a regex begins with, in bytes."""


@dataclass(slots=True)
class _Ordering:
    host: str
    owner: str
    sink: Sink
    dead: list[DeadIntent] = field(default_factory=list)
    closed: bool = False

    def leave_out(self, route: IntentRoute, why: str, by: IntentRoute | None, fix: str) -> None:
        """Note a route that is never reached."""
        self.dead.append(DeadIntent(route, why, by))
        report_dead(self.dead[-1], fix, self.sink)


def settle_ordered(
    host: str,
    owner: str,
    groups: Mapping[str, Sequence[IntentRoute]],
    regexes: Container[str],
    sink: Sink,
) -> Settled:
    """Return the routes of a host in the order in which they are tried.

    ``groups`` are the routes of each namespace, the owner's first, then by age: of those among
    ``regexes`` no two with the same path and pathType, of the others the live ones by precedence.
    """
    ordering = _Ordering(host, owner, sink)
    order: list[Placed] = []
    exact: list[Placed] = []
    for namespace, routes in groups.items():
        if namespace not in regexes:
            placed = [_plain(route) for route in routes]
            exact += (item for item in placed if isinstance(item.match, Exact))
            group = [item for item in placed if not isinstance(item.match, Exact)]
        else:
            found, twice = in_regex_order(routes, sink)
            ordering.dead += twice
            group = _own(found, ordering) if namespace == owner else _foreign(found, ordering)
        order = _put_in(order, group) if namespace != owner else group
    live = [*exact, *_reached(order, ordering)]
    _report_bounds(live, ordering)
    regex = any(isinstance(item.match, Regex) for item in live)
    if not regex:
        live.sort(key=lambda item: precedence(item.route))
    return Settled(
        tuple(item.route for item in live),
        tuple(item.match for item in live),
        tuple(ordering.dead),
        regex=regex,
        closed=ordering.closed,
    )


def _plain(route: IntentRoute) -> Placed:
    return Placed(route, route.match, len(route.match.path.encode()))


def _own(regexes: Sequence[PathRegex], ordering: _Ordering) -> list[Placed]:
    """Return the regexes of the owner; where one is broken the host is closed."""
    found = []
    for regex in regexes:
        good = check_regex(regex, ordering.sink)
        ordering.closed |= not good
        literal = beginning(regex.text).literal if good else ""
        found.append(Placed(regex.route, Regex(regex.text), len(literal.encode())))
    return found


def _foreign(regexes: Sequence[PathRegex], ordering: _Ordering) -> list[Placed]:
    """Return the regexes of a namespace on a host of another one.

    Where one is broken, all of them answer 503: what it was meant to take must not fall to others
    of the same namespace.
    """
    good = [check_regex(regex, ordering.sink) and _fits(regex, ordering) for regex in regexes]
    if not all(good):
        return list(_closed(regexes, good, ordering))
    return [_bounded(regex) for regex in regexes]


def _closed(
    regexes: Iterable[PathRegex], good: Iterable[bool], ordering: _Ordering
) -> Iterator[Placed]:
    for (route, text), is_good in zip(regexes, good, strict=True):
        closed = dataclasses.replace(route, broken=True)
        # Of a broken one nothing is known but its text.
        as_text = Prefix(route.match.path)
        if is_good:
            yield _bounded(PathRegex(closed, text))
        elif can_be_written(as_text):
            yield Placed(closed, as_text, len(as_text.path.encode()))
        else:
            ordering.dead.append(DeadIntent(closed, "it can't be written for nginx", None))


def _fits(regex: PathRegex, ordering: _Ordering) -> bool:
    """Return whether a regex can stand among others as a part of one; what can't is reported."""
    route, match, _ = _bounded(regex)
    why = "" if can_be_written(match) else "it is too long beside paths of other namespaces"
    try:
        read_pattern(as_regex(match)[1])
    except BadRegex as error:
        why = f"it can't stand in a group: {error.why}"
    if why:
        entry = PathRegexInvalid(path=route.path, why=why)
        ordering.sink.report(entry, route.origin.at("path"))
    return not why


def _bounded(regex: PathRegex) -> Placed:
    found = beginning(regex.text)
    match = BoundedRegex(regex.text, found.below)
    return Placed(regex.route, match, len(found.literal.encode()))


def _report_bounds(live: Iterable[Placed], ordering: _Ordering) -> None:
    """Note, once for a namespace, that its regexes don't take all that they match."""
    reported: set[str] = set()
    for route, match, _ in live:
        if isinstance(match, BoundedRegex) and route.namespace not in reported:
            reported.add(route.namespace)
            entry = RegexBelowItsPrefix(
                host=display_name(ordering.host), owner=ordering.owner, below=match.below or "/"
            )
            ordering.sink.report(entry, route.origin.at("path"))


def _put_in(order: Sequence[Placed], group: Iterable[Placed]) -> list[Placed]:
    """Return an order with the routes of one more namespace."""
    # By how many routes are left: the greatest length among them, which only grows.
    remaining: list[int] = []
    longest = -1
    for item in reversed(order):
        longest = max(longest, item.length)
        remaining.append(longest)
    by_slot: dict[int, list[Placed]] = {}
    for item in group:
        slot = len(order) - bisect_left(remaining, item.length)
        by_slot.setdefault(slot, []).append(item)
    found: list[Placed] = []
    for place, item in enumerate(order):
        found += by_slot.get(place, ())
        found.append(item)
    return found + by_slot.get(len(order), [])


def _reached(order: Iterable[Placed], ordering: _Ordering) -> list[Placed]:
    """Return the routes that get requests, as far as that is plain to see.

    All of the owner's do: the question only arises with others on its host.
    """
    live: list[Placed] = []
    everything: IntentRoute | None = None
    texts: dict[str, IntentRoute] = {}
    stems: dict[str, IntentRoute] = {}
    for item in order:
        by = everything or _taken_by(item.match, texts, stems)
        if by is not None and item.route.namespace != ordering.owner:
            why = f"{by.path} of {by.name} comes first and takes the same requests"
            fix = "remove it, or use a path or a host of your own"
            ordering.leave_out(item.route, why, by, fix)
            continue
        live.append(item)
        if isinstance(item.match, Prefix):
            stem = item.match.path.removesuffix("/")
            stems.setdefault(stem, item.route)
            everything = None if stem else item.route
        elif isinstance(item.match, Regex):
            texts.setdefault(item.match.pattern, item.route)
            if type(item.match) is Regex and item.match.pattern in _TAKES_ALL:
                everything = item.route
    return live


def _taken_by(
    match: RouteMatch, texts: Mapping[str, IntentRoute], stems: Mapping[str, IntentRoute]
) -> IntentRoute | None:
    """Return a route before it that takes all that a route would."""
    if isinstance(match, Prefix):
        same = texts.get(match.path) if _PLAIN(match.path) else None
        return same or stems.get(match.path.removesuffix("/"))
    if not isinstance(match, BoundedRegex):
        return None
    stem = match.below
    while stem not in stems and stem:
        stem = stem.rpartition("/")[0]
    return texts.get(match.pattern) or stems.get(stem)
