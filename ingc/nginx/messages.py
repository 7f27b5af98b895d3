"""nginx's messages as diagnostics."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingc.diagnostics import Diagnostic, Entry, FieldPath, Origin, Severity, Sink, Span
from ingc.diagnostics.catalogue.running import AddressTaken, NginxTestFailed, NginxTestWarned

_MESSAGE = re.compile(r"(?:\[(?P<level>\w+)\] )?(?P<words>.*?)(?: in (?P<file>/.+):(?P<line>\d+))?")
_BIND = re.compile(r"bind\(\) to (?P<address>\S+) failed \((?P<number>\d+): (?P<why>[^)]+)\)")
_WHY = {errno.EADDRINUSE: "another process does", errno.EACCES: "only root may"}
_WARNINGS = frozenset({"warn", "notice", "info", "debug"})


@dataclass(frozen=True, slots=True)
class ConfLine:
    """A line of a configuration, kept as it was when nginx read it. A source of diagnostics."""

    file: str
    at: Span | None

    def span(self, field: FieldPath, *, key: bool = False) -> Span | None:
        """Return the line, whatever the field."""
        del field, key
        return self.at


def as_diagnostics(
    messages: Iterable[str], names: Mapping[Path, Path] | None = None
) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each message, as `TestResult` has them, at its line.

    ``names`` are the files that are to be named in place of those that nginx read.
    """
    sink, lines_of = Sink(), cache(_lines)
    for message in messages:
        match = _MESSAGE.fullmatch(message)
        if match is None:
            sink.report(NginxTestFailed(words=message), Origin())
            continue
        sink.report(_entry(match["level"], match["words"]), _place(match, names or {}, lines_of))
    return sink.diagnostics()


def refused(messages: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Return those of the messages for which nginx does not run."""
    found = as_diagnostics(messages)
    return tuple(item for item in found if item.severity is Severity.ERROR)


def _entry(level: str | None, words: str) -> Entry:
    bind = _BIND.search(words)
    if bind is not None:
        return AddressTaken(
            address=bind["address"], words=_WHY.get(int(bind["number"]), bind["why"])
        )
    return NginxTestWarned(words=words) if level in _WARNINGS else NginxTestFailed(words=words)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _place(
    match: re.Match[str], names: Mapping[Path, Path], lines_of: Callable[[Path], list[str]]
) -> Origin:
    if match["file"] is None:
        return Origin()
    file, number = Path(match["file"]), int(match["line"])
    lines, span = lines_of(file), None
    if 0 < number <= len(lines):
        line = lines[number - 1]
        text = line.strip()
        span = Span(number, len(line) - len(line.lstrip()) + 1, max(len(text), 1), line)
    return Origin(source=ConfLine(str(names.get(file, file)), span))
