"""Spans of requests, by nginx's OpenTelemetry module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import ROUTES, Card, Proved, Reason, RouteFeature
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class Traced(RouteFeature):
    """Requests get a span if `ingc.ir.modules.Exporter` samples them; backends get its context."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.READER,
    )

    trusting: bool = True
    """A span that the client names is the parent."""
    name: Text | None = None
    """The span's; ``None``: nginx's own, that of the location."""
