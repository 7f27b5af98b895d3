"""Reads how many connections to an auth service are kept."""

from __future__ import annotations

from ingc.prove.effective import Effect


def read_keepalive(effect: Effect) -> dict[str, object] | None:
    """Return the numbers of an upstream; without a time-out they are those of everybody."""

    def one(name: str) -> str | None:
        found = effect.place.first(name)
        return found.args[0] if found is not None else None

    kept, timeout = one("keepalive"), one("keepalive_timeout")
    if kept in (None, "0"):
        return {"connections": 0}
    read: dict[str, object] = {"connections": int(kept or 0)}
    read["requests"] = int(one("keepalive_requests") or 1000)
    if timeout is not None:
        read["timeout"] = int(timeout.removesuffix("s"))
    return read
