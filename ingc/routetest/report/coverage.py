"""Which rules the tests hit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingc.explain.answer import RouteRef


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rules, and those among them that no test hits."""

    rules: int
    missed: tuple[RouteRef, ...]

    @property
    def hit(self) -> int:
        """How many are hit."""
        return self.rules - len(self.missed)

    @property
    def percent(self) -> float:
        """100 where there is nothing to hit."""
        return 100 * self.hit / self.rules if self.rules else 100.0


def coverage_of(rules: Iterable[RouteRef], hit: Iterable[RouteRef]) -> Coverage:
    """Compare the rules of a configuration with those that took a test's request."""
    known = {_identity(ref): ref for ref in rules}
    taken = {_identity(ref) for ref in hit}
    missed = tuple(ref for key, ref in known.items() if key not in taken)
    return Coverage(len(known), missed)


def _identity(ref: RouteRef) -> object:
    # One path of an Ingress is a rule of its own for each host that it is merged into.
    return id(ref.route) if ref.route is not None else (ref.place, ref.path)
