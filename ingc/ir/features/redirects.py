"""Redirects to https, and from a host's root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    RULES_ALONE,
    SERVERS,
    Card,
    HostFeature,
    Proved,
    Reason,
    RouteFeature,
)


@dataclass(frozen=True, slots=True)
class HttpsRedirect(RouteFeature):
    """Answer plain http with a redirect to https."""

    card: ClassVar[Card] = Card(
        stands=RULES_ALONE,
        decides=True,
        proved=Proved.ROUTING | Proved.READER,
        answers=True,
        stays=True,
    )

    status: int = 308
    keep_slash: bool = False
    """True: the path as sent; else without one trailing slash."""
    with_port: bool = False
    """True: nginx's https port is named, whatever it is."""


@dataclass(frozen=True, slots=True)
class AppRoot(HostFeature):
    """A request for exactly ``/`` is redirected to a path of the same host."""

    card: ClassVar[Card] = Card(
        stands=SERVERS,
        decides=True,
        granted=Reason.WHOLE_FROM_FRONTEND,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.ROUTING | Proved.READER,
        explained=Reason.SEEN_ELSEWHERE,
    )

    path: str
