"""From files to tests: variables filled in, hosts and tables spelled out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.routetest import (
    RouteTestDetailWithoutTest,
    RouteTestVariableTwice,
    RouteTestWithoutExpectation,
    RouteTestWithoutHost,
)
from ingc.explain.question import Question
from ingc.routetest.language.parse import place
from ingc.routetest.language.syntax import (
    Condition,
    Expectation,
    Expected,
    File,
    Head,
    Hosts,
    Let,
    Line,
    RequestLine,
    TableRow,
    With,
    Word,
)
from ingc.routetest.language.tables import Column, TableError, read_columns, read_row
from ingc.routetest.language.variables import (
    BadTestValue,
    Base,
    Given,
    Variables,
    condition,
    expectation,
    sent,
    text_of,
)


@dataclass(frozen=True, slots=True)
class RouteTest:
    """One request, and what has to come of it."""

    file: str
    line: int
    question: Question
    expectations: tuple[Expectation, ...]


@dataclass(slots=True)
class _Open:
    """A test whose lines are still being read."""

    request: RequestLine
    line: Line
    conditions: list[Condition] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)
    broken: bool = False


def read_tests(file: File, sink: Sink) -> tuple[RouteTest, ...]:
    """Return the tests of a file; what makes no sense is reported, and left out."""
    return tuple(_Reader(file, sink).tests())


def other_question(request: RequestLine, like: Question) -> Question:
    """Return the request that a ``same as`` names, sent as the test's own is."""
    method, scheme, host, target = sent(request, Base(like.scheme, like.host))
    return dataclasses.replace(like, method=method, scheme=scheme, host=host, target=target)


