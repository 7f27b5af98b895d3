"""Canaries: a part of a route's requests goes to another upstream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    ROUTES,
    Card,
    Proved,
    RouteFeature,
)


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """A header of the request that decides for or against a canary."""

    name: str
    value: str | None = None
    """With exactly this value the canary gets the request."""
    pattern: str | None = None
    """With a value in which this regex matches; without both: ``always`` and ``never``."""


@dataclass(frozen=True, slots=True)
class Canary(RouteFeature):
    """A part of the requests goes to another upstream; everything else is the route's."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        decides=True,
        proved=Proved.ROUTING | Proved.VARIED | Proved.READER,
    )

    upstream: str
    header: HeaderRule | None = None
    """Decides first."""
    cookie: str = ""
    """The name of a cookie with ``always`` or ``never``, decides next; "" names none."""
    percent: float = 0.0
    """Of what is left, at random; two decimals."""
    sticky: bool = True
    """With affinity: a client stays with the canary, or away from it."""

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The canary's upstream."""
        return (self.upstream,)


def side_cookie(name: str) -> str:
    """Return the name of the cookie that keeps a client of an affinity's cookie on its side."""
    return f"{name}_side"
