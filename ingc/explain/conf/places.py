"""The statements of an nginx.conf, each with a number of its own and the place where it stands.

The model knows a statement by its line. Here lines are replaced by numbers, so that several
statements of a line, and several files, stay distinct.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingc.model.servers import Socket
from ingc.model.tree import Statement, read_statements


@dataclass(frozen=True, slots=True)
class StatementPlace:
    """A statement, where it stands, and in which blocks, the outermost first."""

    statement: Statement
    where: str
    """``file:line``."""
    line: int
    scopes: tuple[Statement, ...] = ()


def numbered(
    parsed: Iterable[Mapping[str, Any]], places: dict[int, StatementPlace], name: str
) -> Iterator[Statement]:
    """Yield the statements of crossplane's tree, numbered, and keep the places of all."""
    lines: list[tuple[str, int]] = []

    def renumber(items: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        for item in items:
            if item["directive"] == "#":
                continue
            lines.append((item.get("file", name), item["line"]))
            made = {**item, "line": len(lines)}
            if "block" in item:
                made["block"] = list(renumber(_listening(item)))
            yield made

    statements = read_statements(list(renumber(parsed)))

    def keep(items: Iterable[Statement], scopes: tuple[Statement, ...]) -> None:
        for item in items:
            file, line = lines[item.line - 1]
            places[item.line] = StatementPlace(item, f"{file}:{line}", line, scopes)
            keep(item.block or (), (*scopes, item))

    keep(statements, ())
    return iter(statements)


def _listening(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a block; a server without ``listen`` listens on port 80."""
    block: list[Mapping[str, Any]] = item["block"]
    if item["directive"] != "server" or any(inner["directive"] == "listen" for inner in block):
        return block
    listen = {"directive": "listen", "args": ["80"], "line": item["line"]}
    return [{**listen, "file": item["file"]} if "file" in item else listen, *block]


def upstreams(http: Statement) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names of upstreams and the addresses of their servers."""
    for item in http.all("upstream"):
        yield item.args[0], tuple(found.args[0] for found in item.all("server") if found.args)


def differing(sockets: Iterable[Socket], name: bytes) -> tuple[str, ...]:
    """Return the addresses that decide which server takes a name; empty where they don't."""
    found = {socket.address: socket.find(name)[0] for socket in sockets}
    servers = {id(server) for server in found.values()}
    return tuple(found) if len(servers) > 1 else ()
