"""Names and passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    ROUTES,
    Card,
    Proved,
    RouteFeature,
)


@dataclass(frozen=True, slots=True)
class BasicAuth(RouteFeature):
    """Names and passwords (HTTP's Basic scheme); the backend does not see them."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        alike=True,
        proved=Proved.CHECKS | Proved.HEADERS | Proved.VARIED | Proved.READER,
    )

    realm: str
    file: str
    """The path of the user file for nginx, relative to nginx.conf or absolute."""
    may_answer: ClassVar[tuple[int, ...]] = (401,)
