"""For a request that no rule takes: the rules that would take one that differs by a step."""

from __future__ import annotations

import difflib
import heapq
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingc.explain.answer import RouteRef, ref_of, text_of
from ingc.ir import ANY_HOST, Config, Exact, Host, Prefix, Regex, Route
from ingc.match import Match
from ingc.match.trie import PathMatcher, path_matcher
from ingc.syntax.host import covers
from ingc.syntax.regex.reading import TooManySteps

_MOST = 3
_MOST_HOSTS = 20_000
"""Of more hosts the spelling is not compared."""
_MOST_PATHS = 2_000
_MOST_EDITS = 2
_PLAIN = re.compile(r"[A-Za-z0-9/_~%-]*")


@dataclass(frozen=True, slots=True)
class Near:
    """A rule, and the one thing that keeps it from taking the request."""

    ref: RouteRef
    host: str
    """The host of the rule; ``_`` for rules without one."""
    misses: str


def nearest(config: Config, match: Match, name: str) -> tuple[Near, ...]:
    """Return the nearest rules, the likeliest first."""
    host = match.host
    if host is None:
        return ()
    found: dict[tuple[int, str], Near] = {}
    for near in (*_of_host(host, match.uri), *_of_hosts(config, host, name, match.uri)):
        found.setdefault((id(near.ref.route), near.host), near)
    return tuple(found.values())[:_MOST] or tuple(_far(config, host, name, match.uri))


def _of_host(host: Host, uri: bytes) -> Iterator[Near]:
    matcher = path_matcher(host)
    host_name = host.name or "_"
    for tried, what in _variants(uri):
        route = _find(matcher, tried)
        if route is not None:
            yield Near(ref_of(route), host_name, _because(route, what, tried))
    for route in host.routes[:_MOST_PATHS]:
        misses = _misses(route, uri)
        if misses:
            yield Near(ref_of(route), host_name, misses)
    for route in _alike(host.routes[:_MOST_PATHS], text_of(uri)):
        yield Near(ref_of(route), host_name, f"the path is spelled {_literal(route)}")


def _far(config: Config, host: Host, name: str, uri: bytes) -> Iterator[Near]:
    """Yield rules that are more than a step away, where no other is nearer."""
    for route in _most_alike(host, uri):
        below = " and what is below it" if isinstance(route.match, Prefix) else ""
        match = f"what matches the regex {route.path}"
        what = match if isinstance(route.match, Regex) else f"{route.path}{below}"
        yield Near(ref_of(route), host.name or "_", f"{route.path_type} {route.path} takes {what}")
    for other, misses in _near_hosts(config, host, name):
        for route in _most_alike(other, uri)[:1]:
            also = f"{misses}; nor does it take this path"
            yield Near(ref_of(route), other.name or "_", also)


