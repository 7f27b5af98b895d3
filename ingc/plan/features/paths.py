"""Redirects and rewrites."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Proxy, Redirect
from ingc.ir.features import HttpsRedirect, Rewrite
from ingc.plan.frame import directive
from ingc.plan.front import scheme_of
from ingc.plan.layout import Directive, Literal
from ingc.plan.pieces import Phase, Piece, Place, Planners, map_of, maps_of
from ingc.plan.redirects import to_https
from ingc.syntax.text import Variable


def plan_https_redirect(feature: HttpsRedirect, place: Place) -> Iterator[Piece]:
    """Redirect in the location itself, where its server listens on http too."""
    if place.http_apart or isinstance(place.route.action, Redirect):
        return
    answer, maps = to_https(feature, place.settings)
    condition = (scheme_of(place.settings), "=", "http")
    yield Piece(Phase.TO_HTTPS, (Directive("if", condition, block=(answer,)),), maps=maps)


def plan_rewrite(feature: Rewrite, place: Place) -> Iterator[Piece]:
    """Replace the path; ``break`` lets the location go on with it, past every ``return``."""
    if not isinstance(place.route.action, Proxy):
        return
    pattern = Literal("(?i)" + (feature.pattern or place.route.path))
    rewrite = directive("rewrite", pattern, feature.target, "break")
    yield Piece(Phase.REWRITE, (rewrite,), maps=maps_of(feature.target))
    if feature.prefix is not None:
        # A group may match a line break, which would end the header.
        clean = Literal(r"~^(?<ingc_printable>[^\x00-\x1f\x7f]*)\z")
        printable, checked = map_of(
            "prefix", feature.prefix, ("default", ""), (clean, Variable("ingc_printable"))
        )
        yield Piece(
            set_headers=(("X-Forwarded-Prefix", printable),),
            maps=(*maps_of(feature.prefix), checked),
        )


PLANNERS: Planners = {HttpsRedirect: plan_https_redirect, Rewrite: plan_rewrite}
