"""Features that are one directive or one header."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features import RequestHeader, Tuning
from ingc.plan.frame import directive
from ingc.plan.pieces import Piece, Place, Planners, maps_of


def plan_tuning(feature: Tuning, _place: Place) -> Iterator[Piece]:
    """One directive of the location."""
    yield Piece(directives=(directive(feature.directive, *feature.args),))


def plan_request_header(feature: RequestHeader, _place: Place) -> Iterator[Piece]:
    """One header that the backend is told."""
    yield Piece(set_headers=((feature.name, feature.value),), maps=maps_of(feature.value))


PLANNERS: Planners = {Tuning: plan_tuning, RequestHeader: plan_request_header}
