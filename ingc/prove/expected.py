"""What the IR expects at a place, as readers compare it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ingc.ir import Host, Proxy, Route, Settings, Upstream
from ingc.ir.features.protocols import BackendProtocol, Protocol
from ingc.prove.written import Written

MODULES: Mapping[Protocol, str] = {
    "HTTP": "proxy",
    "HTTPS": "proxy",
    "AUTO_HTTP": "proxy",
    "GRPC": "grpc",
    "GRPCS": "grpc",
    "FCGI": "fastcgi",
}
"""nginx's module for each protocol."""


@dataclass(frozen=True)
class ExpectedRoute:
    """One route of one host."""

    host: Host
    route: Route
    settings: Settings
    upstreams: Mapping[str, Upstream]
    written: Written
    """The text, for the names that it gives to upstreams."""
    scheme: str
    alone: bool = False
    """True for the host without any of its routes."""
    https_somewhere: bool = False
    """True where any host, or a default certificate, is served on https."""

    @cached_property
    def protocol(self) -> Protocol | None:
        """How the backend is spoken to; ``None``: there is none."""
        if self.alone or not isinstance(self.route.action, Proxy):
            return None
        expected = self.route.feature(BackendProtocol)
        # A stand-in for the cluster knows HTTP alone.
        return expected.name if expected is not None and not self.settings.echo else "HTTP"

    @cached_property
    def module(self) -> str:
        """The nginx module that speaks to the backend; empty: none does."""
        return MODULES[self.protocol] if self.protocol is not None else ""

    @property
    def https(self) -> bool:
        """Whether the host is served on https."""
        return self.host.answers_https or self.settings.default_certificate is not None

    def called(self, upstream: str) -> str:
        """Return what a text calls an upstream; one without a block is its only address."""
        if upstream in self.written.upstreams or upstream in self.written.with_sessions:
            return upstream
        first = self.upstreams[upstream].endpoints[0]
        return str(first) if first.dns else upstream


@dataclass(frozen=True, slots=True)
class ExpectedUpstream:
    """One upstream."""

    upstream: Upstream
    settings: Settings
    sessions: bool = False
    """True for a form of it that keeps sessions by a cookie."""
