"""Which upstream of a route with a canary gets a request, as far as its headers decide."""

from __future__ import annotations

from ingc.ir import Route
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.canary import Canary, HeaderRule, side_cookie
from ingc.syntax.regex.reading import TooManySteps, read_pattern
from ingc.syntax.request import Request

Alternatives = tuple[tuple[str, float], ...]


def choose(route: Route, primary: str, request: Request) -> tuple[str, Alternatives]:
    """Return the upstream that gets a request, and others with their odds.

    Where chance decides, the first is the primary, whatever the odds.
    """
    canary = route.feature(Canary) if route.features else None
    if canary is None:
        return primary, ()
    side = _pinned(route.feature(Affinity), canary, request)
    if side is None and canary.header is not None:
        side = _by_header(canary.header, request.header(canary.header.name))
    if side is None and canary.cookie:
        side = _always_or_never(request.cookie(canary.cookie))
    if side is None and 0 < canary.percent < 100:
        return primary, ((canary.upstream, canary.percent / 100),)
    if side is None:
        side = canary.percent >= 100
    return (canary.upstream if side else primary), ()


def _pinned(affinity: Affinity | None, canary: Canary, request: Request) -> bool | None:
    """Return the side that an earlier answer gave a client; true for the canary's."""
    if affinity is None:
        return None
    if not canary.sticky:
        return False if request.cookie(affinity.name) else None
    value = request.cookie(side_cookie(affinity.name))
    return {"canary": True, "primary": False}.get(value)


def _by_header(rule: HeaderRule, value: str) -> bool | None:
    if rule.value is not None:
        return True if value == rule.value else None
    if rule.pattern is not None:
        if not value:
            return None  # nginx's map tries no regex on nothing
        try:
            found = read_pattern(rule.pattern).search(value.encode("latin-1", "replace"))
        except TooManySteps:
            return None  # nginx's map gives its default then
        return True if found else None
    return _always_or_never(value)


def _always_or_never(value: str) -> bool | None:
    return {"always": True, "never": False}.get(value)
