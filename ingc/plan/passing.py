"""Passing a request on: which directive, to which upstream."""

from __future__ import annotations

from ingc.ir import Proxy, Settings, Upstream
from ingc.plan.balancing import UPSTREAM, balanced
from ingc.plan.frame import directive
from ingc.plan.layout import Directive, Value
from ingc.plan.names import address_of, resolves_by_variable
from ingc.plan.pieces import Phase, Piece, Place
from ingc.plan.protocols import PASS, protocol_of
from ingc.syntax.text import Text, Variable


def passed(action: Proxy, place: Place) -> Piece:
    """Return the piece that passes a request on."""
    before, where = _where(action, place)
    language, scheme = PASS[protocol_of(place.route, place.settings)]
    target: Value
    if scheme == "://":
        target = Text((Variable("scheme"), scheme, where))
    else:
        target = scheme + where if isinstance(where, str) else Text((scheme, where))
    return Piece(Phase.PASS, (*before, directive(f"{language}_pass", target)))


def _where(action: Proxy, place: Place) -> tuple[tuple[Directive, ...], str | Variable]:
    """Return what has to be set before, and what the pass directive names."""
    chosen = balanced(place) if place.route.features else None
    if chosen is not None:
        return (), chosen.where
    return _upstream(place.upstreams[action.upstream], place.settings)


def _upstream(
    upstream: Upstream, settings: Settings
) -> tuple[tuple[Directive, ...], str | Variable]:
    """Return what has to be set before, and the upstream as the pass directive names it."""
    if not resolves_by_variable(upstream, settings):
        return (), upstream.name
    return (directive("set", UPSTREAM, address_of(upstream)),), UPSTREAM
