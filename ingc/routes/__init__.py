"""Which requests go where, for people and programs: rows, a tree, a picture."""

from __future__ import annotations

from ingc.routes.rows import RouteRow, StreamRow, streams, table

__all__ = ["RouteRow", "StreamRow", "streams", "table"]
