"""Passing a request on: which directive, to which upstream."""

from __future__ import annotations

from ingc.ir import Proxy, Settings, Upstream
from ingc.ir.features import Protocol
from ingc.plan.balancing import UPSTREAM, balanced
from ingc.plan.frame import directive
from ingc.plan.layout import Directive, Value
from ingc.plan.names import address_of, resolves_by_variable
from ingc.plan.pieces import Phase, Piece, Place
from ingc.plan.protocols import PASS, protocol_of
from ingc.syntax.text import Text, Variable


def passed(action: Proxy, place: Place) -> Piece:
    """Return the piece that passes a request on."""
    protocol = protocol_of(place.route, place.settings)
    chosen = balanced(place) if place.route.features else None
    if chosen is not None:
        return _piece(protocol, (), chosen.where)
    known = place.passed.get((action.upstream, protocol))
    if known is None:
        upstream = _upstream(place.upstreams[action.upstream], place.settings)
        known = place.passed[action.upstream, protocol] = _piece(protocol, *upstream)
    return known


def prepared(piece: Piece) -> tuple[Piece, ...]:
    """Return what a piece sets, as a piece that stands before rewrites, and the rest of it.

    ``rewrite … break`` ends what the rewrite module does, and ``set`` is part of that.
    """
    if piece.directives[0].name != "set":
        return (piece,)
    sets = tuple(item for item in piece.directives if item.name == "set")
    rest = tuple(item for item in piece.directives if item.name != "set")
    return Piece(Phase.NAME, sets), piece._replace(directives=rest)


def _piece(protocol: Protocol, before: tuple[Directive, ...], where: str | Variable) -> Piece:
    language, scheme = PASS[protocol]
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
    return (directive("set", UPSTREAM, address_of(upstream)),), UPSTREAM
