"""What a rewrite took away."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Host, Route
from ingc.ir.features.rewrite import Rewrite
from ingc.prove.features.headers import constant


def forward_rewrite(
    feature: Rewrite, _host: Host, _route: Route
) -> Iterator[tuple[str, str | None]]:
    """Yield the prefix that the backend gets to know."""
    if feature.prefix is not None:
        yield "X-Forwarded-Prefix", constant(feature.prefix)
