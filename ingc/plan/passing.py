"""Passing a request on: which directive, to which upstream."""

from __future__ import annotations

from ingc.ir import Proxy, Settings, Upstream
from ingc.plan.frame import directive
from ingc.plan.layout import Directive, Value
from ingc.plan.pieces import Phase, Piece, Place
from ingc.plan.protocols import PASS, protocol_of
from ingc.syntax.text import Text, Variable
from ingc.target import UPSTREAM_RESOLVE

UPSTREAM = Variable("ingc_upstream")


def resolves_by_variable(upstream: Upstream, settings: Settings) -> bool:
    """Tell whether an upstream's name is resolved by a variable, for want of ``resolve``."""
    named = upstream.endpoints[0].dns
    return named and bool(settings.resolver) and settings.target < UPSTREAM_RESOLVE


def passed(action: Proxy, place: Place) -> Piece:
    """Return the piece that passes a request on."""
    before, where = _upstream(place.upstreams[action.upstream], place.settings)
    language, scheme = PASS[protocol_of(place.route, place.settings)]
    target: Value
    if scheme == "://":
        target = Text((Variable("scheme"), scheme, where))
    else:
        target = scheme + where if isinstance(where, str) else Text((scheme, where))
    return Piece(Phase.PASS, (*before, directive(f"{language}_pass", target)))


def _upstream(
    upstream: Upstream, settings: Settings
) -> tuple[tuple[Directive, ...], str | Variable]:
    """Return what has to be set before, and the upstream as the pass directive names it."""
    if not resolves_by_variable(upstream, settings):
        return (), upstream.name
    endpoint = upstream.endpoints[0]
    address = f"{endpoint.address}:{endpoint.port}"
    return (directive("set", UPSTREAM, address),), UPSTREAM
