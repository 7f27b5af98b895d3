"""Affinity and canaries: what a route needs so that a request gets to the right endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.balance import Affinity, Canary
from ingc.plan.balancing import UPSTREAM, balanced
from ingc.plan.frame import directive
from ingc.plan.pieces import Phase, Piece, Place, Planners
from ingc.plan.upstreams import plan_upstream


def plan_balance(feature: Affinity | Canary, place: Place) -> Iterator[Piece]:
    """The maps, the cookies, and the upstreams with sessions; of both features, once."""
    both = place.route.feature(Canary) is not None
    made = balanced(place)
    if made is None or (both and isinstance(feature, Affinity)):
        return
    blocks = (
        plan_upstream(clone.upstream, place.settings, clone.before, clone.after)
        for clone in made.clones
    )
    yield Piece(
        response_headers=tuple(("Set-Cookie", value) for value in made.cookies),
        maps=made.maps,
        upstreams=tuple(block for block in blocks if block is not None),
    )
    if made.fixed is not None:
        yield Piece(Phase.NAME, (directive("set", UPSTREAM, made.fixed),))


PLANNERS: Planners = {Affinity: plan_balance, Canary: plan_balance}
