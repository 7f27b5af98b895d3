"""How an upstream is named where requests are passed to it."""

from __future__ import annotations

from ingc.ir import Settings, Upstream
from ingc.target import UPSTREAM_RESOLVE

STICKY_INFIX = ".sticky_"
"""Stands between the name of an upstream and what tells its forms with sessions apart."""


def resolves_by_variable(upstream: Upstream, settings: Settings) -> bool:
    """Tell whether an upstream's name is resolved by a variable, for want of ``resolve``."""
    named_by_dns = upstream.endpoints[0].dns
    return named_by_dns and bool(settings.resolver) and settings.target < UPSTREAM_RESOLVE


def address_of(upstream: Upstream) -> str:
    """Return the address of an upstream whose name is resolved by a variable."""
    return str(upstream.endpoints[0])
