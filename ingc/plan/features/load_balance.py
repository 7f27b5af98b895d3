"""Which endpoint of an upstream gets a request."""

from __future__ import annotations

from ingc.ir import Settings, Upstream, UpstreamFeature
from ingc.ir.features.load_balance import HashBy, LeastConnections, LeastTime
from ingc.plan.layout import Directive, directive
from ingc.target import LEAST_TIME

BESIDE_COOKIES: tuple[type[UpstreamFeature], ...] = (LeastConnections,)
"""What decides for clients without a cookie, where nginx sets cookies by itself."""


def method_of(upstream: Upstream, settings: Settings) -> tuple[Directive, ...]:
    """Return the directive of an upstream's method, if it has one.

    A hash beats response times, as in ingress-nginx.
    """
    key = next((item.key for item in upstream.features if isinstance(item, HashBy)), None)
    if key is not None:
        return (directive("hash", key, "consistent"),)
    if any(isinstance(item, LeastConnections) for item in upstream.features):
        return (directive("least_conn"),)
    if not any(isinstance(item, LeastTime) for item in upstream.features):
        return ()
    if settings.target >= LEAST_TIME:
        return (directive("least_time", "header"),)
    return (directive("random", "two", "least_conn"),)
