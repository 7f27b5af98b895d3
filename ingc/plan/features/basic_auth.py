"""Names and passwords."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.basic_auth import BasicAuth
from ingc.plan.layout import Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, maps_of
from ingc.syntax.text import literal


def plan_basic_auth(feature: BasicAuth, _place: RoutePlace) -> Iterator[Piece]:
    """Require a password, and keep it from the backend."""
    # nginx expands variables in both.
    file = literal(feature.file)
    directives = (
        directive("auth_basic", feature.realm),
        directive("auth_basic_user_file", file),
    )
    headers: tuple[tuple[str, Value], ...] = (("Authorization", ""),)
    yield Piece(Phase.ACCESS, directives, set_headers=headers, maps=maps_of(file))
