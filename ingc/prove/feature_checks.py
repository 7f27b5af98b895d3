"""What a route's features require beside where requests go: who may pass, which headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ingc.ir import Host, Proxy, Route
from ingc.ir.features.card import Proved
from ingc.match.addresses import is_among
from ingc.model import Outcome
from ingc.model.outcome import HeadersWanted
from ingc.prove.columns import functions
from ingc.syntax.request import Request

_PASSED_ON = ("auth_request", "error_page", "mirror")
"""Checks that end with where a request is passed."""
_AUTHORITY = re.compile(r"[a-z]+://([^/$]*)").match
_OF_HTTP_1 = frozenset({"connection", "upgrade"})
"""Headers that neither gRPC nor FastCGI has."""
CLAIMED = "ingc-client"
"""What a client sends in each header that it may not set."""
_CHECKS = functions(Proved.CHECKS)
_HEADERS = functions(Proved.HEADERS)
_ANSWERS = functions(Proved.ANSWERS)
SameUpstream = Callable[[str, str], bool]


def missing_checks(
    host: Host,
    route: Route,
    request: Request,
    outcome: Outcome,
    same: SameUpstream,
    debugged: tuple[str, ...] = (),
) -> tuple[str, str] | None:
    """Return what is expected and missing, or present and not expected.

    ``debugged`` are the networks of clients to which nginx reports the route.
    """
    if not isinstance(route.action, Proxy):
        return None
    expected = sorted(_checks(route))
    found = sorted(_plain(check) for check in outcome.checks)
    if not _same_checks(expected, found, same):
        return _listed(expected), _listed(found)
    if not (host.features or route.features):
        return None
    headers = {_known_as(name): value for name, value in outcome.headers}
    for name, value in expected_headers(host, route):
        if name.lower() in _OF_HTTP_1 and not outcome.protocol.startswith("http"):
            continue
        found_value = headers.get(_known_as(name), CLAIMED)
        if found_value == CLAIMED or (value is not None and found_value != value):
            return f"{name}: {value} to the backend", found_value
    sent = {name.lower(): value for name, value in outcome.sent}
    for name, wanted in (*_sent(route, request), *_debugging(route, request, debugged)):
        value = sent.get(name.lower())
        if (value is None) != (wanted is None) or (wanted and wanted != value):
            return f"{wanted} in the answer's {name}", f"{value}"
    return None


def looked_at(host: Host, route: Route, debugged: tuple[str, ...] = ()) -> HeadersWanted:
    """Return in which headers nginx has to have something for a feature."""
    features = (*host.features, *route.features)
    passed = any(type(item) in _HEADERS for item in features)
    added = bool(features and debugged) or any(type(item) in _ANSWERS for item in route.features)
    return HeadersWanted(passed, added)


def _debugging(
    route: Route, request: Request, networks: tuple[str, ...]
) -> Iterator[tuple[str, str | None]]:
    if networks:
        label = str(route.origin).replace(" ", "/", 1).replace("].http.", "]/http.", 1)
        listed = request.address is not None and is_among(networks, request.address)
        yield "X-Ingc-Route", (label if route.origin.name else "-") if listed else None


def _checks(route: Route) -> Iterator[tuple[str, ...]]:
    for item in route.features:
        if type(item) in _CHECKS:
            yield from _CHECKS[type(item)](item)


def _plain(check: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.replace("${ingc_dollar}", "$") for part in check)


def _known_as(name: str) -> str:
    """Return a header's name as a param of FastCGI holds it."""
    return name.lower().replace("_", "-")


def _same_checks(
    expected: list[tuple[str, ...]], found: list[tuple[str, ...]], same: SameUpstream
) -> bool:
    agree, left = _agree(same), list(found)
    for check in expected:
        met = next((each for each in left if agree(check, each)), None)
        if met is None:
            return False
        left.remove(met)
    return not left


def _agree(same: SameUpstream) -> Callable[[tuple[str, ...], tuple[str, ...]], bool]:
    def agree(expected: tuple[str, ...], found: tuple[str, ...]) -> bool:
        if expected == found or expected[0] not in _PASSED_ON or expected[:-1] != found[:-1]:
            return expected == found
        authority = _AUTHORITY(found[-1])
        return authority is not None and same(expected[-1], authority[1])

    return agree


def _listed(checks: list[tuple[str, ...]]) -> str:
    return ", ".join(" ".join(check) for check in checks) or "no check"


def expected_headers(host: Host, route: Route) -> Iterator[tuple[str, str | None]]:
    """Yield headers to the backend that are set, and their values.

    ``None``: any but the client's own.
    """
    for item in (*host.features, *route.features):
        if type(item) in _HEADERS:
            yield from _HEADERS[type(item)](item, host, route)


def _sent(route: Route, request: Request) -> Iterator[tuple[str, str | None]]:
    """Yield headers of the answer with their values; empty: any, ``None``: it is not sent."""
    for item in route.features:
        if type(item) in _ANSWERS:
            yield from _ANSWERS[type(item)](item, route, request)
