"""Affinity and canaries: what they ask for, with the route and the Services that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingc.diagnostics.catalogue.annotations_balance import (
    AffinityBehindOneAddress,
    CanaryWithoutEndpoints,
    SessionCookiePathMissing,
)
from ingc.frontend.balance import AffinityWish, CanaryWish
from ingc.frontend.intent import IntentRoute
from ingc.ir import RouteFeature
from ingc.ir.balance import Affinity, Canary
from ingc.ir.features import Rewrite, UseRegex
from ingc.k8s.backend import ServiceBackend
from ingc.resolve.granting import Granting
from ingc.resolve.protocols import upstream_for
from ingc.resolve.service import Unusable

_COOKIE_PATH = re.compile(r"/[A-Za-z0-9\-._~/:%@!&',=]*").fullmatch
"""Paths that a cookie can have and that are no regex."""
_PLAIN = re.compile(r"/[A-Za-z0-9\-_~/:%@!&',=]*").fullmatch
"""The same, where a dot may be a regex's."""


def grant_affinity(wish: AffinityWish, intent: IntentRoute, granting: Granting) -> Affinity:
    """Return the affinity of a route; one that has no effect is reported."""
    address = granting.upstreams.one_address(intent.namespace, intent.backend)
    if address is not None and isinstance(intent.backend, ServiceBackend):
        service = f"{intent.namespace}/{intent.backend.name}"
        entry = AffinityBehindOneAddress(service=service, address=address)
        granting.sink.report(entry, wish.origin)
    path = wish.path
    if path is None:
        regex = intent.asks(UseRegex) or intent.asks(Rewrite)
        path = intent.path
        if not (_PLAIN if regex else _COOKIE_PATH)(path):
            granting.sink.report(SessionCookiePathMissing(path=path), intent.origin.at("path"))
            path = "/"
    return Affinity(
        name=wish.name,
        path=path,
        domain=wish.domain,
        max_age=wish.max_age,
        samesite=wish.samesite,
        conditional=wish.conditional and wish.samesite == "None",
        secure=wish.secure,
    )


def canary_of(
    intent: IntentRoute, features: Iterable[RouteFeature], granting: Granting
) -> tuple[Canary, ...]:
    """Return the canary of a route; none where its Service can't be reached."""
    canary = intent.canary
    wish = canary.asks(CanaryWish) if canary else None
    if canary is None or wish is None or not isinstance(canary.backend, ServiceBackend):
        return ()
    found = granting.upstreams.find(canary.namespace, canary.backend)
    if isinstance(found, Unusable):
        why = found.why.summary.format_map(found.why.values())
        service = f"{canary.namespace}/{canary.backend.name}"
        entry = CanaryWithoutEndpoints(service=service, why=why)
        granting.sink.report(entry, canary.origin.at("backend"))
        return ()
    upstream = upstream_for(found, features, granting.upstreams)
    return (Canary(upstream, wish.header, wish.cookie, wish.percent, wish.sticky),)
