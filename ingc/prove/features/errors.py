"""Reads whether a backend stands in for another."""

from __future__ import annotations

from ingc.prove.effective import Effect

_NO_ENDPOINT = "503"


def read_stand_in(effect: Effect) -> dict[str, object] | None:
    """Return the upstream that is asked with the status of a Service without endpoints."""
    headers = {args[0]: args[1] for args in effect.every("proxy_set_header")}
    if headers.get("X-Code") != _NO_ENDPOINT:
        return None
    named = [block.args[0].partition(".sticky_")[0] for block in effect.upstreams]
    return {"upstream": named[0]} if len(named) == 1 else {}
