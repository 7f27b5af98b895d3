"""Reads which endpoint of an upstream gets a request."""

from __future__ import annotations

from ingc.prove.effective import Effect, as_text


def read_hash_by(effect: Effect) -> dict[str, object] | None:
    """Return the text whose requests stay together."""
    found = effect.place.first("hash")
    return {"key": as_text(found.args[0])} if found is not None else None


def read_least_time(effect: Effect) -> dict[str, object] | None:
    """Return that the endpoint that answers soonest is taken, or the less busy of two."""
    soonest = effect.place.first("least_time")
    two = effect.place.first("random")
    by_two = two is not None and two.args == ("two", "least_conn")
    return {} if by_two or (soonest is not None and soonest.args == ("header",)) else None
