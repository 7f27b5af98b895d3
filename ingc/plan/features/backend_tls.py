"""TLS to the backend."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.backend_tls import BackendTls
from ingc.plan.features.protocols import _speaks_tls, _tls
from ingc.plan.pieces import Piece, RoutePlace


def plan_backend_tls(feature: BackendTls, place: RoutePlace) -> Iterator[Piece]:
    """The client certificate, verification, and the terms of the handshake."""
    if _speaks_tls(place):
        yield Piece(directives=tuple(_tls(feature)))
