"""What acts in a location whose ``return`` answers every request: the rest is left out there.

nginx's rewrite module answers before anything checks, counts, copies or passes on a request.
"""

from __future__ import annotations

from ingc.ir import Proxy, Route, RouteFeature
from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.external_auth import ExternalAuth, SignIn
from ingc.ir.features.headers import RequestHeader
from ingc.ir.features.limits import Limits
from ingc.ir.features.mirror import Mirror
from ingc.ir.features.snippets import LocationProgram, stops
from ingc.plan.pieces import Piece

BEHIND_ANSWERS: frozenset[type[RouteFeature]] = frozenset(
    {
        AccessList,
        BackendTls,
        BasicAuth,
        ExternalAuth,
        Limits,
        Mirror,
        RequestHeader,
        SatisfyAny,
        SignIn,
    }
)
"""Features that act only on requests that the rewrite module lets go on."""
_OF_BACKENDS = ("proxy_", "fastcgi_", "grpc_")
_OF_BODIES = "client_body_buffer_size"
"""A request's body is read where it is passed on; before an answer it is thrown away."""


def answers_itself(route: Route) -> bool:
    """Return whether every request of a route is answered by its location.

    A program that stops, or leads elsewhere, may pass the answer over.
    """
    if isinstance(route.action, Proxy):
        return False
    program = route.feature(LocationProgram) if route.features else None
    return program is None or not stops(program.steps)


def acting(piece: Piece) -> Piece:
    """Return what of a piece acts where nginx answers itself: the very piece, if all of it does."""
    directives = tuple(
        item
        for item in piece.directives
        if item.name != _OF_BODIES and not item.name.startswith(_OF_BACKENDS)
    )
    of_backends = piece.set_headers or piece.request_headers or piece.hidden
    if not of_backends and len(directives) == len(piece.directives):
        return piece
    return piece._replace(directives=directives, set_headers=(), request_headers=(), hidden=())
