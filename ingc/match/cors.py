"""Which requests are preflights of an allowed origin."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingc.ir.features.cors import Cors

_LABEL = re.compile(r"[a-z0-9-]+").fullmatch


def is_preflight(cors: Cors, method: str, headers: Iterable[tuple[str, str]]) -> bool:
    """Return whether nginx answers a request itself, with 204."""
    if method != "OPTIONS":
        return False
    return cors.origins is None or allowed_origin(cors, headers) is not None


def allowed_origin(cors: Cors, headers: Iterable[tuple[str, str]]) -> str | None:
    """Return the value of Access-Control-Allow-Origin; ``None``: it is not sent."""
    if cors.origins is None:
        return "*"
    sent = ", ".join(value for name, value in headers if name.lower() == "origin")
    return sent if any(_takes(origin, sent.lower()) for origin in cors.origins) else None


def _takes(origin: str, sent: str) -> bool:
    before, wild, after = origin.partition("*")
    if not wild:
        return sent == origin
    inside = sent.removeprefix(before).removesuffix(after)
    return sent == f"{before}{inside}{after}" and _LABEL(inside) is not None
