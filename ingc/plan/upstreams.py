"""Upstreams → ``upstream`` blocks."""

from __future__ import annotations

from ingc.ir import Endpoint, Settings, Upstream
from ingc.ir.outside import Keepalive
from ingc.plan.frame import directive
from ingc.plan.layout import Directive, UpstreamBlock
from ingc.plan.passing import resolves_by_variable

KEEPALIVE_CONNECTIONS = 320
KEEPALIVE_REQUESTS = 10000
_ZONE_SIZE = "64k"


def plan_upstream(upstream: Upstream, settings: Settings) -> UpstreamBlock | None:
    """Return an upstream's block; ``None`` where its name is resolved by a variable."""
    if resolves_by_variable(upstream, settings):
        return None
    resolve = bool(settings.resolver) and any(endpoint.dns for endpoint in upstream.endpoints)
    zone: tuple[Directive, ...] = ()
    if resolve:
        zone = (directive("zone", upstream.name, _ZONE_SIZE),)
        if settings.fragment:
            zone += (directive("resolver", *settings.resolver),)
    return UpstreamBlock(
        upstream.name,
        (
            *zone,
            *(_server(endpoint, resolve=resolve) for endpoint in upstream.endpoints),
            *_keepalive(upstream),
        ),
    )


def _keepalive(upstream: Upstream) -> tuple[Directive, ...]:
    asked = next((item for item in upstream.features if isinstance(item, Keepalive)), None)
    if asked is None:
        return (
            directive("keepalive", KEEPALIVE_CONNECTIONS),
            directive("keepalive_requests", KEEPALIVE_REQUESTS),
        )
    if not asked.connections:
        return ()
    return (
        directive("keepalive", asked.connections),
        directive("keepalive_requests", asked.requests),
        directive("keepalive_timeout", f"{asked.timeout}s"),
    )


def _server(endpoint: Endpoint, *, resolve: bool) -> Directive:
    # ingress-nginx never takes an endpoint out after a failure; Kubernetes does that.
    extra = ("max_fails=0", *(("resolve",) if resolve and endpoint.dns else ()))
    if endpoint.address.startswith("unix:"):
        return directive("server", endpoint.address, *extra)
    address = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
    return directive("server", f"{address}:{endpoint.port}", *extra)
