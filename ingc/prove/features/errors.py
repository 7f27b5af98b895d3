"""Stand-ins for backends without an endpoint."""

from __future__ import annotations

from ingc.ir import Proxy
from ingc.ir.features.errors import StandIn
from ingc.prove.asked import AskedRoute
from ingc.prove.effective import InEffect
from ingc.prove.values import canonical

_NO_ENDPOINT = ("503",)


def read_stand_in(place: InEffect) -> StandIn | None:
    """Return the upstream that is told of a 503 of nginx's own; ``None``: none is."""
    code = place.told.get("x-code") if place.module else None
    if code is None or canonical(code) != _NO_ENDPOINT:
        return None
    return StandIn(", ".join(sorted(item.partition(".sticky_")[0] for item in place.passed_to())))


def seen_stand_in(asked: AskedRoute) -> StandIn | None:
    """Return what can be seen of a route's stand-in."""
    own = asked.route.feature(StandIn)
    if own is None or not isinstance(asked.route.action, Proxy):
        return None
    return StandIn(asked.called(own.upstream))
