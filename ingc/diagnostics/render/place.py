"""Where a finding stands for programs that want a file for each one, and how they name the file."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from posixpath import isabs, join, normpath

from ingc.diagnostics.model import Diagnostic, Span

STDIN = "<stdin>"
_STDIN_NAME = "stdin"
"""Consumers take it for a file name, and one with brackets can't stand in a URI as it is."""

_OPTION = re.compile(r"--([a-z][a-z-]+)")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run knows of its files beside the findings; without it names stay as they are."""

    folder: str = ""
    """The working folder, an absolute path; relative file names begin there."""
    root: str = ""
    """The folder that the consumer's names begin at, an absolute path: the repository's."""
    first: str = ""
    """The first file of the input, where a finding that has no place of its own is reported."""
    config: str = ""
    """The file of options; empty: there is none."""
    settings: Mapping[str, int] = field(default_factory=dict)
    """The options that `config` sets, by name without dashes, and the line of each."""

    def name(self, file: str) -> str:
        """Return a file's name from the root, or absolute where it is not below the root."""
        if file == STDIN:
            return _STDIN_NAME
        if not self.folder:
            return PurePosixPath(file).as_posix()
        path = PurePosixPath(normpath(join(self.folder, file)))
        if self.root and path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return path.as_posix()


@dataclass(frozen=True, slots=True)
class NearestPlace:
    """A file, and the stretch of a line in it; ``None`` where the file as a whole is meant."""

    file: str
    span: Span | None = None
    line: int = 1
    """The line, from 1, also where there is no stretch."""


def nearest(diagnostic: Diagnostic, around: Surroundings) -> NearestPlace | None:
    """Return a finding's own place, else the nearest: its option, what it relates to, the input.

    ``None`` where nothing at all is known, which is so for objects that came without a file.
    """
    for origin in (diagnostic.origin, *(related.origin for related in diagnostic.also)):
        if origin.source is not None:
            span = origin.span
            return NearestPlace(origin.source.file, span, span.line if span else 1)
        line = _line_of_option(diagnostic, around)
        if line:
            return NearestPlace(around.config, None, line)
    return NearestPlace(around.first) if around.first else None


def _line_of_option(diagnostic: Diagnostic, around: Surroundings) -> int:
    """Return the line of the options' file that sets what the finding speaks of; 0: none."""
    named = _OPTION.findall(f"{diagnostic.message} {diagnostic.label}")
    return next((around.settings[name] for name in named if name in around.settings), 0)


def fingerprints(diagnostics: Sequence[Diagnostic], around: Surroundings) -> Iterator[str]:
    """Give each finding what it has in common with itself in an earlier run, and with no other.

    That is its code, file, object and field; not its line, which moves, nor its words.
    """
    seen: Counter[str] = Counter()
    for diagnostic in diagnostics:
        place = nearest(diagnostic, around)
        parts = (
            diagnostic.code,
            around.name(place.file) if place else "",
            diagnostic.object or "",
            diagnostic.field or "",
        )
        data = "\0".join(parts).encode("utf-8", "surrogatepass")
        mark = hashlib.sha256(data).hexdigest()[:32]
        seen[mark] += 1
        yield mark if seen[mark] == 1 else f"{mark}:{seen[mark]}"


def is_absolute(name: str) -> bool:
    """Return whether a name, as `Surroundings.name` gives it, lies outside the root."""
    return isabs(name)
