"""Sessions that stay on their endpoint by a cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from ingc.ir.features.card import (
    ROUTES,
    Card,
    Proved,
    RouteFeature,
)

SameSite = Literal["", "None", "Lax", "Strict"]


@dataclass(frozen=True, slots=True)
class Affinity(RouteFeature):
    """A cookie keeps a client on the endpoint that it got first."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        proved=Proved.READER | Proved.VARIED,
    )

    name: str
    path: str
    """The Path attribute: begins with a slash, holds no ``;``."""
    domain: str = ""
    max_age: int | None = None
    """Seconds; ``None``: until the browser is closed."""
    samesite: SameSite = ""
    conditional: bool = False
    """True: SameSite=None is left out for browsers that misread it."""
    secure: bool = False
    """True: always; else over https alone."""
