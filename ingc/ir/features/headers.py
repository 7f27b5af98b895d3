"""Headers of requests and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    ROUTES,
    Card,
    Proved,
    Reason,
    RouteFeature,
)
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class RequestHeader(RouteFeature):
    """A header of the request to the backend, in place of the default."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.HEADERS,
        renamed=True,
    )

    name: str
    value: Text


@dataclass(frozen=True, slots=True)
class KeptHeader(RouteFeature):
    """A header that the backend gets as the client sends it; the default where it sends none.

    An empty one counts as none: nginx can't distinguish them.
    """

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.HEADERS,
        renamed=True,
    )

    name: str
    """Of a header that every backend gets."""


@dataclass(frozen=True, slots=True)
class CustomHeaders(RouteFeature):
    """Headers of every answer, in place of the backend's; an empty value removes the header."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        alike=True,
        proved=Proved.ANSWERS,
    )

    headers: tuple[tuple[str, str], ...]
    """Names and values; a ``$`` in a value means itself."""
