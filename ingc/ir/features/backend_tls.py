"""TLS to the backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.config import Certificate
from ingc.ir.features.card import (
    ROUTES,
    Card,
    Proved,
    RouteFeature,
)


@dataclass(frozen=True, slots=True)
class BackendTls(RouteFeature):
    """How TLS is spoken to the backend, where its protocol has TLS."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        proved=Proved.READER,
    )

    certificate: Certificate | None
    """What nginx presents to the backend."""
    trusted: str | None
    """The file of the certificates by which the backend is verified; ``None``: it is not."""
    depth: int
    """How many certificates may stand between the backend's own and a trusted one."""
    ciphers: str
    protocols: tuple[str, ...]
    name: str
    """Whom the backend's certificate must name, and the name that nginx requests in TLS."""
    server_name: bool
    """True where that name is sent (SNI)."""
