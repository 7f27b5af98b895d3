"""How much one client may request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from ingc.ir.features.card import (
    ROUTES,
    Card,
    Proved,
    Reason,
    RouteFeature,
)

ADDRESS = "binary_remote_addr"
"""nginx's variable of the client's address."""
SentAs = Literal["header", "cookie"]


@dataclass(frozen=True, slots=True)
class SentKey:
    """What clients send, each value of which has limits of its own.

    A request without it, or with a value of more than `LONGEST_KEY` bytes, counts for its address.
    """

    sent_as: SentAs
    name: str
    """Of the header or cookie."""
    address: bool = False
    """True: each address has the same limits beside, whatever it sends."""

    def __str__(self) -> str:
        """Return the header or cookie in words."""
        return f"{self.sent_as} {self.name}"


LONGEST_KEY = 1900
"""Bytes: with nginx's own fields such a count takes half a page of its zone, the most that is not
whole pages. Above 65,535 bytes nginx would not count at all."""


@dataclass(frozen=True, slots=True)
class Limits(RouteFeature):
    """How much one client may request of all paths of an Ingress together."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.CHECKS | Proved.READER,
        renamed=True,
    )

    owner: str
    """The Ingress, ``namespace_name``: one count covers all of its routes."""
    per_second: int = 0
    """Requests; 0: no limit."""
    per_minute: int = 0
    connections: int = 0
    """At the same time."""
    burst: int = 5
    """So many times the rate may come at once."""
    exempt: tuple[str, ...] = ()
    """Addresses and networks (CIDR) that have no limits."""
    by: str | SentKey = ADDRESS
    """The variable that distinguishes clients, or what they send."""
    may_answer: ClassVar[tuple[int, ...]] = (503,)

    @property
    def rates(self) -> tuple[tuple[int, str], ...]:
        """The numbers of requests, each with the unit of time: ``second`` or ``minute``."""
        given = ((self.per_second, "second"), (self.per_minute, "minute"))
        return tuple(item for item in given if item[0])