def _most_alike(host: Host, uri: bytes) -> list[Route]:
    """Return the rules whose paths have the most in common with a path, from their beginning."""
    given = text_of(uri)

    def common(route: Route) -> int:
        pairs = zip(route.path, given, strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    return heapq.nlargest(_MOST, host.routes[:_MOST_PATHS], key=common)


def _variants(uri: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield paths at one step from a path, and what the step is."""
    if uri.endswith(b"/") and uri != b"/":
        yield uri[:-1], "without the slash at its end"
    else:
        yield uri + b"/", "with a slash at its end"
    if uri.lower() != uri:
        yield uri.lower(), "in lower case"


def _because(route: Route, what: str, tried: bytes) -> str:
    kind = "a regex" if isinstance(route.match, Regex) else route.path_type
    both = "; Prefix would take both" if isinstance(route.match, Exact) and "slash" in what else ""
    return f"{kind} {route.path} takes {text_of(tried)}, {what}{both}"


def _misses(route: Route, uri: bytes) -> str:
    """Return why a route misses a path that it nearly takes; empty where it is far."""
    if isinstance(route.match, Regex):
        return ""
    path = route.match.path.encode()
    if path.endswith(b"/*") and uri.startswith(path[:-1]):
        return f"* is no wildcard in {route.path}; Prefix {route.path[:-2] or '/'} would take it"
    stem = path.rstrip(b"/")
    if not stem:
        return "Exact / takes nothing below it" if isinstance(route.match, Exact) else ""
    if isinstance(route.match, Exact) and uri.startswith(stem + b"/"):
        return f"Exact {route.path} takes nothing below it; pathType Prefix would"
    if isinstance(route.match, Prefix) and uri.startswith(stem):
        return f"Prefix {route.path} takes whole path elements: {route.path.rstrip('/')}/…"
    if stem.startswith(uri.rstrip(b"/") + b"/") and uri != b"/":
        return f"{route.path} begins further below"
    if stem.lower() == uri.rstrip(b"/").lower():
        return f"{route.path} is written in another case"
    return ""


def _alike(routes: Iterable[Route], uri: str) -> list[Route]:
    rated = []
    for place, route in enumerate(routes):
        wanted = _literal(route).rstrip("/")
        elements = wanted.count("/")
        given = uri if route.path_type == "Exact" else "/".join(uri.split("/")[: elements + 1])
        edits = _edits(wanted, given.rstrip("/"))
        if wanted and 0 < edits <= _MOST_EDITS < len(wanted):
            rated.append((edits, place, route))
    return [route for _, _, route in heapq.nsmallest(_MOST, rated, key=lambda item: item[:2])]


def _literal(route: Route) -> str:
    """Return the part of a path that is surely no regex."""
    plain = _PLAIN.match(route.path) if isinstance(route.match, Regex) else None
    return plain[0] if plain else route.path


def _edits(one: str, other: str) -> int:
    """Return how many characters differ, a replaced one counting twice; many where too many."""
    if abs(len(one) - len(other)) > _MOST_EDITS:
        return _MOST_EDITS + 1
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    total = len(one) + len(other)
    if total * (1 - matcher.quick_ratio()) > _MOST_EDITS + 0.5:
        return _MOST_EDITS + 1
    return total - 2 * sum(block.size for block in matcher.get_matching_blocks())


def _of_hosts(config: Config, own: Host, name: str, uri: bytes) -> Iterator[Near]:
    """Yield rules of other hosts that take the path, where the name is nearly theirs."""
    for host, misses in _near_hosts(config, own, name):
        route = _find(path_matcher(host), uri)
        if route is not None:
            yield Near(ref_of(route), host.name or "_", misses)
    if len(config.hosts) > _MOST_HOSTS:
        return
    for host in config.hosts:
        if host is own or uri == b"/":
            continue
        for route in host.routes:
            if isinstance(route.match, Exact | Prefix) and _names(route, uri):
                host_name = host.name or "_"
                yield Near(ref_of(route), host_name, f"the path is on another host, {host_name}")
                break


def _names(route: Route, uri: bytes) -> bool:
    if not isinstance(route.match, Exact | Prefix):
        return False
    stem = route.match.path.encode().rstrip(b"/")
    return bool(stem) and (uri == stem or uri.startswith(stem + b"/"))


def _near_hosts(config: Config, own: Host, name: str) -> Iterator[tuple[Host, str]]:
    by_name = {item: host for host in config.hosts for item in host.names}
    twin = name.removeprefix("www.") if name.startswith("www.") else f"www.{name}"
    if twin in by_name:
        yield by_name[twin], f"the host is {twin}, not {name}"
    _, _, parent = name.partition(".")
    if f"*.{name}" in by_name:
        yield by_name[f"*.{name}"], f"*.{name} takes one label more, not {name} itself"
    _, _, above = parent.partition(".")
    while above:
        if f"*.{above}" in by_name:
            yield by_name[f"*.{above}"], f"*.{above} takes exactly one label more"
        _, _, above = above.partition(".")
    if len(by_name) <= _MOST_HOSTS and own.name == ANY_HOST:
        rated = ((_edits(close, name), close) for close in by_name if close)
        for _, close in heapq.nsmallest(_MOST, (item for item in rated if item[0] <= _MOST_EDITS)):
            yield by_name[close], f"the host is spelled {close}"
    if parent and not covers(own.name, name) and own.name == ANY_HOST and parent in by_name:
        yield by_name[parent], f"the host is {parent}, without {name.partition('.')[0]}."


def _find(matcher: PathMatcher, uri: bytes) -> Route | None:
    try:
        return matcher.find(uri)
    except TooManySteps:
        return None
