"""Error pages and stand-ins: from which backend they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingc.diagnostics.catalogue.annotations_headers import (
    CustomErrorsWithoutBackend,
    DefaultBackendStandsIn,
    DefaultBackendUnusable,
)
from ingc.diagnostics.catalogue.backends import ServiceBroken
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import ErrorsWish
from ingc.ir import Action, Proxy, RouteFeature
from ingc.ir.features.errors import CustomErrors, StandIn
from ingc.k8s.backend import ServiceBackend
from ingc.resolve.fallback import first_port, global_backend
from ingc.resolve.lookup import Unusable
from ingc.resolve.names import named_by

if TYPE_CHECKING:
    from ingc.resolve.features.context import Granting


def grant_custom_errors(
    wish: ErrorsWish, intent: IntentRoute, granting: Granting
) -> tuple[RouteFeature, ...]:
    """Return what can be granted; without an error backend the routes are served as they are."""
    own = _own(wish, intent, granting)
    stand_in = _stand_in(own, wish, intent, granting) if own else ()
    if not wish.codes:
        return stand_in
    upstream = own
    if not upstream:
        found = global_backend(granting.upstreams)
        upstream = "" if isinstance(found, str) else found[0]
    if not upstream:
        # A Service that can't be used has a finding of its own.
        if not wish.service:
            entry = CustomErrorsWithoutBackend(codes=",".join(map(str, wish.codes)))
            granting.sink.report(entry, wish.codes_place)
        return stand_in
    # The stand-in's answer is final: the same backend need not get the request twice.
    intercept = wish.intercept and not stand_in
    return (*stand_in, CustomErrors(wish.codes, upstream, intercept))


def stand_ins_at(action: Action, features: tuple[RouteFeature, ...]) -> tuple[RouteFeature, ...]:
    """Return features where a stand-in has the upstream that the route passes requests to.

    It is spoken to as the route's own Service would be, and so has an upstream for that protocol.
    """
    if not isinstance(action, Proxy):
        return features
    return tuple(
        StandIn(action.upstream) if isinstance(item, StandIn) else item for item in features
    )


def _own(wish: ErrorsWish, intent: IntentRoute, granting: Granting) -> str:
    """Return the upstream of the annotation's Service, or "" after a finding."""
    if not wish.service:
        return ""
    found = first_port(intent.namespace, wish.service, "other", granting.upstreams)
    if not isinstance(found, str):
        return found[0]
    entry = DefaultBackendUnusable(service=f"{intent.namespace}/{wish.service}", why=found)
    granting.sink.report(entry, wish.service_place)
    return ""


def _stand_in(
    own: str, wish: ErrorsWish, intent: IntentRoute, granting: Granting
) -> tuple[StandIn, ...]:
    """A Service with errors is not one without endpoints: its routes answer 503."""
    backend = intent.backend
    if not isinstance(backend, ServiceBackend):
        return ()
    found = granting.upstreams.find(intent.namespace, backend, named_by(intent))
    if not isinstance(found, Unusable) or isinstance(found.why, ServiceBroken):
        return ()
    entry = DefaultBackendStandsIn(
        service=f"{intent.namespace}/{backend.name}",
        stand_in=f"{intent.namespace}/{wish.service}",
        why=found.why.summary.format_map(found.why.values()),
    )
    granting.sink.report(entry, found.at or intent.backend_origin)
    return (StandIn(own),)
