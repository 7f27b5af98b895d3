"""Redirects to https, in the location itself."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Redirect
from ingc.ir.features.redirects import HttpsRedirect
from ingc.plan.frame.client_identity import scheme_of
from ingc.plan.layout import Directive
from ingc.plan.pieces import Phase, Piece, RoutePlace
from ingc.plan.redirects import to_https


def plan_https_redirect(feature: HttpsRedirect, place: RoutePlace) -> Iterator[Piece]:
    """Redirect in the location itself, where its server listens on http too."""
    if place.http_apart or isinstance(place.route.action, Redirect):
        return
    answer, maps = to_https(feature, place.settings)
    condition = (scheme_of(place.settings), "=", "http")
    yield Piece(Phase.TO_HTTPS, (Directive("if", condition, block=(answer,)),), maps=maps)
