"""The two decisions of a compiled input: which host, which path; winners, losers, reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingc.explain.answer import RouteRef, ref_of, text_of
from ingc.explain.question import Question
from ingc.ir import ANY_HOST, BoundedRegex, Config, Host, Prefix, Regex, Route
from ingc.ir.written import as_regex
from ingc.match import Candidate, Match
from ingc.match.trie import PathTrie, path_matcher
from ingc.syntax.host import covers
from ingc.syntax.regex.reading import TooManySteps
from ingc.syntax.uri import BadTarget, read_target, remove_dot_segments

_MOST_ROUTES = 200
"""So many candidates are looked at; a host in regex mode can have any number."""


@dataclass(frozen=True, slots=True)
class NormalStep:
    """One step of normalisation, and what it leaves."""

    what: str
    result: str


@dataclass(frozen=True, slots=True)
class Named:
    """A name that could have taken the request's host."""

    name: str
    wins: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Contender:
    """A rule that could have taken the request."""

    ref: RouteRef
    host: str
    """The host of the rule, as it is written; ``_`` for rules without one."""
    wins: bool
    reason: str


def normalisation(question: Question) -> tuple[NormalStep, ...]:
    """Return how nginx reads the target, step by step; nothing where it is taken as it came."""
    raw = question.target.encode("utf-8", "surrogateescape")
    try:
        read = read_target(raw)
    except BadTarget:
        return ()
    steps = []
    path = raw.partition(b"?")[0]
    if read.args:
        steps.append(NormalStep("the query is no part of what is matched", text_of(path)))
    decoded = _decoded(path)
    if decoded != path:
        steps.append(NormalStep("percent-encoding is decoded, once", text_of(decoded)))
    if b"//" in decoded:
        while b"//" in decoded:
            decoded = decoded.replace(b"//", b"/")
        steps.append(NormalStep("slashes are merged", text_of(decoded)))
    resolved = remove_dot_segments(decoded)
    if resolved != decoded:
        steps.append(NormalStep('"." and ".." are resolved', text_of(resolved)))
    return tuple(steps)


def _decoded(path: bytes) -> bytes:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path)


def names(config: Config, match: Match, name: str) -> tuple[Named, ...]:
    """Return the names that were candidates for a host, the winner first."""
    winner = match.host
    if winner is None:
        return ()
    found = [Named(_host_text(winner), wins=True, reason=_why_host(winner, name))]
    for host in config.hosts:
        if host is not winner and (host.routes or host.default.origin.name):
            reason = _why_not(host, name)
            if reason:
                found.append(Named(_host_text(host), wins=False, reason=reason))
    return tuple(found)


def _host_text(host: Host) -> str:
    return host.name or "_"


def _why_host(host: Host, name: str) -> str:
    if host.name == name != ANY_HOST:
        return "the exact name"
    if host.twin == name:
        return "its twin, which is redirected here"
    if name in host.names and name != ANY_HOST:
        return "an alias of it is the exact name"
    if host.name == ANY_HOST:
        return "no rule names this host: rules without a host apply"
    if any(covers(item, name) for item in host.names):
        return "a wildcard: exactly one label more"
    return "a regex among its aliases matches"


def _why_not(host: Host, name: str) -> str:
    if host.name == ANY_HOST:
        return "rules without a host apply only where no name fits"
    if any(item.startswith("*.") and covers(item, name) for item in host.names):
        return "a wildcard applies only where no exact name fits"
    return ""


def contenders(match: Match) -> tuple[Contender, ...]:
    """Return the rules of the request's host that were looked at, the winner first."""
    if match.host is None:
        return ()
    host = _host_text(match.host)
    found = match.candidates[:_MOST_ROUTES]
    winner = next((item.route for item in found if item.wins), None)
    return tuple(
        Contender(
            ref_of(item.route),
            host,
            item.wins,
            _won(item) if item.wins else _short(item.route, winner, item.reason),
        )
        for item in found
        if item.route.origin.name and (item.wins or _concerns(item, match.uri))
    )


def cut_short(match: Match) -> Iterator[Contender]:
    """Yield the longer prefixes that a path begins with, but within one of its elements."""
    winner = match.route.match if match.route is not None else None
    if match.host is None or match.host.regex or not isinstance(winner, Prefix):
        return
    taken = len(winner.path.encode())
    for route in match.host.routes[:_MOST_ROUTES]:
        stem = route.match.path.encode().rstrip(b"/") if isinstance(route.match, Prefix) else b""
        after = match.uri[len(stem) : len(stem) + 1]
        if len(stem) > taken and match.uri.startswith(stem) and after not in (b"", b"/"):
            reason = f"takes whole path elements: {text_of(stem)} and {text_of(stem)}/…"
            yield Contender(ref_of(route), _host_text(match.host), wins=False, reason=reason)


def _concerns(item: Candidate, uri: bytes) -> bool:
    """Return whether a loser is of interest: a rule that is never reached, if it would match."""
    if not item.reason.startswith("never reached") or isinstance(item.route.match, Regex):
        return True
    return PathTrie((item.route,)).find(uri) is not None


def of_other_hosts(config: Config, match: Match, name: str) -> Iterator[Contender]:
    """Yield the rules of other candidates for the host that would take the path."""
    for host in config.hosts:
        if host is match.host or not _why_not(host, name):
            continue
        try:
            route = path_matcher(host).find(match.uri)
        except TooManySteps:
            continue
        if route is not None:
            host_name = _host_text(match.host) if match.host else "?"
            reason = f"other host: {host_name} fits the request better, and decides alone"
            yield Contender(ref_of(route), _host_text(host), wins=False, reason=reason)


def _won(item: Candidate) -> str:
    if isinstance(item.route.match, BoundedRegex):
        return f"{item.reason}: {as_regex(item.route.match)[1]}"
    if isinstance(item.route.match, Regex):
        return f"{item.reason}, whatever the case: ^{item.route.match.pattern}"
    return item.reason


def _short(route: Route, winner: Route | None, reason: str) -> str:
    """Return why a route lost, in the fewest words."""
    if winner is None or reason.startswith("never reached"):
        return reason
    if isinstance(route.match, Prefix) and not isinstance(winner.match, Regex):
        return "shorter prefix" if isinstance(winner.match, Prefix) else "Exact wins"
    if type(route.match) is not Regex or reason != "an earlier regex matches":
        return reason
    if winner.origin.namespace != route.origin.namespace:
        return reason
    if len(winner.path.encode()) > len(route.path.encode()):
        return "regex tried earlier: longer path"
    return "regex tried earlier: same length, higher in the order of bytes"
