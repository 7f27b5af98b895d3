"""Passing a request on: which directive, to which upstream."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Proxy, Settings, Upstream
from ingc.ir.features.protocols import Protocol
from ingc.plan.features.affinity import UPSTREAM
from ingc.plan.features.canary import balanced
from ingc.plan.language import PASS, protocol_of
from ingc.plan.layout import Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace
from ingc.plan.upstreams import address_of, resolves_by_variable
from ingc.syntax.text import Text, Variable


def passed(action: Proxy, place: RoutePlace) -> tuple[Piece, ...]:
    """Return the pieces that pass a request on: what has to be set before, and the directive.

    They are apart because ``rewrite … break`` ends all that the rewrite module does, and ``set``
    is part of that.
    """
    protocol = protocol_of(place.route, place.settings)
    chosen = balanced(place) if place.route.features else None
    if chosen is not None:
        return (_passing(protocol, chosen.where),)
    known = place.passed.get((action.upstream, protocol))
    if known is None:
        known = tuple(_by_name(place.upstreams[action.upstream], protocol, place.settings))
        place.passed[action.upstream, protocol] = known
    return known


def _by_name(upstream: Upstream, protocol: Protocol, settings: Settings) -> Iterator[Piece]:
    if resolves_by_variable(upstream, settings):
        yield Piece(Phase.NAME, (directive("set", UPSTREAM, address_of(upstream)),))
        yield _passing(protocol, UPSTREAM)
    else:
        yield _passing(protocol, upstream.name)


def _passing(protocol: Protocol, where: str | Variable) -> Piece:
    language, scheme = PASS[protocol]
    target: Value
    if scheme == "://":
        target = Text((Variable("scheme"), scheme, where))
    else:
        target = scheme + where if isinstance(where, str) else Text((scheme, where))
    return Piece(Phase.PASS, (directive(f"{language}_pass", target),))
