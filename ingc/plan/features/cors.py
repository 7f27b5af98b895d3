"""CORS: headers for allowed origins, and answers to their preflights."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.cors import Cors
from ingc.ir.features.snippets import own_headers
from ingc.plan.layout import Directive, Literal, Map, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, map_of
from ingc.syntax.text import Text, Variable

_ORIGIN = "Access-Control-Allow-Origin"
_HIDDEN = (
    _ORIGIN,
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
)
_SENT = Variable("http_origin")
_METHOD = Variable("request_method")


def plan_cors(feature: Cors, place: RoutePlace) -> Iterator[Piece]:
    """Headers on every answer, whatever its status, and a 204 before every redirect.

    The 204 stands in an ``if`` that has no ``add_header`` of its own, so it inherits those of the
    location.
    """
    if feature.origins == ():
        yield Piece(hidden=_HIDDEN)
        return
    if feature.origins is None:
        preflight, matched = map_of("preflight", _METHOD, ("default", ""), ("OPTIONS", 1))
        yield _preflight(preflight, matched)
        yield Piece(response_headers=_kept(_headers(feature, "*"), place), hidden=_HIDDEN)
        return
    origin, allowed = map_of(
        "origin", _SENT, ("default", ""), *((_pattern(item), _SENT) for item in feature.origins)
    )
    # No origin is empty, so that one character stands for an allowed one.
    source = Text((_METHOD, " ", origin))
    preflight, matched = map_of("preflight", source, ("default", ""), (Literal("~^OPTIONS ."), 1))
    yield _preflight(preflight, allowed, matched)
    sent: list[tuple[str, Value]] = [("Vary", "Origin")]
    maps: list[Map] = []
    for name, value in _headers(feature, origin):
        allowed_value = value
        if value != origin:
            allowed_value, given = map_of("cors", origin, ("", ""), ("default", value))
            maps.append(given)
        sent.append((name, allowed_value))
    yield Piece(response_headers=_kept(sent, place), hidden=_HIDDEN, maps=tuple(maps))


def _preflight(variable: Variable, *maps: Map) -> Piece:
    answer = Directive("if", (variable,), block=(directive("return", 204),))
    return Piece(Phase.PREFLIGHT, (answer,), maps=maps)


def _headers(feature: Cors, origin: Value) -> Iterator[tuple[str, Value]]:
    yield _ORIGIN, origin
    if feature.credentials:
        yield "Access-Control-Allow-Credentials", "true"
    yield "Access-Control-Allow-Methods", feature.methods
    yield "Access-Control-Allow-Headers", feature.headers
    if feature.exposed:
        yield "Access-Control-Expose-Headers", feature.exposed
    yield "Access-Control-Max-Age", feature.max_age


def _kept(
    headers: Iterator[tuple[str, Value]] | list[tuple[str, Value]], place: RoutePlace
) -> tuple[tuple[str, Value], ...]:
    """Leave out what the route's own list of headers decides."""
    names = own_headers(place.route.features)
    return tuple(item for item in headers if item[0].lower() not in names)


def _pattern(origin: str) -> Literal:
    """Return a regex for one origin: caseless, whole, ``*`` for exactly one label."""
    escaped = origin.replace(".", "[.]").replace("+", "[+]").replace("*", "[a-z0-9-]+")
    return Literal(rf"~*^{escaped}\z")
