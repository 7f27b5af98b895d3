"""Features that are one directive or one header."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features import RequestHeader, Tuning
from ingc.plan.frame import directive
from ingc.plan.pieces import Piece, Place, Planners, maps_of


def plan_tuning(feature: Tuning, place: Place) -> Iterator[Piece]:
    """One directive of the location."""
    if feature.directive == "port_in_redirect" and place.settings.inner_ports is not None:
        # The port that nginx knows is one of the loopback.
        feature = Tuning(feature.directive, ("off",))
    yield Piece(directives=(directive(feature.directive, *feature.args),))


def plan_request_header(feature: RequestHeader, _place: Place) -> Iterator[Piece]:
    """One header that the backend is told."""
    yield Piece(set_headers=((feature.name, feature.value),), maps=maps_of(feature.value))


PLANNERS: Planners = {Tuning: plan_tuning, RequestHeader: plan_request_header}
