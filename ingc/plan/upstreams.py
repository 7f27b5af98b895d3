"""Upstreams → ``upstream`` blocks."""

from __future__ import annotations

from ingc.ir import Endpoint, Settings, Upstream
from ingc.ir.features.external_auth import Keepalive
from ingc.ir.features.protocols import OneRequestConnections
from ingc.plan.features.load_balance import method_of
from ingc.plan.layout import Directive, UpstreamBlock, directive
from ingc.target import KEEPALIVE_BY_DEFAULT, UPSTREAM_RESOLVE

STICKY_INFIX = ".sticky_"
"""Stands between the name of an upstream and what distinguishes its forms with sessions."""


def resolves_by_variable(upstream: Upstream, settings: Settings) -> bool:
    """Return whether an upstream's name is resolved by a variable, for want of ``resolve``."""
    named_by_dns = upstream.endpoints[0].dns
    return named_by_dns and bool(settings.resolver) and settings.target < UPSTREAM_RESOLVE


def address_of(upstream: Upstream) -> str:
    """Return the address of an upstream whose name is resolved by a variable."""
    return str(upstream.endpoints[0])


_ZONE_SIZE = "64k"


def plan_upstream(
    upstream: Upstream,
    settings: Settings,
    before: tuple[Directive, ...] = (),
    after: tuple[Directive, ...] = (),
) -> UpstreamBlock | None:
    """Return an upstream's block; ``None`` where its name is resolved by a variable.

    ``before`` and ``after`` are more directives, before the servers and after them.
    """
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
            *method_of(upstream, settings),
            *before,
            *(server_line(endpoint, resolve=resolve) for endpoint in upstream.endpoints),
            *after,
            *_keepalive(upstream, settings),
        ),
    )


def _keepalive(upstream: Upstream, settings: Settings) -> tuple[Directive, ...]:
    own = next((item for item in upstream.features if isinstance(item, Keepalive)), None)
    kept = settings.policies.keepalive
    connections = own.connections if own else kept.connections
    if not connections or any(
        isinstance(item, OneRequestConnections) for item in upstream.features
    ):
        # Later versions keep connections without a directive.
        by_itself = settings.target >= KEEPALIVE_BY_DEFAULT
        return (directive("keepalive", 0),) if by_itself else ()
    if own is not None:
        return (
            directive("keepalive", own.connections),
            directive("keepalive_requests", own.requests),
            directive("keepalive_timeout", f"{own.timeout}s"),
        )
    limits = (("keepalive_timeout", kept.timeout), ("keepalive_time", kept.time))
    return (
        directive("keepalive", kept.connections),
        directive("keepalive_requests", kept.requests),
        *(directive(name, value) for name, value in limits if value),
    )


def server_line(endpoint: Endpoint, *, resolve: bool) -> Directive:
    """Return the line of an endpoint; ``resolve``: its name is looked up again at run time."""
    # ingress-nginx never takes an endpoint out after a failure; Kubernetes does that.
    weight = (f"weight={endpoint.weight}",) if endpoint.weight != 1 else ()
    again = ("resolve",) if resolve and endpoint.dns else ()
    return directive("server", str(endpoint), *weight, "max_fails=0", *again)
