"""A web application firewall: ModSecurity, by its nginx module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import ROUTES, Card, Proved, Reason, RouteFeature
from ingc.ir.modules import FirewallRules
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class Firewall(RouteFeature):
    """Hold requests and answers against rules, which may refuse them; absent: they are not."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.READER,
    )
    may_answer: ClassVar[tuple[int, ...]] = (403,)
    """What ``deny`` answers without a ``status`` of its own."""

    rules: FirewallRules
    """The route's own, beside those of `ingc.ir.Policies.firewall_rules`."""
    transaction: Text | None = None
    """What a transaction is called in logs; ``None``: ModSecurity's own name."""
