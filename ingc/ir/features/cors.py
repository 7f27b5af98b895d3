"""What a route allows to browsers of other origins."""

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

NULL_ORIGIN = "null"
"""What a browser sends for documents that have no origin, such as sandboxed ones."""
USUAL_METHODS = "GET, PUT, POST, DELETE, PATCH, OPTIONS"
USUAL_HEADERS = (
    "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,"
    "Content-Type,Range,Authorization"
)


@dataclass(frozen=True, slots=True)
class Cors(RouteFeature):
    """Answer preflights with 204, and state to allowed origins what they may do."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.ROUTING | Proved.ANSWERS | Proved.VARIED,
        answers=True,
    )

    origins: tuple[str, ...] | None
    """In lower case: ``https://example.com:8443``, ``https://*.example.com`` for exactly one
    label, or `NULL_ORIGIN`. ``None``: every origin; empty: none."""
    methods: str
    """As the annotation writes them, like the next two."""
    headers: str
    exposed: str
    """Empty: none."""
    credentials: bool
    max_age: int
    """In seconds."""

    @property
    def before_https(self) -> bool:
        """A preflight follows no redirect."""
        return True
