"""Which clients may reach a route, by their address or by what else they present."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    ROUTES,
    Card,
    Proved,
    Reason,
    RouteFeature,
)


@dataclass(frozen=True, slots=True)
class AccessList(RouteFeature):
    """Clients by address: those of ``deny`` get a 403, then all that ``allow`` does not name."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.ROUTING | Proved.ADMITTED | Proved.VARIED | Proved.READER,
    )

    deny: tuple[str, ...]
    """Addresses and networks (CIDR)."""
    allow: tuple[str, ...]
    """The same; empty: whoever is not denied may pass."""
    may_answer: ClassVar[tuple[int, ...]] = (403,)


@dataclass(frozen=True, slots=True)
class SatisfyAny(RouteFeature):
    """Who passes one of address, password and auth service need not pass the others."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.ROUTING | Proved.READER,
        renamed=True,
    )
