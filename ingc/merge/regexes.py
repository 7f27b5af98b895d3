"""Hosts whose paths are all regexes: why, in which order, and what that changes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from string import ascii_letters, digits
from typing import NamedTuple
from urllib.parse import unquote

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import (
    RegexHostByAnnotation,
    RegexHostTakesLess,
    RewriteGroupMissing,
)
from ingc.diagnostics.catalogue.hosts_paths import (
    PathAmongRegexes,
    PathRegexInvalid,
    PathRegexSlow,
)
from ingc.frontend.intent import IntentRoute
from ingc.ir import Exact
from ingc.ir.features.rewrite import Rewrite, UseRegex
from ingc.merge.settled import DeadIntent, report_dead
from ingc.syntax.regex.reading import (
    BadRegex,
    bulky_part,
    captures,
    compares,
    compile_path,
    slow_part,
)
from ingc.syntax.text import Text

_PLAIN = frozenset(f"{ascii_letters}{digits}/-_.~%")
"""In a path of these nothing was meant as a regex."""


def causes_of_regexes(routes: Iterable[IntentRoute]) -> tuple[IntentRoute, ...]:
    """Return the live routes whose annotations make regexes of a host's paths."""
    taken: dict[object, IntentRoute] = {}
    return tuple(
        route
        for route in routes
        if taken.setdefault(raw_path(route), route) is route and _wants_regexes(route)
    )


def refuse_routes(
    routes: Iterable[IntentRoute], cause: IntentRoute, sink: Sink
) -> list[IntentRoute]:
    """Return routes that become regexes; those of kinds whose paths are none answer 503."""
    found = []
    for route in routes:
        if not route.kind.regexes:
            entry = PathAmongRegexes(kind=route.kind.name, path=route.path, ingress=cause.name)
            sink.report(entry, route.origin.at("path"))
            route = dataclasses.replace(route, broken=True)  # noqa: PLW2901
        found.append(route)
    return found


def raw_path(route: IntentRoute) -> tuple[bool, str]:
    """Return a path as it is written, and whether it is Exact."""
    return isinstance(route.match, Exact), route.path


def annotation_of(cause: IntentRoute) -> str:
    """Return the annotation by which a route makes regexes of its host's paths."""
    return "use-regex" if cause.asks(UseRegex) else "rewrite-target"


def _wants_regexes(route: IntentRoute) -> bool:
    if not route.asked.routes:
        return False
    rewrite = route.asks(Rewrite)
    if rewrite is not None and rewrite.pattern is not None:
        rewrite = None  # it brings a regex of its own
    return route.asks(UseRegex) is not None or (
        rewrite is not None and any(rewrite.target != Text((name,)) for name in _names(route))
    )


def _names(route: IntentRoute) -> tuple[str, ...]:
    """Return the names of the locations that ingress-nginx would make of a path."""
    if isinstance(route.match, Exact) or route.path.endswith("/"):
        return (route.path,)
    return (route.path, route.path + "/")


class PathRegex(NamedTuple):
    """A route of a host whose paths are regexes."""

    route: IntentRoute
    text: str
    """What it matches: the path, with a slash at its end where an Exact of that path stands
    beside it."""


def in_regex_order(
    routes: Iterable[IntentRoute], sink: Sink
) -> tuple[list[PathRegex], list[DeadIntent]]:
    """Return the routes by the length of the path, longest first, ties by descending bytes; and
    those whose text an earlier one has, which are reported.

    Of paths that are equal the first comes first, but an Exact ``/`` after everything:
    ingress-nginx has a ``/`` for each host, before it reads the rules.
    """
    exact = {route.path for route in routes if isinstance(route.match, Exact)}
    by_root = sorted(routes, key=_is_exact_root)
    by_bytes = sorted(by_root, key=lambda route: route.path.encode(), reverse=True)
    by_length = sorted(by_bytes, key=lambda route: -len(route.path.encode()))
    first: dict[str, PathRegex] = {}
    dead = []
    for route in by_length:
        if _is_exact_root(route) and "/" not in first:
            why = "what no other path of the host takes goes to its default backend"
            dead.append(DeadIntent(route, why, None))
            report_dead(dead[-1], "write Prefix in place of Exact", sink)
            continue
        divided = route.path in exact and not route.path.endswith("/") and _is_plain_prefix(route)
        found = PathRegex(route, route.path + "/" if divided else route.path)
        winner = first.setdefault(found.text, found).route
        if winner is not route:
            why = f"a regex with the same text, of {winner.name}, comes first"
            dead.append(DeadIntent(route, why, winner))
            report_dead(dead[-1], "remove one of the two rules", sink)
    return list(first.values()), dead


