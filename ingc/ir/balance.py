"""Which endpoint of which upstream gets a request: methods, affinity, canaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingc.ir.features import RouteFeature, UpstreamFeature
from ingc.syntax.text import Text

SameSite = Literal["", "None", "Lax", "Strict"]


@dataclass(frozen=True, slots=True)
class LeastTime(UpstreamFeature):
    """The endpoint that answers soonest gets the request, as near as the target can tell."""


@dataclass(frozen=True, slots=True)
class HashBy(UpstreamFeature):
    """Requests with the same text go to the same endpoint."""

    key: Text


@dataclass(frozen=True, slots=True)
class ServiceAddress(UpstreamFeature):
    """The Service's own address stands in for its endpoints; `ingc.resolve` acts on it."""


@dataclass(frozen=True, slots=True)
class Affinity(RouteFeature):
    """A cookie keeps a client on the endpoint that it got first."""

    name: str
    path: str
    """The Path attribute: begins with a slash, holds no ``;``."""
    domain: str = ""
    max_age: int | None = None
    """Seconds; ``None``: until the browser is closed."""
    samesite: SameSite = ""
    conditional: bool = False
    """True: SameSite=None is left out for browsers that misread it."""
    secure: bool = False
    """True: always; else over https alone."""


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """A header of the request that decides for or against a canary."""

    name: str
    value: str | None = None
    """With exactly this value the canary is asked."""
    pattern: str | None = None
    """With a value in which this regex matches; without both: ``always`` and ``never``."""


@dataclass(frozen=True, slots=True)
class Canary(RouteFeature):
    """A part of the requests goes to another upstream; everything else is the route's."""

    upstream: str
    header: HeaderRule | None = None
    """Asked first."""
    cookie: str = ""
    """The name of a cookie with ``always`` or ``never``, asked next; "" asks none."""
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
