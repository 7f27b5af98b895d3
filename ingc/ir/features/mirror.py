"""Copies of requests for another service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    ROUTES,
    Card,
    Proved,
    RouteFeature,
)
from ingc.ir.features.external_auth import Destination


@dataclass(frozen=True, slots=True)
class Mirror(RouteFeature):
    """Send a copy of each request to a service, and ignore what it answers."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        proved=Proved.CHECKS | Proved.READER,
    )

    service: Destination
    body: bool = True
    """Copy bodies too."""

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The service."""
        return (self.service.upstream,)
