"""What Ingresses ask of the choice of an endpoint and only other objects can answer."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.frontend.wishes import RouteWish
from ingc.ir.balance import HeaderRule, SameSite


@dataclass(frozen=True, slots=True)
class AffinityWish(RouteWish):
    """A cookie keeps a client on its endpoint; the path may be the route's own."""

    origin: Origin
    """Where the annotation stands."""
    name: str
    path: str | None
    """``None``: the route's."""
    domain: str
    max_age: int | None
    samesite: SameSite
    conditional: bool
    secure: bool


@dataclass(frozen=True, slots=True)
class CanaryWish(RouteWish):
    """The Ingress makes no routes: its Services take a part of the requests of others' routes."""

    origin: Origin
    """Where the annotation stands."""
    header: HeaderRule | None
    cookie: str
    percent: float
    sticky: bool
    decides: bool
    """False where nothing says which requests are meant."""
