"""More names for a host: aliases, and the twin with or without ``www.``."""

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
class WwwRedirect(HostFeature):
    """The twin of the host, with or without ``www.``, is redirected to it."""

    card: ClassVar[Card] = Card(
        stands=SERVERS,
        decides=True,
        granted=Reason.WHOLE_FROM_FRONTEND,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.ROUTING | Proved.READER,
        explained=Reason.SEEN_ELSEWHERE,
        stays=True,
    )

    status: int = 308


@dataclass(frozen=True, slots=True)
class Alias(HostFeature):
    """More names for the host's servers: exact ones, wildcards, or ``~`` and a regex."""

    card: ClassVar[Card] = Card(
        stands=SERVERS,
        granted=Reason.WHOLE_FROM_FRONTEND,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.ROUTING | Proved.READER,
        explained=Reason.SEEN_ELSEWHERE,
        stays=True,
        renamed=True,
    )

    names: tuple[str, ...]
    place: int = 0
    """Among aliases with regexes, which nginx tries in this order: the older Ingress's first."""
