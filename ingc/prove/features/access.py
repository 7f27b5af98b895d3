"""Whether one of several checks is enough."""

from __future__ import annotations

from ingc.ir.features.access import SatisfyAny
from ingc.prove.asked import AskedRoute
from ingc.prove.effective import InEffect


def read_satisfy_any(place: InEffect) -> SatisfyAny | None:
    """Return it where whoever passes one check comes in."""
    return SatisfyAny() if place.args("satisfy") == ("any",) else None


def seen_satisfy_any(asked: AskedRoute) -> SatisfyAny | None:
    """Return it where a route asks for it."""
    return asked.route.feature(SatisfyAny)
