"""The headers that let browsers use other origins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingc.ir import Route
from ingc.ir.features.cors import Cors
from ingc.ir.features.snippets import own_headers
from ingc.match.cors import allowed_origin
from ingc.prove.witness import Witness
from ingc.syntax.request import Request

_ORIGIN = "access-control-allow-origin"
FIELDS: Mapping[str, str] = {
    _ORIGIN: "origins",
    "access-control-allow-credentials": "credentials",
    "access-control-allow-methods": "methods",
    "access-control-allow-headers": "headers",
    "access-control-expose-headers": "exposed",
    "access-control-max-age": "max_age",
    "vary": "origins",
}
"""The field that decides each header of an answer."""
HEADERS = tuple(name for name in FIELDS if name != "vary")
"""The headers that no backend may set in our place."""


def cors_headers(cors: Cors, origin: str) -> Iterator[tuple[str, str]]:
    """Yield the headers of an answer to a request of an origin (Fetch, 3.3), in lower case."""
    if cors.origins is not None and cors.origins:
        yield "vary", "Origin"
    allowed = None if cors.origins == () else allowed_origin(cors, (("Origin", origin),))
    if allowed is None:
        return
    yield _ORIGIN, allowed
    if cors.credentials:
        yield "access-control-allow-credentials", "true"
    yield "access-control-allow-methods", cors.methods
    yield "access-control-allow-headers", cors.headers
    if cors.exposed:
        yield "access-control-expose-headers", cors.exposed
    yield "access-control-max-age", str(cors.max_age)


def answer_cors(cors: Cors, route: Route, request: Request) -> Iterator[tuple[str, str | None]]:
    """Yield the headers for a request's origin, but for those that the route sets itself."""
    if cors.origins == ():
        return
    own = own_headers(route.features)
    sent = next((value for name, value in request.headers if name.lower() == "origin"), "")
    found = dict(cors_headers(cors, sent))
    yield from ((name, found.get(name) or None) for name in HEADERS if name not in own)


def vary_cors(cors: Cors, plain: Request) -> Iterator[Witness]:
    """Yield a preflight and a request of each origin, and of origins that nobody allows."""
    for origin in cors_origins(cors):
        preflight = (("Origin", origin), ("Access-Control-Request-Method", "GET"))
        options = plain._replace(method="OPTIONS", headers=(*plain.headers, *preflight))
        yield Witness(options, f"OPTIONS and the Origin {origin}")
        yield Witness(options._replace(method="GET"), f"the Origin {origin}", closely=True)


def cors_origins(cors: Cors) -> Iterator[str]:
    """Yield origins that are allowed, and some that are like them and are not."""
    for origin in cors.origins or ():
        yield origin.replace("*", "label")
        if "*" in origin:
            yield origin.replace("*", "two.labels")
        yield origin + ".evil.example"
        yield "x" + origin.replace("*", "label")
        if "." in origin:
            yield origin.replace("*", "label").replace(".", "x")
    yield "https://stranger.example"
