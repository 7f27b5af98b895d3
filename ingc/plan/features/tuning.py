"""One simple directive of a location."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.tuning import Tuning
from ingc.plan.layout import directive
from ingc.plan.pieces import Piece, RoutePlace


def plan_tuning(feature: Tuning, place: RoutePlace) -> Iterator[Piece]:
    """One directive of the location, or all of its name."""
    if feature.directive == "port_in_redirect" and place.settings.inner_ports is not None:
        # The port that nginx knows is one of the loopback.
        feature = Tuning(feature.directive, ("off",))
    yield Piece(directives=tuple(directive(feature.directive, *args) for args in feature.each()))
