"""Label selectors, in Kubernetes's terms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Operator = Literal["in", "notin", "exists", "absent"]
is_label_value = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?").fullmatch
"""A match, of text that a label may have as its value."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one label must be."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()
    """Of ``in`` and ``notin``."""

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether labels meet it; ``notin`` is also met where the label is missing."""
        match self.operator:
            case "exists":
                return self.key in labels
            case "absent":
                return self.key not in labels
            case "in":
                return labels.get(self.key) in self.values
        return labels.get(self.key) not in self.values


@dataclass(frozen=True, slots=True)
class Selector:
    """Requirements that must all be met."""

    requirements: tuple[Requirement, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The labels that it requires."""
        return frozenset(item.key for item in self.requirements)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether labels meet every requirement."""
        return all(item.matches(labels) for item in self.requirements)
