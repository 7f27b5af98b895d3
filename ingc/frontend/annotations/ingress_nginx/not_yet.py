"""Annotations that are known and not acted on yet."""

from __future__ import annotations

from ingc.frontend.annotations.declare import Family, Support, Unsupported

FAMILY = Family(
    "Not yet",
    (
        Unsupported(
            "ssl-passthrough",
            "it is not supported yet",
            Support.NOT_YET,
            "put an nginx stream server that reads the SNI in front",
        ),
    ),
)
