"""Reads whether one of several checks is enough."""

from __future__ import annotations

from ingc.prove.effective import Effect


def read_satisfy_any(effect: Effect) -> dict[str, object] | None:
    """Return that whoever passes one check comes in."""
    return {} if effect.args("satisfy") == ("any",) else None