class _Reader:
    """Goes through the lines of one file."""

    def __init__(self, file: File, sink: Sink) -> None:
        self._file = file
        self._sink = sink
        self._variables: Variables = {}
        self._set_in: dict[str, int] = {}
        self._bases: list[Base] = []
        self._shared: list[Condition] = []
        """What every request of the hosts is sent with."""
        self._at_hosts = False
        """True directly below a ``host`` line."""
        self._columns: tuple[Column, ...] | None = None
        self._open: _Open | None = None
        self._after_fault = False
        """True below a line that could not be read."""
        self._no_hosts = False
        """True below a ``host`` line that makes no sense."""

    def tests(self) -> Iterator[RouteTest]:
        """Yield the tests."""
        for line in self._file.lines:
            if line.unread:
                # Its meaning is unknown: perhaps more of the test above.
                if self._open is not None:
                    self._open.broken = True
                self._at_hosts, self._after_fault = False, True
                continue
            if line.comment is None or line.statement is not None:
                if not isinstance(line.statement, With | Expected):
                    yield from self._closed()
                    self._after_fault = False
                if not isinstance(line.statement, TableRow):
                    self._columns = None
            try:
                yield from self._read(line)
            except BadTestValue as error:
                self._report_value(error, line)
        yield from self._closed()

    def _read(self, line: Line) -> Iterator[RouteTest]:
        match line.statement:
            case Let(name, value):
                self._let(name, value, line)
            case Hosts(names):
                self._bases, self._shared, self._at_hosts = [], [], True
                self._no_hosts = True
                self._bases = [Base.read(text_of(name, self._variables), name) for name in names]
                self._no_hosts = False
            case Head(request, conditions, expectations):
                self._at_hosts = False
                self._open = _Open(request, line)
                self._add(self._open, conditions, expectations, line)
            case With(conditions, column):
                self._with(conditions, column, line)
            case Expected(expectations, arrow, column):
                self._expected(expectations, arrow, column, line)
            case TableRow(cells):
                self._at_hosts = False
                yield from self._row(cells, line)

    def _let(self, name: Word, value: Word, line: Line) -> None:
        if name.text in self._variables:
            entry = RouteTestVariableTwice(variable=name.text, line=self._set_in[name.text])
            self._sink.report(entry, self._at(line, name))
            return
        self._variables[name.text] = text_of(value, self._variables)
        self._set_in[name.text] = line.number

    def _with(self, conditions: Iterable[Condition], column: int, line: Line) -> None:
        if self._open is not None:
            self._add(self._open, conditions, (), line)
        elif self._at_hosts:
            self._shared += [condition(item, self._variables) for item in conditions]
        else:
            self._orphan("with", column, line)

    def _expected(
        self, expectations: Iterable[Expectation], arrow: bool, column: int, line: Line
    ) -> None:
        word = "->" if arrow else "and"
        found = self._open
        if found is None or (not found.broken and arrow == bool(found.expectations)):
            self._orphan(word, column, line)
            if found is not None:
                found.broken = True
            return
        self._add(found, (), expectations, line)

    def _orphan(self, word: str, column: int, line: Line) -> None:
        if self._after_fault:
            return  # the line that it belongs to could not be read, and that has been reported
        at = place(self._file.name, line, column, len(word))
        self._sink.report(RouteTestDetailWithoutTest(word=word), at)

    def _add(
        self,
        found: _Open,
        conditions: Iterable[Condition],
        expectations: Iterable[Expectation],
        line: Line,
    ) -> None:
        try:
            found.conditions += [condition(item, self._variables) for item in conditions]
            found.expectations += [expectation(item, self._variables) for item in expectations]
        except BadTestValue as error:
            found.broken = True
            self._report_value(error, line)

    def _closed(self) -> Iterator[RouteTest]:
        """Yield the test whose last line has been read."""
        found, self._open = self._open, None
        if found is None or found.broken:
            return
        line = found.line
        if not found.expectations:
            entry = RouteTestWithoutExpectation(target=found.request.target.raw)
            self._sink.report(entry, self._at(line, found.request.target))
            return
        try:
            yield from self._made(found.request, found.conditions, found.expectations, line)
        except BadTestValue as error:
            self._report_value(error, line)

    def _row(self, cells: tuple[Word, ...], line: Line) -> Iterator[RouteTest]:
        try:
            if self._columns is None:
                self._columns = ()
                self._columns = read_columns(cells, line, self._file.name)
                return
            if not self._columns:
                return  # the head of the table could not be read
            row = read_row(self._columns, cells, line, self._file.name)
        except TableError as error:
            self._sink.report(error.entry, error.at)
            return
        conditions = [condition(item, self._variables) for item in row.conditions]
        expectations = [expectation(item, self._variables) for item in row.expectations]
        if not expectations:
            entry = RouteTestWithoutExpectation(target=row.request.target.raw)
            self._sink.report(entry, self._at(line, row.request.target))
            return
        yield from self._made(row.request, conditions, expectations, line)

    def _made(
        self,
        request: RequestLine,
        conditions: Iterable[Condition],
        expectations: Iterable[Expectation],
        line: Line,
    ) -> Iterator[RouteTest]:
        filled = RequestLine(
            request.method,
            dataclasses.replace(request.target, text=text_of(request.target, self._variables)),
        )
        whole = filled.target.text.startswith(("http://", "https://"))
        if self._no_hosts and not whole:
            return
        if not self._bases and not whole:
            entry = RouteTestWithoutHost(target=request.target.raw)
            self._sink.report(entry, self._at(line, request.target))
            return
        given = Given.of((*self._shared, *conditions))
        for base in self._bases[:1] if whole else self._bases:
            yield self._test(filled, base, given, tuple(expectations), line)
        if whole and not self._bases:
            yield self._test(filled, Base("http", ""), given, tuple(expectations), line)

    def _test(
        self,
        request: RequestLine,
        base: Base,
        given: Given,
        expectations: tuple[Expectation, ...],
        line: Line,
    ) -> RouteTest:
        method, scheme, host, target = sent(request, base, given.scheme)
        question = Question(
            method,
            scheme,
            host,
            target,
            given.headers,
            client_ip=given.client,
            presented=given.certificate,
        )
        return RouteTest(self._file.name, line.number, question, expectations)

    def _report_value(self, error: BadTestValue, line: Line) -> None:
        self._sink.report(error.entry, self._at(line, error.word))

    def _at(self, line: Line, word: Word) -> Origin:
        return place(self._file.name, line, max(word.column, 1), len(word.raw))
