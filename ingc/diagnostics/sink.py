"""Collects what the stages find. One sink per compile; nothing is global."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Protocol

from ingc.diagnostics.model import Diagnostic, Entry, Origin, Related, Severity


class Before(Protocol):
    """What was found before, in order."""

    @property
    def errors(self) -> int:
        """How many of the findings are errors."""

    def __contains__(self, finding: tuple[Entry, Origin]) -> bool:
        """Return whether something was found at a place."""

    def findings(self, beside: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Return everything found, and others beside it, in their order."""


class Sink:
    """Takes reports in any order and gives them back sorted by place."""

    def __init__(
        self,
        *,
        strict: bool = False,
        as_errors: Container[str] = (),
        before: Before | None = None,
    ) -> None:
        """``as_errors`` are codes that count as errors whatever the catalogue has; ``before`` is
        what was found before.
        """
        self._strict = strict
        self._as_errors = as_errors
        self._before = before
        self._found: dict[tuple[Entry, Origin], Diagnostic] = {}
        self._errors = 0

    def like(self) -> Sink:
        """Return an empty sink that judges alike."""
        return Sink(strict=self._strict, as_errors=self._as_errors)

    def report(self, entry: Entry, at: Origin, also: Iterable[Related] = ()) -> None:
        """Record a finding; the same finding at the same place counts once."""
        severity = entry.severity
        if (self._strict and entry.strict) or entry.code in self._as_errors:
            severity = Severity.ERROR
        if self._before is not None and (entry, at) in self._before:
            return
        made = Diagnostic(entry, at, severity, tuple(also))
        if self._found.setdefault((entry, at), made) is made:
            self._errors += severity is Severity.ERROR

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Take over what another sink collected."""
        for diagnostic in diagnostics:
            self.report(diagnostic.entry, diagnostic.origin, diagnostic.also)

    @property
    def errors(self) -> int:
        """How many errors were reported so far."""
        return self._errors + (self._before.errors if self._before is not None else 0)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return everything reported, ordered by file, line, column, object, field and code."""
        found = by_place(self._found.values())
        return found if self._before is None else self._before.findings(found)


def by_place(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return findings ordered by file, line, column, object, field and code."""
    return tuple(sorted(found, key=place_of_finding))


Place = tuple[str, tuple[int, int], str, str, str, str]
"""What findings are ordered by."""


def place_of_finding(diagnostic: Diagnostic) -> Place:
    """Return file, line and column, object, field, code and message of a finding."""
    span = diagnostic.span
    return (
        diagnostic.file or "",
        (span.line, span.column) if span else (0, 0),
        diagnostic.object or "",
        diagnostic.field or "",
        diagnostic.code,
        diagnostic.message,
    )
