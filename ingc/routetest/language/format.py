"""The one layout of a file of route tests; comments stay where they are.

Below a ``host`` line everything is indented by two, and by four what belongs to a test. Arrows of
neighbouring lines and the columns of a table stand below each other. A line that is too long is
broken before its ``with``, its ``->`` and its ``and``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingc.diagnostics.render.excerpt import cells as width_of
from ingc.routetest.language.printing import (
    conditions_text,
    expectations_text,
    request_text,
    statement_text,
)
from ingc.routetest.language.syntax import Expected, File, Head, Hosts, Let, Line, TableRow, With

_LONGEST = 100
_MOST_ALIGNED = 50
"""Arrows further right than this are not lined up."""
_STEP = "  "


@dataclass(frozen=True, slots=True)
class _Laid:
    """A line on its way: ``head`` is what stands before the arrow."""

    indent: str
    head: str
    tail: str = ""
    comment: str = ""
    row: TableRow | None = None


def format_file(file: File) -> str:
    """Return the file in its one layout; it reads as the same tests."""
    laid: list[_Laid | None] = []
    for item in _laid(file.lines):
        if item is not None or (laid and laid[-1] is not None):
            laid.append(item)
    while laid and laid[-1] is None:
        laid.pop()
    return "".join(f"{line}\n" for line in _aligned(laid))


def _laid(lines: Sequence[Line]) -> Iterator[_Laid | None]:
    inside = False
    # What a comment stands above decides how far it is indented.
    for number, line in enumerate(lines):
        statement = line.statement
        if statement is None and line.comment is None:
            yield None
            continue
        if isinstance(statement, Hosts | Let):
            inside = isinstance(statement, Hosts) or inside
            yield _Laid("", statement_text(statement), "", line.comment or "")
            continue
        if statement is None:
            yield _Laid(_comment_indent(lines[number + 1 :], inside), line.comment or "")
            continue
        yield from _broken(line, _STEP if inside else "")


def _comment_indent(below: Sequence[Line], inside: bool) -> str:
    following = next((line.statement for line in below if line.statement), None)
    if not inside or isinstance(following, Hosts | Let):
        return ""
    return _STEP * 2 if isinstance(following, With | Expected) else _STEP


def _broken(line: Line, indent: str) -> Iterator[_Laid]:
    statement, comment = line.statement, line.comment or ""
    inner = indent + _STEP
    match statement:
        case TableRow():
            yield _Laid(indent, "", "", comment, statement)
        case Head(request, conditions, expectations):
            text = statement_text(statement)
            if len(indent) + width_of(text) <= _LONGEST:
                head = statement_text(Head(request, conditions))
                tail = expectations_text(expectations)
                yield _Laid(indent, head, tail, comment)
                return
            yield _Laid(indent, request_text(request), "", comment)
            for condition in conditions:
                yield _Laid(inner, f"with {conditions_text([condition])}")
            for number, item in enumerate(expectations):
                yield _Laid(inner, f"{'and' if number else '->'} {expectations_text([item])}")
        case With() | Expected():
            yield _Laid(inner, statement_text(statement), "", comment)
        case _:
            return


def _aligned(laid: Sequence[_Laid | None]) -> Iterator[str]:
    start = 0
    while start < len(laid):
        first = laid[start]
        if first is None:
            yield ""
            start += 1
            continue
        stop = start + 1
        while stop < len(laid) and _belongs(first, laid[stop]):
            stop += 1
        group = [item for item in laid[start:stop] if item is not None]
        yield from _rows(group) if first.row else _arrows(group)
        start = stop


def _belongs(first: _Laid, other: _Laid | None) -> bool:
    """Return whether two lines are laid out together."""
    if other is None:
        return False
    if first.row is not None:
        return other.row is not None or other.head.startswith("#")
    return other.row is None and bool(first.tail and other.tail)


def _arrows(group: Sequence[_Laid]) -> Iterator[str]:
    widths = [width_of(item.head) for item in group if item.tail]
    wide = max((width for width in widths if width <= _MOST_ALIGNED), default=0)
    for item in group:
        text = item.indent + item.head
        if item.tail:
            padding = " " * (wide - width_of(item.head))
            text += f"{padding} -> {item.tail}"
        yield _commented(text, item.comment)


def _rows(group: Sequence[_Laid]) -> Iterator[str]:
    rows = [[cell.raw for cell in item.row.cells] for item in group if item.row]
    columns = max(map(len, rows))
    wide = [
        max(width_of(row[column]) for row in rows if column < len(row)) for column in range(columns)
    ]
    for item in group:
        if item.row is None:
            yield item.indent + item.head
            continue
        cells = (
            cell.raw + " " * (wide[at] - width_of(cell.raw))
            for at, cell in enumerate(item.row.cells)
        )
        yield _commented(item.indent + "".join(f"| {cell} " for cell in cells) + "|", item.comment)


def _commented(text: str, comment: str) -> str:
    return f"{text}{_STEP}{comment}" if comment else text.rstrip()
