"""Which endpoint of an upstream gets a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    UPSTREAMS,
    Card,
    Proved,
    Reason,
    UpstreamFeature,
)
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class LeastTime(UpstreamFeature):
    """The endpoint that answers soonest gets the request, as near as the target can measure."""

    card: ClassVar[Card] = Card(
        stands=UPSTREAMS,
        granted=Reason.WHOLE_FROM_FRONTEND,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.READER,
    )


@dataclass(frozen=True, slots=True)
class LeastConnections(UpstreamFeature):
    """The endpoint with the fewest requests that are under way gets the next one."""

    card: ClassVar[Card] = Card(
        stands=UPSTREAMS,
        asked=Reason.MADE_BY_RESOLVE,
        granted=Reason.MADE_BY_RESOLVE,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.READER,
    )


@dataclass(frozen=True, slots=True)
class HashBy(UpstreamFeature):
    """Requests with the same text go to the same endpoint."""

    card: ClassVar[Card] = Card(
        stands=UPSTREAMS,
        granted=Reason.WHOLE_FROM_FRONTEND,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.READER,
    )

    key: Text


@dataclass(frozen=True, slots=True)
class ServiceAddress(UpstreamFeature):
    """The Service's own address stands in for its endpoints; `ingc.resolve` acts on it."""

    card: ClassVar[Card] = Card(
        stands=UPSTREAMS,
        granted=Reason.WHOLE_FROM_FRONTEND,
        planned=Reason.ACTED_ON,
        proved=Reason.ACTED_ON,
        explained=Reason.ACTED_ON,
    )
