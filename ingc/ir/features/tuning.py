"""One simple directive: of a location, or of a server."""

from __future__ import annotations

from collections.abc import Iterator
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

FILTER = "sub_filter"
REPEATED = {FILTER: 2}
"""Directives of which a location has several, in an order that counts, by their arguments."""


@dataclass(frozen=True, slots=True)
class Tuning(RouteFeature):
    """One simple directive of a location, as nginx names it, such as ``proxy_read_timeout 5s``.

    Of one of `REPEATED` it holds all that the location has, their arguments one after the other:
    nginx inherits them together too.
    """

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.READER,
        renamed=True,
    )

    directive: str
    args: tuple[Argument, ...]

    @property
    def repeats(self) -> bool:
        """Whether a location may have several."""
        return self.directive in REPEATED

    def behind(self, first: Tuning) -> Tuning:
        """Return one of `REPEATED` with what stands before it in the location."""
        return Tuning(self.directive, (*first.args, *self.args))

    def each(self) -> Iterator[tuple[Argument, ...]]:
        """Yield the arguments of each time that the directive stands in a location."""
        size = REPEATED.get(self.directive, len(self.args) or 1)
        yield from (self.args[at : at + size] for at in range(0, len(self.args), size))


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
