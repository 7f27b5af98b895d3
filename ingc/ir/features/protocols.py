"""How a backend is spoken to, beside the protocol itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from ingc.ir.features.card import (
    ROUTES,
    UPSTREAMS,
    Card,
    Proved,
    Reason,
    RouteFeature,
    UpstreamFeature,
)
from ingc.syntax.text import Text

Protocol = Literal["HTTP", "HTTPS", "AUTO_HTTP", "GRPC", "GRPCS", "FCGI"]


@dataclass(frozen=True, slots=True)
class BackendProtocol(RouteFeature):
    """How the backend is spoken to; absent: HTTP."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        proved=Proved.ROUTING | Proved.READER,
    )

    name: Protocol


@dataclass(frozen=True, slots=True)
class FastCgi(RouteFeature):
    """The params that a FastCGI backend gets beside nginx's usual ones."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        proved=Proved.READER,
    )

    index: str
    """The script of a path that ends in a slash; ``""``: none."""
    params: tuple[tuple[str, Text], ...]
    """Each in place of the usual one of that name."""


@dataclass(frozen=True, slots=True)
class OneRequestConnections(UpstreamFeature):
    """A connection serves one request, and is closed."""

    card: ClassVar[Card] = Card(
        stands=UPSTREAMS,
        asked=Reason.MADE_BY_RESOLVE,
        granted=Reason.MADE_BY_RESOLVE,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.READER,
    )
