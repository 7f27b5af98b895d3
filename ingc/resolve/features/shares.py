"""Services that share the requests of an OpenShift Route: one upstream of all their endpoints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from ingc.diagnostics.catalogue.openshift import RouteShareLost
from ingc.frontend.intent import IntentRoute, WeightedBackend
from ingc.ir import Action, Endpoint, Proxy, ServiceShare, StatusAnswer, Upstream
from ingc.resolve.lookup import Unusable
from ingc.resolve.names import named_by
from ingc.resolve.upstreams import Upstreams
from ingc.target import UPSTREAM_RESOLVE, format_version, parse_version

_MOST_WEIGHT = 256
"""What the router gives the endpoint with the largest share."""

Part = tuple[Upstream, int]
"""A Service port, and its weight."""


def shared_action(intent: IntentRoute, upstreams: Upstreams) -> Action:
    """Return where the requests of a route with several Services go; 503 where nowhere.

    A Service without endpoints is reported, and the others share its part.
    """
    parts = [part for item in intent.weighted if (part := _part(item, intent, upstreams))]
    if not parts:
        return StatusAnswer(503)
    if len(parts) == 1:
        return Proxy(parts[0][0].name)
    first = parts[0][0]
    endpoints = first.endpoints if upstreams.options.echo else weighted_endpoints(parts)
    made = Upstream(
        # With three underscores before its last word it is the name of no Service's upstream.
        name=f"route_{intent.namespace}_{intent.ingress}_weighted",
        endpoints=endpoints,
        service=first.service,
        shares=tuple(ServiceShare(upstream.service, weight) for upstream, weight in parts),
    )
    return Proxy(upstreams.add(made))


def weighted_endpoints(parts: Sequence[Part]) -> tuple[Endpoint, ...]:
    """Return the endpoints of Services, each Service's weight spread over its own.

    Where no small whole numbers are in that proportion, they are the router's
    (``calculateServiceWeights``): the largest is 256, the others are cut to at least 1.
    """
    each = [Fraction(weight, len(upstream.endpoints)) for upstream, weight in parts]
    whole = [int(item * math.lcm(*(other.denominator for other in each))) for item in each]
    whole = [number // math.gcd(*whole) for number in whole]
    if max(whole) > _MOST_WEIGHT:
        whole = [max(1, math.floor(item * _MOST_WEIGHT / max(each))) for item in each]
    return tuple(
        replace(endpoint, weight=number)
        for (upstream, _), number in zip(parts, whole, strict=True)
        for endpoint in upstream.endpoints
    )


def _part(item: WeightedBackend, intent: IntentRoute, upstreams: Upstreams) -> Part | None:
    found = upstreams.find(intent.namespace, item.backend, named_by(intent))
    why = ""
    if isinstance(found, Unusable):
        why = found.why.summary.format_map(found.why.values())
    elif _is_looked_up(upstreams.made(found), upstreams):
        why = f"its name would be looked up alone before nginx {format_version(UPSTREAM_RESOLVE)}"
    if isinstance(found, str) and not why:
        return upstreams.made(found), item.weight
    service = f"{intent.namespace}/{item.backend.name}"
    upstreams.sink.report(RouteShareLost(service=service, why=why), item.backend.origin)
    return None


def _is_looked_up(upstream: Upstream, upstreams: Upstreams) -> bool:
    """Return whether a variable would stand for the upstream, which names one address."""
    options = upstreams.options
    by_variable = bool(options.resolver) and parse_version(options.nginx_version) < UPSTREAM_RESOLVE
    return by_variable and any(endpoint.dns for endpoint in upstream.endpoints)
