"""One simple directive: of a location, or of a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    ROUTES,
    SERVERS,
    Argument,
    Card,
    HostFeature,
    Proved,
    Reason,
    RouteFeature,
)


@dataclass(frozen=True, slots=True)
class Tuning(RouteFeature):
    """One simple directive of a location, as nginx names it, such as ``proxy_read_timeout 5s``."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.READER,
        renamed=True,
    )

    directive: str
    args: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class ServerTuning(HostFeature):
    """One simple directive of a server, such as ``ssl_ciphers``."""

    card: ClassVar[Card] = Card(
        stands=SERVERS,
        granted=Reason.WHOLE_FROM_FRONTEND,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.READER,
        renamed=True,
    )

    directive: str
    args: tuple[Argument, ...]
