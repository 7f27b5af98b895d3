"""What a difference is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingc.explain.answer import Answer, RouteRef

Kind = Literal["added", "removed", "moved", "changed"]
KINDS: tuple[Kind, ...] = ("added", "removed", "moved", "changed")


@dataclass(frozen=True, slots=True)
class Difference:
    """Requests that are answered in another way than before."""

    kind: Kind
    """Of a rule: added, removed, its requests moved to another backend, or changed otherwise."""
    host: str | None
    """As the rule names it; ``None``: every host that no rule names."""
    path: str | None
    """As the rule writes it; ``None`` where the whole host is meant."""
    path_type: str | None
    what: tuple[str, ...]
    """What changed beside the backend, such as ``limits per second: 5 → 10``."""
    before: Answer
    """The old side's answer to the witness."""
    after: Answer
    """The new side's answer to the same request."""
    old: RouteRef | None
    """The rule that took the witness."""
    new: RouteRef | None
    shows: bool
    """True where the answers to the witness differ themselves; else the change is one of headers,
    limits and the like."""
    more: int = 0
    """So many other requests that were tried differ in the same way."""

    @property
    def witness(self) -> str:
        """The request that shows it: ``GET http://shop.example.com/cart``, with its headers."""
        question = self.before.request
        headers = "".join(f"  {name}: {value}" for name, value in question.headers)
        return f"{question.method} {question.url}{headers}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences of two sides, by host and path."""

    differences: tuple[Difference, ...]
    unknown: tuple[str, ...] = ()
    """What decides and can't be known on one of the sides, each once."""

    @property
    def same(self) -> bool:
        """True where every request is answered alike."""
        return not self.differences and not self.unknown
