"""Canaries: the upstream that takes a part of the requests."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics.catalogue.annotations_balance import (
    CanaryWithoutEndpoints,
)
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import CanaryWish
from ingc.ir import RouteFeature
from ingc.ir.features.canary import Canary
from ingc.k8s.backend import ServiceBackend
from ingc.resolve.features.context import Granting
from ingc.resolve.features.protocols import upstream_for
from ingc.resolve.lookup import Unusable


def grant_canary(
    intent: IntentRoute, features: Iterable[RouteFeature], granting: Granting
) -> tuple[Canary, ...]:
    """Return the canary of a route; none where its Service can't be reached."""
    canary = intent.canary
    wish = canary.asks(CanaryWish) if canary else None
    if canary is None or wish is None or not isinstance(canary.backend, ServiceBackend):
        return ()
    found = granting.upstreams.find(canary.namespace, canary.backend, "rule")
    if isinstance(found, Unusable):
        why = found.why.summary.format_map(found.why.values())
        service = f"{canary.namespace}/{canary.backend.name}"
        entry = CanaryWithoutEndpoints(service=service, why=why)
        granting.sink.report(entry, canary.origin.at("backend"))
        return ()
    upstream = upstream_for(found, features, granting.upstreams)
    return (Canary(upstream, wish.header, wish.cookie, wish.percent, wish.sticky),)
