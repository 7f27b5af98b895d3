"""Lists of addresses, and whether one check is enough."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.plan.layout import directive
from ingc.plan.pieces import Phase, Piece, RoutePlace


def plan_access_list(feature: AccessList, _place: RoutePlace) -> Iterator[Piece]:
    """The first line that fits decides, so what is denied stands first."""
    denied = (directive("deny", network) for network in feature.deny)
    allowed = (directive("allow", network) for network in feature.allow)
    last = (directive("deny", "all"),) if feature.allow else ()
    yield Piece(Phase.ACCESS, (*denied, *allowed, *last))


def plan_satisfy_any(_feature: SatisfyAny, _place: RoutePlace) -> Iterator[Piece]:
    """One directive, beside those of the checks."""
    yield Piece(directives=(directive("satisfy", "any"),))
