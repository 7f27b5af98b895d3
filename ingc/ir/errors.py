"""Other answers than the backend's: error pages, and a stand-in for want of endpoints."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.ir.features import RouteFeature


@dataclass(frozen=True, slots=True)
class CustomErrors(RouteFeature):
    """Ask an error backend for the answer where the status is one of `codes`."""

    codes: tuple[int, ...]
    upstream: str
    intercept: bool = True
    """False: only for what nginx answers itself; the backend's errors are passed on."""

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The error backend's."""
        return (self.upstream,)


@dataclass(frozen=True, slots=True)
class StandIn(RouteFeature):
    """The route's own Service has no endpoint: its action asks this upstream, which is told so."""

    upstream: str
