"""What a proof finds."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.ir import Host


@dataclass(frozen=True, slots=True)
class Unproved:
    """Something that a text does and should not do, or the other way round."""

    why: str
    line: int
    """In the text, from 1 on; 0: not known."""
    host: Host | None
    """The host that it concerns; ``None``: it may be any."""
    request: str = ""
    """A request in which it happens; empty where the text itself is wrong."""
