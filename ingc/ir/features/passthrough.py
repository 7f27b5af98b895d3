"""TLS that nginx does not open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    SERVERS,
    Card,
    HostFeature,
    Proved,
    Reason,
)


@dataclass(frozen=True, slots=True)
class Passthrough(HostFeature):
    """The host's TLS is passed on as it comes; nginx has no certificate for the host."""

    card: ClassVar[Card] = Card(
        stands=SERVERS,
        decides=True,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.ROUTING | Proved.READER,
        explained=Reason.SEEN_ELSEWHERE,
    )

    upstream: str | None
    """Among those of `Stream`; ``None``: its connections are closed."""
