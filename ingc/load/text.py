"""A file's text, its lines, and places in it."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from ingc.diagnostics import FieldPath, Span

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_LONG_LINE = 4096
_LONGEST_PATH = 30


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A fixed place in a file: the source of findings that no object exists for."""

    file: str
    at: Span | None = None
    """``None`` where the file as a whole is meant."""

    def span(self, field: FieldPath, *, key: bool = False) -> Span | None:
        """Return the place, whatever the field."""
        del field, key
        return self.at


class FileText:
    """The text of one file, shared by all objects that were read from it."""

    __slots__ = ("_long_lines", "_starts", "file", "text")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts: array[int] | None = None
        self._long_lines: dict[int, str] = {}

    def span(self, start: int, end: int) -> Span:
        """Return the place of ``text[start:end]``, cut at the end of its first line."""
        starts = self._line_starts()
        number = bisect_right(starts, start)
        line = self._line(number)
        column = start - starts[number - 1]
        width = min(end - start, len(line) - column)
        return Span(number, column + 1, max(width, 1), line)

    def whole_line(self, number: int) -> Span | None:
        """Return a line by its number from 1; ``None``: the file has no such line."""
        if not 1 <= number <= len(self._line_starts()):
            return None
        text = self._line(number)
        return Span(number, 1, max(len(text), 1), text)

    def place(self, start: int, end: int) -> TextPlace:
        """Return ``text[start:end]`` as the source of a finding."""
        return TextPlace(self.file, self.span(start, end))

    def column(self, offset: int) -> int:
        """Return how many characters stand before ``offset`` in its line."""
        starts = self._line_starts()
        return offset - starts[bisect_right(starts, offset) - 1]

    def _line(self, number: int) -> str:
        """Return a line by its number from 1; a long one is the same string every time."""
        known = self._long_lines.get(number)
        if known is not None:
            return known
        starts = self._line_starts()
        stop = starts[number] if number < len(starts) else len(self.text)
        line = self.text[starts[number - 1] : stop].rstrip("\r\n")
        if len(line) > _LONG_LINE:
            self._long_lines[number] = line
        return line

    def _line_starts(self) -> array[int]:
        if self._starts is None:
            if "\r" in self.text:
                ends: Iterable[int] = (match.end() for match in _LINE_BREAK.finditer(self.text))
            else:
                ends = accumulate(len(line) + 1 for line in self.text.split("\n")[:-1])
            self._starts = array("Q", [0])
            self._starts.extend(ends)
        return self._starts


def printable_path(path: FieldPath) -> FieldPath:
    """Return a path as it is printed: one that is too long is of no use."""
    return path if len(path) <= _LONGEST_PATH else ()


def shortened(text: str, most: int = 60) -> str:
    """Return the text, cut if it is too long to stand in a message."""
    return text if len(text) <= most else f"{text[:most]}…"
