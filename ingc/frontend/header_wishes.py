"""Wishes for headers and error pages that another object has."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.frontend.wishes import RouteWish


@dataclass(frozen=True, slots=True)
class CustomHeadersWish(RouteWish):
    """The headers that a ConfigMap lists."""

    namespace: str
    """Empty: the Ingress's own."""
    name: str
    allowed: tuple[str, ...]
    """The names that the operator allows."""
    place: Origin


@dataclass(frozen=True, slots=True)
class ErrorsWish(RouteWish):
    """Error pages, and a stand-in where the route's own Service has no endpoint."""

    codes: tuple[int, ...]
    service: str
    """The Service of the Ingress's namespace that answers; empty: the global default backend."""
    intercept: bool
    codes_place: Origin
    service_place: Origin
