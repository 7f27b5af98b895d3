"""One planner for each feature of a route: a feature → pieces of configuration."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.plan.features import (
    access,
    balance,
    client_certs,
    cors,
    errors,
    external_auth,
    headers,
    mirror,
    paths,
    protocols,
    tuning,
)
from ingc.plan.pieces import Piece, Place, Planners

PLANNERS: Planners = {
    **balance.PLANNERS,
    **access.PLANNERS,
    **client_certs.PLANNERS,
    **external_auth.PLANNERS,
    **mirror.PLANNERS,
    **paths.PLANNERS,
    **protocols.PLANNERS,
    **tuning.PLANNERS,
    **cors.PLANNERS,
    **headers.PLANNERS,
    **errors.PLANNERS,
}


def pieces_of(place: Place) -> Iterable[Piece]:
    """Yield what the features of a route add, in the order of the route's features."""
    for feature in place.route.features:
        yield from PLANNERS[type(feature)](feature, place)
