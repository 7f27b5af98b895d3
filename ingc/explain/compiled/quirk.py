"""Where a host in regex mode decides otherwise than its rules state: what would happen without."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from ingc.explain.answer import RouteRef, ref_of
from ingc.ir import Host, RegexCause, Route, specified_match
from ingc.match import Match
from ingc.match.trie import PathTrie


@dataclass(frozen=True, slots=True)
class Quirk:
    """What decides, and what would happen without it."""

    causes: tuple[RegexCause, ...]
    without: RouteRef | None
    """The rule that would take the request; ``None``: the default backend, or 404."""
    makes: str
    """What the annotation does."""
    otherwise: str
    """What would happen without it."""
    help: str


def quirk_of(match: Match) -> Quirk | None:
    """Return the quirk that decides a request; ``None`` where none does."""
    host = match.host
    if host is None or not host.regex:
        return None
    without = PathTrie(_as_specified(host)).find(match.uri)
    own = _original(host, without)
    if own is match.route or (own is None and match.route is host.default):
        return None
    causes = _causes(match, host, own)
    requesting = {cause.origin.ingress for cause in causes}
    # Whoever requested regexes is not surprised, nor by a rule for everything that comes second.
    special = own if own is not None and own.path != "/" else None
    concerned = [route.origin for route in (match.route, special) if route and route.origin.name]
    if all(origin.ingress in requesting for origin in concerned) or not causes:
        return None
    named = " and ".join(map(_cause_text, causes))
    whose = host.name or "the unnamed hosts"
    if host.tenancy is not None:
        whose = f"namespace {causes[0].origin.namespace} on {whose}"
    return Quirk(
        causes,
        ref_of(own) if own else None,
        f"{named} makes every path of {whose} a caseless regex, open at its end",
        _without(match, own, "it" if len(causes) == 1 else "them"),
        _help(match, causes, own),
    )


def _causes(match: Match, host: Host, own: Route | None) -> tuple[RegexCause, ...]:
    """Return why paths are regexes: on a host of several namespaces, those of the one concerned."""
    if host.tenancy is None:
        return host.regex_causes
    routes = (match.route, own)
    named = [route.origin.namespace for route in routes if route is not None and route.origin.name]
    for namespace in named:
        found = tuple(c for c in host.regex_causes if c.origin.namespace == namespace)
        if found:
            return found
    return ()


def _without(match: Match, own: Route | None, it: str) -> str:
    taker = match.route if match.route and match.route.origin.name else None
    if taker is not None and taker.path_type:
        loses = f"{taker.origin} would be {taker.path_type} {taker.path} and miss"
    else:
        loses = "no path matches as a regex"
    gets = f"{own.origin} ({own.path_type} {own.path}) would take it" if own else ""
    return f"without {it}: {loses}; {gets or 'the default backend or 404 would answer'}"


def _help(match: Match, causes: tuple[RegexCause, ...], own: Route | None) -> str:
    """Return what to do: part the two, or write in the regex what was meant."""
    owners = dict.fromkeys(cause.origin.ingress for cause in causes)
    parted = f"give {' and '.join(owners)} a host of its own"
    taker = match.route if match.route and match.route.path_type else own
    if taker is None or taker.origin.ingress in owners:
        return parted
    stem = taker.path.removesuffix("/")
    meant = f"{taker.path}$" if taker.path_type == "Exact" else f"{stem}(/|$)"
    return f"{parted}, or write the path as {meant}, with pathType ImplementationSpecific"


def _as_specified(host: Host) -> Iterator[Route]:
    """Return the routes as Kubernetes specifies them, by precedence."""
    for route in host.routes:
        yield dataclasses.replace(route, match=specified_match(route.path, route.path_type))


def _original(host: Host, found: Route | None) -> Route | None:
    if found is None:
        return None
    return next(route for route in host.routes if route.origin == found.origin)


def _cause_text(cause: RegexCause) -> str:
    origin = cause.origin
    span = origin.source.span(origin.path, key=True) if origin.source else None
    where = f" ({origin.source.file}:{span.line})" if origin.source and span else ""
    return f"{cause.annotation} on {origin.ingress}{where}"
