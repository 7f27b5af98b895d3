"""What browsers are told about other origins."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Route
from ingc.ir.features.cors import Cors
from ingc.ir.features.headers import CustomHeaders
from ingc.match.cors import allowed_origin
from ingc.prove.witness import Witness
from ingc.syntax.request import Request

_ALLOWING = (
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Max-Age",
)


def answer_cors(cors: Cors, route: Route, request: Request) -> Iterator[tuple[str, str | None]]:
    """Yield the headers for a request's origin, but for those that the route sets itself."""
    if cors.origins == ():
        return
    custom = route.feature(CustomHeaders)
    own = {name.lower() for name, _ in custom.headers} if custom is not None else ()
    origin = allowed_origin(cors, request.headers)
    if "access-control-allow-origin" not in own:
        yield "Access-Control-Allow-Origin", origin
    for name in _ALLOWING:
        if name.lower() not in own:
            yield name, None if origin is None else ""


def vary_cors(cors: Cors, plain: Request) -> Iterator[Witness]:
    """Yield a preflight and a request of each origin, and of origins that nobody allows."""
    for origin in _origins(cors):
        preflight = (("Origin", origin), ("Access-Control-Request-Method", "GET"))
        asked = plain._replace(method="OPTIONS", headers=(*plain.headers, *preflight))
        yield Witness(asked, f"OPTIONS and the Origin {origin}")
        yield Witness(asked._replace(method="GET"), f"the Origin {origin}", closely=True)


def _origins(cors: Cors) -> Iterator[str]:
    for origin in cors.origins or ():
        yield origin.replace("*", "label")
        if "*" in origin:
            yield origin.replace("*", "two.labels")
        yield origin + ".evil.example"
    yield "https://stranger.example"
