"""Stand-ins for backends without an endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Host, Proxy, Route
from ingc.ir.features.errors import CustomErrors, StandIn
from ingc.prove.asked import AskedRoute
from ingc.prove.effective import InEffect
from ingc.prove.values import canonical

_NO_ENDPOINT = ("503",)


def read_stand_in(place: InEffect) -> StandIn | None:
    """Return the upstream that is told of a 503 of nginx's own; ``None``: none is."""
    code = place.header("x-code") if place.module else None
    if code is None or canonical(code) != _NO_ENDPOINT:
        return None
    return StandIn(", ".join(sorted(item.partition(".sticky_")[0] for item in place.passed_to)))


def seen_stand_in(asked: AskedRoute) -> StandIn | None:
    """Return what can be seen of a route's stand-in."""
    own = asked.route.feature(StandIn)
    if own is None or not isinstance(asked.route.action, Proxy):
        return None
    return StandIn(asked.called(own.upstream))


def check_custom_errors(feature: CustomErrors) -> Iterator[tuple[str, ...]]:
    """Yield who answers in place of each status."""
    yield from (("error_page", str(code), feature.upstream) for code in feature.codes)


def forward_stand_in(
    _feature: StandIn, _host: Host, route: Route
) -> Iterator[tuple[str, str | None]]:
    """Yield what a stand-in is told of whom it stands in for."""
    yield "X-Code", *_NO_ENDPOINT
    yield "X-Namespace", route.origin.namespace
    yield "X-Ingress-Name", route.origin.name
    if route.service is not None:
        yield "X-Service-Name", route.service.service
        yield "X-Service-Port", str(route.service.port)
