"""What a route's features ask for beside where its requests go: who may pass, which headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ingc.ir import Host, Proxy, Route
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.cors import Cors
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.external_auth import ExternalAuth, SignIn
from ingc.ir.features.headers import CustomHeaders, RequestHeader
from ingc.ir.features.limits import Limits
from ingc.ir.features.mirror import Mirror
from ingc.ir.features.rewrite import Rewrite
from ingc.match.addresses import is_among
from ingc.match.cors import allowed_origin
from ingc.model import Outcome
from ingc.syntax.request import Request
from ingc.syntax.text import Text

_PASSED_ON = ("auth_request", "error_page", "mirror")
"""Checks that end with where a request is passed."""
_AUTHORITY = re.compile(r"[a-z]+://([^/$]*)").match
_OF_CORS = (
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Max-Age",
)
_OF_CLIENTS = (
    "ssl-client-verify",
    "ssl-client-subject-dn",
    "ssl-client-issuer-dn",
    "ssl-client-cert",
)
_OF_HTTP_1 = frozenset({"connection", "upgrade"})
"""Headers that neither gRPC nor FastCGI has."""
CLAIMED = "ingc-client"
"""What a client says in each header that it may not set."""
SameUpstream = Callable[[str, str], bool]


def missing_checks(
    host: Host,
    route: Route,
    request: Request,
    outcome: Outcome,
    same: SameUpstream,
    debugged: tuple[str, ...] = (),
) -> tuple[str, str] | None:
    """Return what is asked for and not there, or is there and not asked for.

    ``debugged`` are the networks of clients that are told the route.
    """
    if not isinstance(route.action, Proxy):
        return None
    asked = sorted(_checks(route))
    found = sorted(_plain(check) for check in outcome.checks)
    if not _same_checks(asked, found, same):
        return _listed(asked), _listed(found)
    if not (route.features or host.features):
        return None
    told = {_known_as(name): value for name, value in outcome.headers}
    for name, value in expected_headers(host, route):
        if name.lower() in _OF_HTTP_1 and not outcome.protocol.startswith("http"):
            continue
        found_value = told.get(_known_as(name), CLAIMED)
        if found_value == CLAIMED or (value is not None and found_value != value):
            return f"{name}: {value} to the backend", found_value
    sent = {name.lower(): value for name, value in outcome.sent}
    for name, wanted in (*_sent(route, request), *_debugging(route, request, debugged)):
        value = sent.get(name.lower())
        if (value is None) != (wanted is None) or (wanted and wanted != value):
            return f"{wanted} in the answer's {name}", f"{value}"
    return None


def _debugging(
    route: Route, request: Request, networks: tuple[str, ...]
) -> Iterator[tuple[str, str | None]]:
    if networks:
        told = str(route.origin).replace(" ", "/", 1).replace("].http.", "]/http.", 1)
        listed = request.address is not None and is_among(networks, request.address)
        yield "X-Ingc-Route", (told if route.origin.name else "-") if listed else None


def _checks(route: Route) -> Iterator[tuple[str, ...]]:
    for item in route.features:
        if isinstance(item, BasicAuth):
            yield "auth_basic", item.realm, item.file
        elif isinstance(item, ExternalAuth):
            yield "auth_request", item.service.upstream
        elif isinstance(item, Limits):
            for rate, unit in ((item.per_second, "s"), (item.per_minute, "m")):
                if rate:
                    yield "limit_req", f"{rate}r/{unit}", str(rate * item.burst)
            if item.connections:
                yield "limit_conn", str(item.connections)
        elif isinstance(item, CustomErrors):
            yield from (("error_page", str(code), item.upstream) for code in item.codes)
        elif isinstance(item, SignIn):
            yield "error_page", "401", "return", "302"
        elif isinstance(item, Mirror):
            yield "mirror", item.service.upstream


def _plain(check: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.replace("${ingc_dollar}", "$") for part in check)


def _known_as(name: str) -> str:
    """Return a header's name as a param of FastCGI tells it."""
    return name.lower().replace("_", "-")


def _same_checks(
    asked: list[tuple[str, ...]], found: list[tuple[str, ...]], same: SameUpstream
) -> bool:
    agree, left = _agree(same), list(found)
    for check in asked:
        met = next((each for each in left if agree(check, each)), None)
        if met is None:
            return False
        left.remove(met)
    return not left


def _agree(same: SameUpstream) -> Callable[[tuple[str, ...], tuple[str, ...]], bool]:
    def agree(asked: tuple[str, ...], found: tuple[str, ...]) -> bool:
        if asked == found or asked[0] not in _PASSED_ON or asked[:-1] != found[:-1]:
            return asked == found
        authority = _AUTHORITY(found[-1])
        return authority is not None and same(asked[-1], authority[1])

    return agree


def _listed(checks: list[tuple[str, ...]]) -> str:
    return ", ".join(" ".join(check) for check in checks) or "no check"


def expected_headers(host: Host, route: Route) -> Iterator[tuple[str, str | None]]:
    """Yield headers to the backend that are set, and their values.

    ``None``: any but what the client says.
    """
    if host.features and host.feature(ClientCertificates) is not None:
        yield from ((name, None) for name in _OF_CLIENTS)
    for item in route.features:
        if isinstance(item, RequestHeader):
            yield from _fixed(item.name, item.value)
        elif isinstance(item, Rewrite) and item.prefix is not None:
            yield from _fixed("X-Forwarded-Prefix", item.prefix)
        elif isinstance(item, BasicAuth) and not _answers_authorization(route):
            yield "Authorization", ""
        elif isinstance(item, ExternalAuth):
            yield from ((name, None) for name in item.response_headers)


def _answers_authorization(route: Route) -> bool:
    """Tell whether an authentication service says what the backend's Authorization is."""
    asked = route.feature(ExternalAuth)
    names = asked.response_headers if asked is not None else ()
    return any(name.lower() == "authorization" for name in names)


def _fixed(name: str, value: Text) -> Iterator[tuple[str, str | None]]:
    parts = [part for part in value.parts if isinstance(part, str)]
    yield name, "".join(parts) if len(parts) == len(value.parts) else None


def _sent(route: Route, request: Request) -> Iterator[tuple[str, str | None]]:
    """Yield headers of the answer with their values; empty: any, ``None``: it is not sent."""
    custom = route.feature(CustomHeaders)
    own = {name.lower(): value or None for name, value in custom.headers} if custom else {}
    yield from own.items()
    cors = route.feature(Cors)
    if cors is None or cors.origins == ():
        return
    origin = allowed_origin(cors, request.headers)
    if "access-control-allow-origin" not in own:
        yield "Access-Control-Allow-Origin", origin
    for name in _OF_CORS:
        if name.lower() not in own:
            yield name, None if origin is None else ""
