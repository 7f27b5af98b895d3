"""Rewrites of the path, and hosts whose paths are regexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    ROUTES,
    RULES_ALONE,
    Card,
    Proved,
    Reason,
    RouteFeature,
)
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class UseRegex(RouteFeature):
    """The paths of the route's host are regexes; `ingc.merge` acts on it."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        planned=Reason.ACTED_ON,
        proved=Reason.ACTED_ON,
        explained=Reason.ACTED_ON,
    )


@dataclass(frozen=True, slots=True)
class Rewrite(RouteFeature):
    """Replace the whole path before proxying: the query stays.

    A target that is a URL is answered with a redirect to it (302), on plain http too.
    """

    card: ClassVar[Card] = Card(
        stands=RULES_ALONE,
        decides=True,
        proved=Proved.ROUTING | Proved.HEADERS | Proved.READER,
        answers=True,
    )

    target: Text
    """Literal text, captures of the route's regex, variables."""
    prefix: Text | None = None
    """The value of X-Forwarded-Prefix."""
    pattern: str | None = None
    """The caseless regex whose match is replaced; ``None``: the route's path, not anchored."""

    @property
    def before_https(self) -> bool:
        """ingress-nginx's redirect to https is Lua, which runs after nginx's own directives."""
        return self.redirects

    @property
    def redirects(self) -> bool:
        """Whether nginx makes a redirect of it, by how the target begins."""
        first = self.target.parts[0]
        if isinstance(first, str):
            return first.startswith(("http://", "https://"))
        return first.name == "scheme"
