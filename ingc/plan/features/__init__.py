"""One planner for each feature of a route: a feature → pieces of configuration."""

from __future__ import annotations

from ingc.ir import RouteFeature
from ingc.ir.access import AccessList, BasicAuth, Limits
from ingc.ir.cors import Cors
from ingc.ir.features import RequestHeader, Tuning
from ingc.ir.response_headers import CustomHeaders
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


_ANYWHERE: frozenset[type[RouteFeature]] = frozenset(
    {AccessList, BasicAuth, Cors, CustomHeaders, Limits, RequestHeader, Tuning}
)
"""Features that add the same to each route that has them; `Cors`, where no `CustomHeaders` is
beside it."""

Planned = dict[int, tuple[RouteFeature, tuple[Piece, ...]]]
"""What features add that are planned already, by the feature's identity. The routes of an Ingress
share theirs. By identity, because equal values may be written differently: a `Literal` equals
the same plain text."""


def pieces_of(place: Place, planned: Planned) -> list[Piece]:
    """Return what the features of a route add, in the order of the route's features.

    A feature that is planned already has the same pieces again, the very objects.
    """
    pieces: list[Piece] = []
    anywhere = _ANYWHERE
    if place.route.feature(CustomHeaders) is not None:
        anywhere -= {Cors}
    for feature in place.route.features:
        kind = type(feature)
        if kind not in anywhere:
            pieces.extend(PLANNERS[kind](feature, place))
            continue
        known = planned.get(id(feature))
        if known is None:
            known = planned[id(feature)] = (feature, tuple(PLANNERS[kind](feature, place)))
        pieces += known[1]
    return pieces
