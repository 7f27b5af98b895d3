"""Rewrites of the path."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Proxy
from ingc.ir.features.client_certs import HttpsOnly
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.features.snippets import LocationProgram
from ingc.plan.layout import Literal, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, map_of, maps_of
from ingc.syntax.naming import path_word
from ingc.syntax.text import Variable


def plan_rewrite(feature: Rewrite, place: RoutePlace) -> Iterator[Piece]:
    """Replace the path; ``break`` lets the location go on with it, past every ``return``."""
    if not isinstance(place.route.action, Proxy):
        return
    pattern = Literal("(?i)" + (feature.pattern or place.route.path))
    rewrite = directive("rewrite", pattern, feature.target, "break")
    yield Piece(_phase(feature, place), (rewrite,), maps=maps_of(feature.target))
    if feature.prefix is not None:
        # A group may match a line break, which would end the header.
        clean = Literal(r"~^(?<ingc_printable>[^\x00-\x1f\x7f]*)\z")
        entries = (("default", ""), (clean, Variable("ingc_printable")))
        words = (path_word(feature.prefix.constant or ""),)
        printable, checked = map_of("prefix", feature.prefix, *entries, words=words)
        yield Piece(
            set_headers=(("X-Forwarded-Prefix", printable),),
            maps=(*maps_of(feature.prefix), checked),
        )


def _phase(feature: Rewrite, place: RoutePlace) -> Phase:
    closed = place.route.feature(HttpsOnly) is not None
    program = place.route.feature(LocationProgram)
    behind = program is not None and not program.before_https
    early = feature.before_https and not closed and not behind
    return Phase.REDIRECT if early else Phase.REWRITE
