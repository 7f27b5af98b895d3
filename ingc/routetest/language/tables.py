"""Tables of tests: the first row names the columns, every other row is a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ingc.diagnostics import Entry, Origin
from ingc.diagnostics.catalogue.routetest import RouteTestSyntax, RouteTestTableMalformed
from ingc.routetest.language.parse import BadLine, parse, place
from ingc.routetest.language.syntax import (
    AnswerHeader,
    Client,
    Condition,
    Expectation,
    IngressIs,
    Line,
    RequestLine,
    Rewritten,
    Scheme,
    SentCookie,
    SentHeader,
    UpstreamHeader,
    Word,
    word,
)

if TYPE_CHECKING:
    from ingc.routetest.language.from_tree import Parsed

Kind = Literal[
    "path", "scheme", "method", "client", "header", "cookie", "arrow", "as", "ingress",
    "answer_header", "upstream_header",
]  # fmt: skip
_SENT = frozenset({"path", "scheme", "method", "client", "header", "cookie"})
_COLUMNS: dict[str, Kind] = {
    "client_column": "client",
    "header_column": "header",
    "cookie_column": "cookie",
    "upstream_header_column": "upstream_header",
    "arrow_column": "arrow",
    "as_column": "as",
    "ingress_column": "ingress",
}
_PLAIN: dict[str, Kind] = {
    "path": "path",
    "request": "path",
    "scheme": "scheme",
    "method": "method",
}


class TableError(Exception):
    """A row can't be read."""

    def __init__(self, entry: Entry, at: Origin) -> None:
        super().__init__(entry.name)
        self.entry = entry
        self.at = at


@dataclass(frozen=True, slots=True)
class Column:
    """What the cells of a column mean."""

    kind: Kind
    name: str = ""
    """Of a header or a cookie."""


@dataclass(frozen=True, slots=True)
class Test:
    """A row."""

    request: RequestLine
    conditions: tuple[Condition, ...]
    expectations: tuple[Expectation, ...]


def read_columns(cells: tuple[Word, ...], line: Line, file: str) -> tuple[Column, ...]:
    """Read the first row of a table. Raises `TableError`."""
    found: list[Column] = []
    behind = False
    for cell in cells:
        column = _column(cell, line, file, behind=behind)
        behind = behind or column.kind not in _SENT
        if column.kind in _SENT and behind:
            raise _malformed(
                f'"{cell.text}" right of ->', "put what is sent left of ->", cell, line, file
            )
        if column in found:
            raise _malformed(
                f'two columns "{cell.text}"', "leave one of them out", cell, line, file
            )
        found.append(column)
    for kind, wanted in (("path", "path"), ("arrow", "->")):
        if all(column.kind != kind for column in found):
            problem = f'no column "{wanted}"'
            advice = f"add a column {wanted}, as in | path | -> |"
            raise _malformed(problem, advice, cells[0], line, file)
    return tuple(found)


def _column(cell: Word, line: Line, file: str, *, behind: bool) -> Column:
    try:
        tree = parse("column", cell.text)
    except BadLine as error:
        raise _malformed(
            f'no column is called "{cell.text}"', f"write {error.wanted}", cell, line, file
        ) from error
    names = [str(token) for token in tree.children]
    kind = _COLUMNS.get(str(tree.data)) or _PLAIN[names[0]]
    if kind == "header" and behind:
        kind = "answer_header"
    return Column(kind, names[0] if kind not in _PLAIN.values() and names else "")


def _malformed(problem: str, advice: str, cell: Word, line: Line, file: str) -> TableError:
    at = place(file, line, cell.column or 1, len(cell.raw))
    return TableError(RouteTestTableMalformed(problem=problem, advice=advice), at)


def read_row(columns: tuple[Column, ...], cells: tuple[Word, ...], line: Line, file: str) -> Test:
    """Read a row. Raises `TableError`."""
    if len(cells) != len(columns):
        last = next((cell for cell in reversed(cells) if cell.raw), cells[-1])
        problem = f"{len(cells)} cells where the first row has {len(columns)}"
        advice = f"write {len(columns)} cells; an empty one sends or asks nothing"
        raise _malformed(problem, advice, last, line, file)
    request: RequestLine | None = None
    method: Word | None = None
    conditions: list[Condition] = []
    expectations: list[Expectation] = []
    for column, cell in zip(columns, cells, strict=True):
        if not cell.raw:
            continue
        reader = _Cell(cell, line, file)
        if column.kind == "path":
            request = reader.request()
        elif column.kind == "method":
            method = cell
        elif column.kind == "arrow":
            expectations += reader.expectations()
        elif column.kind in _SENT:
            conditions.append(_condition(column, reader))
        else:
            expectations.append(_expectation(column, reader))
    if request is None:
        raise _malformed("a row without a path", "write a path", cells[0], line, file)
    return Test(
        RequestLine(request.method or method, request.target), (*conditions,), (*expectations,)
    )


class _Cell:
    """One cell, as the grammar reads it."""

    def __init__(self, cell: Word, line: Line, file: str) -> None:
        self._cell = cell
        self._line = line
        self._file = file

    def _parsed(self, start: str) -> Parsed:
        try:
            return parse(start, self._cell.raw)
        except BadLine as error:
            column = self._cell.column + error.column - 1
            at = place(self._file, self._line, column, error.width)
            found = error.found.replace("line", "cell")
            raise TableError(RouteTestSyntax(found=found, wanted=error.wanted), at) from error

    def request(self) -> RequestLine:
        from ingc.routetest.language.from_tree import LineBuilder

        builder = LineBuilder(self._cell.column - 1)
        return builder.request(builder.inner(self._parsed("cell_request")))

    def expectations(self) -> tuple[Expectation, ...]:
        from ingc.routetest.language.from_tree import LineBuilder

        return LineBuilder(self._cell.column - 1).expectations(self._parsed("cell_expectations"))

    def value(self) -> Word:
        """Return the whole cell: spaces in it need no quotes."""
        return word(self._cell.raw, self._cell.column)


def _condition(column: Column, cell: _Cell) -> Condition:
    match column.kind:
        case "scheme":
            return Scheme(cell.value())
        case "client":
            return Client(cell.value())
        case "header":
            return SentHeader(word(column.name), cell.value())
        case _:
            return SentCookie(word(column.name), cell.value())


def _expectation(column: Column, cell: _Cell) -> Expectation:
    match column.kind:
        case "as":
            return Rewritten(cell.value())
        case "ingress":
            return IngressIs(cell.value())
        case "answer_header":
            return AnswerHeader(word(column.name), cell.value())
        case _:
            return UpstreamHeader(word(column.name), cell.value())
