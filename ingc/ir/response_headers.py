"""Headers that a route's answers get."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.ir.features import RouteFeature


@dataclass(frozen=True, slots=True)
class CustomHeaders(RouteFeature):
    """Headers of every answer, in place of the backend's; an empty value removes the header."""

    headers: tuple[tuple[str, str], ...]
    """Names and values; a ``$`` in a value means itself."""
