"""Reads one text and shows what came of it in a form that is short to compare."""

from __future__ import annotations

from typing import Any, NamedTuple

from ingc.diagnostics import Diagnostic, Sink
from ingc.load import Document, read_text


class Finding(NamedTuple):
    """A diagnostic and the text that its place covers."""

    code: str
    line: int
    column: int
    covers: str


class Reading(NamedTuple):
    """What was read, and what was found."""

    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def values(self) -> list[Any]:
        """The objects, as plain dicts."""
        return [document.value for document in self.documents]

    @property
    def findings(self) -> list[Finding]:
        """The diagnostics, in short."""
        return [finding(diagnostic) for diagnostic in self.diagnostics]

    @property
    def codes(self) -> list[str]:
        """The codes of the diagnostics."""
        return [diagnostic.code for diagnostic in self.diagnostics]


def reading(text: str, file: str = "input.yaml") -> Reading:
    """Read a text as the file's."""
    sink = Sink()
    documents = read_text(text, file, sink)
    return Reading(documents, sink.diagnostics())


def finding(diagnostic: Diagnostic) -> Finding:
    """Return a diagnostic in short; line 0 where it means the file as a whole."""
    span = diagnostic.span
    if span is None:
        return Finding(diagnostic.code, 0, 0, "")
    covered = span.text[span.column - 1 : span.column - 1 + span.width]
    return Finding(diagnostic.code, span.line, span.column, covered)


def value_of(text: str) -> Any:
    """Return the only object of a text that has no faults."""
    read = reading(text)
    assert read.diagnostics == ()
    assert len(read.documents) == 1
    return read.values[0]
