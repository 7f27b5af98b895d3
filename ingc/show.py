"""The IR and the table of routes as JSON and as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from ingc.ir import Config, SecretBytes
from ingc.kinds import RuleKind
from ingc.routes import RouteRow, StreamRow
from ingc.syntax.visible import as_json, visible

_JSON_KEYS = (
    "host",
    "path",
    "path_type",
    "ingress",
    "field",
    "service",
    "port",
    "upstream",
    "source",
)
_HEADINGS = ("HOST", "PATH", "TYPE", "TARGET", "INGRESS", "SOURCE")


def ir_as_json(config: Config) -> str:
    """Print an IR as JSON; Secret bytes as their digest, places in files left out."""
    return as_json(_plain(config), 2) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, SecretBytes):
        return f"sha256:{value.digest}"
    if isinstance(value, RuleKind):
        return value.name
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        held = {
            field.name: _plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.compare
        }
        return {"kind": type(value).__name__, **held}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def routes_as_json(rows: Iterable[RouteRow], streams: Iterable[StreamRow]) -> str:
    """Print the live routes as JSON, in match order, and what is beside http; absent is null."""
    routes = [{name: getattr(row, name) for name in _JSON_KEYS} for row in rows if not row.dead]
    beside = [dataclasses.asdict(row) for row in streams]
    table = {"routes": routes, "streams": beside}
    return as_json(table, 2) + "\n"


def routes_as_text(rows: Sequence[RouteRow], streams: Sequence[StreamRow]) -> str:
    """Print the table of routes for people, in match order; dead routes with the reason."""
    cells = (*map(_cells, rows), *map(_stream_cells, streams))
    lines = [_HEADINGS, *(tuple(map(visible, line)) for line in cells)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    printed = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join(printed) + "\n"


def _cells(row: RouteRow) -> tuple[str, ...]:
    return (
        row.host or "(any other)",
        row.path if row.path_type else "(unmatched)",
        row.path_type or "default",
        _target(row),
        f"{row.ingress} {row.field}" if row.ingress else "-",
        row.source or "-",
    )


def _stream_cells(row: StreamRow) -> tuple[str, ...]:
    where = row.host or "(any other)" if row.protocol == "tls" else f"(port {row.listen})"
    service = f"{row.service}:{row.port}" if row.service else ""
    if row.upstream is None:
        service = f"closed ({service})" if service else "closed"
    return where, "(unopened)" if row.protocol == "tls" else "-", row.protocol, service, "-", "-"


def _target(row: RouteRow) -> str:
    service = f"{row.service}:{row.port}" if row.service else "-"
    if row.dead:
        return f"never reached: {row.dead}"
    if row.answer is None:
        return f"{service}, canary {row.canary}" if row.canary else service
    return f"{row.answer} ({service})" if row.service else str(row.answer)
