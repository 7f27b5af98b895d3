"""How long to wait before another attempt."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_REQUESTED = 300.0
"""Seconds of ``Retry-After`` that are heeded."""


@dataclass(slots=True)
class Backoff:
    """Waits that grow with each failure, in part by chance, so that many do not come together."""

    least: float = 0.5
    """Seconds of the first wait, at most."""
    most: float = 30.0
    chance: Callable[[], float] = field(default=random.random, repr=False)
    """Gives numbers from 0 to 1."""
    failures: int = 0
    """Since the last success."""

    def wait(self, retry_after: float | None = None) -> float:
        """Count a failure; return the seconds to wait: half to all of the time that is due.

        ``retry_after`` is what the server wants, which is never less then.
        """
        due = min(self.most, self.least * 2.0 ** min(self.failures, 16))
        self.failures += 1
        own = due * (1 + self.chance()) / 2
        if retry_after is None:
            return own
        requested = min(retry_after, _MOST_REQUESTED)
        return max(own, requested * (1 + self.chance() / 4))

    def reset(self) -> None:
        """Note a success."""
        self.failures = 0
