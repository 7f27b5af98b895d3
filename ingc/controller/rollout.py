"""What became of a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ingc


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change."""

    change: ingc.Change
    served: bool
    """Whether nginx serves what `change.result` says."""
    error: str | None
    """Why not; ``None`` where served."""
    seconds: Mapping[str, float]
    """How long each step took."""
