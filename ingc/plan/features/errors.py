"""Error pages and stand-ins."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ingc.ir import Proxy
from ingc.ir.features.card import Argument, collect
from ingc.ir.features.errors import CustomErrors, StandIn
from ingc.ir.features.table import ROUTE_FEATURES
from ingc.ir.features.tuning import Tuning
from ingc.plan.error_lists import PAGE
from ingc.plan.frame.http import hidden_headers, request_headers, response_headers
from ingc.plan.language import language_of
from ingc.plan.layout import Comment, Directive, Literal, Location, Value, directive
from ingc.plan.passing import passed
from ingc.plan.pieces import Piece, Planners, RoutePlace
from ingc.syntax.text import Variable

_NO_ENDPOINT = 503
_TOO_LARGE = 413
_LIMIT = "client_max_body_size"
_INTERCEPT = "proxy_intercept_errors"
_WITHHELD = (
    "Upgrade",
    "Connection",
    "X-Real-IP",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
    "X-Forwarded-Scheme",
    "X-Scheme",
    "X-Original-Forwarded-For",
    "X-Original-Forwarded-Host",
)
"""Headers that an error backend does not get, neither nginx's nor the client's own: of the client
it gets the address alone, in X-Forwarded-For."""
_ABOUT_ANSWERS: Planners = collect(
    "ingc.plan.features", "plan", (kind for kind in ROUTE_FEATURES if kind.card.heads_answers)
)
"""Features whose headers an error page has too."""


def plan_custom_errors(feature: CustomErrors, place: RoutePlace) -> Iterator[Piece]:
    """A location for each status: nginx has no variable that holds it there."""
    pages = tuple((code, _page(feature, code, place)) for code in feature.codes)
    # A snippet may have said so already, and nginx takes the directive once.
    wanted = feature.intercept and not _tuned(_INTERCEPT, place)
    intercept = (directive(_INTERCEPT, "on"),) if wanted else ()
    yield Piece(
        directives=(
            *intercept,
            *(directive("error_page", code, "=", str(page.name)) for code, page in pages),
        ),
        locations=tuple(page for _, page in pages),
    )


def plan_stand_in(_feature: StandIn, place: RoutePlace) -> Iterator[Piece]:
    """Send the stand-in the status and the route that it stands in for."""
    yield Piece(request_headers=tuple(_about(_NO_ENDPOINT, place)))


def _page(feature: CustomErrors, code: int, place: RoutePlace) -> Location:
    directives = tuple(_directives(feature, code, place))
    origin, service = place.route.origin, place.route.service
    for_whom = f"{service} of {origin.ingress}" if service else origin.ingress
    of = f"{service.service}:{service.port}" if service else ""
    name = place.page_name(f"{PAGE}{code}", directives, of=of)
    return Location(Comment(f"error page {code} for {for_whom}"), "", name, directives)


def _directives(feature: CustomErrors, code: int, place: RoutePlace) -> Iterator[Directive]:
    """The request as it came, with little about the client; see `_WITHHELD`."""
    told = {name.lower() for name, _ in place.settings.policies.request_headers}
    headers: dict[str, Value] = {
        **request_headers(place.settings),
        **{name: "" for name in _WITHHELD if name.lower() not in told},
        **dict(_about(code, place)),
        "X-Original-URI": Variable("request_uri"),
    }
    passes_body = code != _TOO_LARGE and _is_read_whole(place)
    if not passes_body:
        headers["Content-Length"] = ""
    for name, value in headers.items():
        yield directive("proxy_set_header", name, value)
    if passes_body:
        yield from (directive(_LIMIT, *args) for args in _tuned(_LIMIT, place)[:1])
    else:
        yield directive("proxy_pass_request_body", "off")
    yield from _response_headers(place)
    # The route's protocol is that of its own backend.
    plain = dataclasses.replace(place, route=dataclasses.replace(place.route, features=()))
    *before, last = passed(Proxy(feature.upstream), plain)
    for piece in before:
        yield from piece.directives
    yield directive("rewrite", Literal("^"), "/", "break")
    yield from last.directives


def _is_read_whole(place: RoutePlace) -> bool:
    """Return whether nginx still has a request's body once the route's backend has got it."""
    if language_of(place.route, place.settings) == "grpc":
        return False
    own = _tuned("proxy_request_buffering", place)
    everywhere = dict(place.settings.tunings).get("proxy_request_buffering", ())
    return "off" not in (own[0] if own else everywhere)


def _tuned(name: str, place: RoutePlace) -> list[tuple[Argument, ...]]:
    """Return the arguments of a directive of the route's own, if it has that."""
    tunings = (item for item in place.route.features if isinstance(item, Tuning))
    return [item.args for item in tunings if item.directive == name]


def _response_headers(place: RoutePlace) -> Iterator[Directive]:
    """nginx inherits headers from ``http`` only where the location has none of its own."""
    pieces = [
        piece
        for feature in place.route.features
        if type(feature) in _ABOUT_ANSWERS
        for piece in _ABOUT_ANSWERS[type(feature)](feature, place)
    ]
    sent = [item for piece in pieces for item in piece.response_headers]
    own = {name.lower() for name, _ in sent}
    base = response_headers(place.config)
    hidden = [name for piece in pieces for name in piece.hidden]
    if hidden:
        for name in dict.fromkeys([*hidden_headers(place.config), *hidden]):
            yield directive("proxy_hide_header", name)
    if sent:
        for name, value in (*(item for item in base if item[0].lower() not in own), *sent):
            yield directive("add_header", name, value, "always")


def _about(code: int, place: RoutePlace) -> Iterator[tuple[str, Value]]:
    origin, service = place.route.origin, place.route.service
    yield "X-Code", code
    yield "X-Format", Variable("http_accept")
    yield "X-Namespace", origin.namespace
    yield "X-Ingress-Name", origin.name
    if service is not None:
        yield "X-Service-Name", service.service
        yield "X-Service-Port", service.port
