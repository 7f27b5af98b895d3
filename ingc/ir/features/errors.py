"""Other answers than the backend's: error pages, and a stand-in for want of endpoints."""

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
class CustomErrors(RouteFeature):
    """Let an error backend answer where the status is one of `codes`."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        proved=Proved.ROUTING | Proved.CHECKS,
    )

    codes: tuple[int, ...]
    upstream: str
    intercept: bool = True
    """False: only for what nginx answers itself; the backend's errors are passed on."""

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The error backend's."""
        return (self.upstream,)


@dataclass(frozen=True, slots=True)
class StandIn(RouteFeature):
    """The route's own Service has no endpoint: its action calls this upstream, with the reason."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        asked=Reason.MADE_BY_RESOLVE,
        granted=Reason.WITH_ANOTHER,
        proved=Proved.HEADERS | Proved.READER,
    )

    upstream: str
