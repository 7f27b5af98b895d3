"""What the features of a route add to a configuration."""

from __future__ import annotations

from ingc.ir import RouteFeature
from ingc.ir.features.card import collect
from ingc.ir.features.cors import Cors
from ingc.ir.features.headers import CustomHeaders
from ingc.ir.features.snippets import AnswerHeaders
from ingc.ir.features.table import ROUTE_FEATURES
from ingc.plan.answering import BEHIND_ANSWERS, answers_itself
from ingc.plan.pieces import Piece, Planners, RoutePlace

PLANNERS: Planners = collect(
    "ingc.plan.features", "plan", (kind for kind in ROUTE_FEATURES if kind.card.planned is None)
)
_ALIKE: frozenset[type[RouteFeature]] = frozenset(
    kind for kind in ROUTE_FEATURES if kind.card.alike
)

Planned = dict[int, tuple[RouteFeature, tuple[Piece, ...]]]
"""What features add that are planned already, by the feature's identity. The routes of an Ingress
share theirs. By identity, because equal values may be written differently: a `Literal` equals
the same plain text."""


def pieces_of(place: RoutePlace, planned: Planned) -> list[Piece]:
    """Return what the features of a route add, in the order of the route's features.

    A feature that is planned already has the same pieces again, the very objects.
    """
    pieces: list[Piece] = []
    alike = _ALIKE
    behind = BEHIND_ANSWERS if answers_itself(place.route) else ()
    if any(place.route.feature(kind) is not None for kind in (CustomHeaders, AnswerHeaders)):
        # They decide which of the headers of CORS are sent.
        alike -= {Cors}
    for feature in place.route.features:
        kind = type(feature)
        if kind not in PLANNERS or kind in behind:
            continue
        if kind not in alike:
            pieces.extend(PLANNERS[kind](feature, place))
            continue
        known = planned.get(id(feature))
        if known is None:
            known = planned[id(feature)] = (feature, tuple(PLANNERS[kind](feature, place)))
        pieces += known[1]
    return pieces