def _is_exact_root(route: IntentRoute) -> bool:
    return route.path == "/" and isinstance(route.match, Exact)


def _is_plain_prefix(route: IntentRoute) -> bool:
    """Return whether ingress-nginx makes two locations of a path, of which an Exact has the one."""
    if isinstance(route.match, Exact) or route.asks(UseRegex) is not None:
        return False
    rewrite = route.asks(Rewrite)
    return rewrite is None or rewrite.target == Text((route.path,))


def check_regex(regex: PathRegex, sink: Sink) -> bool:
    """Report what is wrong with a path as a regex; return whether nginx can take it."""
    route = regex.route
    place = route.origin.at("path")
    try:
        compile_path(regex.text)
        groups = captures(regex.text)
    except BadRegex as error:
        sink.report(PathRegexInvalid(path=route.path, why=error.why), place)
        return False
    if groups.names:
        why = "a named group would set a variable of nginx; use a plain group and $1"
        sink.report(PathRegexInvalid(path=route.path, why=why), place)
        return False
    if (cost := _cost(route.path)) is not None:
        sink.report(cost, place)
    rewrite = route.asks(Rewrite)
    named = rewrite.target.variables if rewrite and rewrite.pattern is None else ()
    for group in dict.fromkeys(name for name in named if name.isdigit()):
        if int(group) > groups.count:
            sink.report(RewriteGroupMissing(group=group, path=route.path), place)
    return True


def _cost(path: str) -> PathRegexSlow | None:
    """Return what a path regex costs nginx, where that is much."""
    if (part := slow_part(path)) is not None:
        why, write = "can match the same text in many ways", "a repetition inside a repetition"
        if compares(part):
            why = "compares what its group took each time that it divides the text anew"
            write = "a back-reference"
        return PathRegexSlow(path=path, takes="very long", part=part, why=why, without=write)
    if (part := bulky_part(path)) is not None:
        why, write = "keeps a way back for each round", "a count of more than 1,000"
        return PathRegexSlow(path=path, takes="much memory", part=part, why=why, without=write)
    return None


def report_quirks(host: str, cause: IntentRoute, regexes: Iterable[PathRegex], sink: Sink) -> None:
    """Note, once of each kind, what a path takes, or not, because the host is in regex mode."""
    annotation = annotation_of(cause)
    by, named = f"{annotation} of {cause.name}", host or "every unnamed host"
    reported: set[str] = set()
    for route, text in regexes:
        as_meant = route.asks(UseRegex) is not None or not _PLAIN.issuperset(route.path)
        if as_meant or not route.kind.regexes:
            continue
        new = {quirk: request for quirk, request in _quirks(route, text) if quirk not in reported}
        reported |= new.keys()
        if new:
            quirks, requests = tuple(new), tuple(new.values())
            more = RegexHostByAnnotation(host=named, by=by, quirks=quirks, requests=requests)
            sink.report(more, route.origin.at("path"))
        for request, write in _not_taken(route):
            less = RegexHostTakesLess(host=named, by=by, request=request, write=write)
            sink.report(less, route.origin.at("path"))


def _quirks(route: IntentRoute, text: str) -> Iterable[tuple[str, str]]:
    path = route.path
    if unquote(path) != path:
        return  # it takes nothing that anybody would send
    if isinstance(route.match, Exact):
        yield "is no longer exact", path + "bar"
    elif not text.endswith("/"):
        yield "takes every path that begins so", path + "bar"
    if "." in path:
        yield "takes any character for the dot", path.replace(".", "x", 1)
    if path.upper() != path:
        yield "is not case-sensitive", path.upper()
    elif path.lower() != path:
        yield "is not case-sensitive", path.lower()


def _not_taken(route: IntentRoute) -> Iterable[tuple[str, str]]:
    """Yield requests that the path took as it was written, and what would take them as a regex."""
    path = route.path
    decoded = unquote(path)
    if decoded != path:
        yield path, re.escape(decoded)
    elif len(path) > 1 and path.endswith("/") and not isinstance(route.match, Exact):
        yield path[:-1], f"{path[:-1]}(/|$)"
