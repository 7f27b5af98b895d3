"""CORS: headers for allowed origins, and answers to their preflights."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.cors import USUAL_HEADERS, USUAL_METHODS, Cors
from ingc.ir.features.snippets import own_headers
from ingc.plan.layout import Directive, Literal, Map, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, map_of, word_of
from ingc.syntax.naming import Words, host_word
from ingc.syntax.text import Text, Variable

_ORIGIN = "Access-Control-Allow-Origin"
_CREDENTIALS = "Access-Control-Allow-Credentials"
_METHODS = "Access-Control-Allow-Methods"
_HEADERS = "Access-Control-Allow-Headers"
_MAX_AGE = "Access-Control-Max-Age"
_HIDDEN = (
    _ORIGIN,
    _CREDENTIALS,
    _METHODS,
    _HEADERS,
    "Access-Control-Expose-Headers",
    _MAX_AGE,
)
_USUAL = {_METHODS: ("methods", USUAL_METHODS), _HEADERS: ("headers", USUAL_HEADERS)}
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
        entries = (("default", ""), ("OPTIONS", 1))
        preflight, matched = map_of("preflight", _METHOD, *entries, words=())
        yield _preflight(preflight, matched)
        yield Piece(response_headers=_kept(_headers(feature, "*"), place), hidden=_HIDDEN)
        return
    patterns = ((_pattern(item), _SENT) for item in feature.origins)
    words = _words(*feature.origins)
    origin, allowed = map_of("origin", _SENT, ("default", ""), *patterns, words=words)
    # No origin is empty, so that one character stands for an allowed one.
    source = Text((_METHOD, " ", origin))
    entries = (("default", ""), (Literal("~^OPTIONS ."), 1))
    preflight, matched = map_of("preflight", source, *entries, words=(word_of(origin, "origin"),))
    yield _preflight(preflight, allowed, matched)
    sent: list[tuple[str, Value]] = [("Vary", "Origin")]
    maps: list[Map] = []
    for name, value in _headers(feature, origin):
        allowed_value = value
        if value != origin:
            words = (word_of(origin, "origin"), *_value_words(name, value))
            allowed_value, given = map_of("cors", origin, ("", ""), ("default", value), words=words)
            maps.append(given)
        sent.append((name, allowed_value))
    yield Piece(response_headers=_kept(sent, place), hidden=_HIDDEN, maps=tuple(maps))


def _preflight(variable: Variable, *maps: Map) -> Piece:
    answer = Directive("if", (variable,), block=(directive("return", 204),))
    return Piece(Phase.PREFLIGHT, (answer,), maps=maps)


def _headers(feature: Cors, origin: Value) -> Iterator[tuple[str, Value]]:
    yield _ORIGIN, origin
    if feature.credentials:
        yield _CREDENTIALS, "true"
    yield _METHODS, feature.methods
    yield _HEADERS, feature.headers
    if feature.exposed:
        yield "Access-Control-Expose-Headers", feature.exposed
    yield _MAX_AGE, feature.max_age


def _kept(
    headers: Iterator[tuple[str, Value]] | list[tuple[str, Value]], place: RoutePlace
) -> tuple[tuple[str, Value], ...]:
    """Leave out what the route's own list of headers decides."""
    names = own_headers(place.route.features)
    return tuple(item for item in headers if item[0].lower() not in names)


def _words(*origins: str) -> Words:
    """Return the words of the name of a map of origins: of the first, which needs no https."""
    scheme, _, host = origins[0].partition("://")
    plain = () if scheme == "https" else ("http" if scheme == "http" else None,)
    spread = ("any",) if host.startswith("*.") else ()
    others = (None,) if len(origins) > 1 else ()
    return (*plain, *spread, host_word(host.removeprefix("*.")), *others)


def _value_words(name: str, value: Value) -> Words:
    """Return words for a header of CORS with its value."""
    if name == _CREDENTIALS:
        return ("credentials",)
    if name == _MAX_AGE:
        return (f"max_age_{value}",)
    what, usual = _USUAL.get(name, ("exposed", None))
    return (what,) if value == usual else (what, None)


def _pattern(origin: str) -> Literal:
    """Return a regex for one origin: caseless, whole, ``*`` for exactly one label."""
    escaped = origin.replace(".", "[.]").replace("+", "[+]").replace("*", "[a-z0-9-]+")
    return Literal(rf"~*^{escaped}\z")
