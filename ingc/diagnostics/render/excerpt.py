"""One line of a file with a stretch of it marked: escaped, cut to fit, measured in cells.

A cell is the width of one Latin letter on a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingc.diagnostics.model import FieldPath, Span
from ingc.syntax.visible import escaped, visible

CELLS = 100
"""The most that is printed of a line; longer ones are cut around the marked stretch."""

_BEFORE = 30
"""Cells kept before the mark where the left of a line is cut."""

_REACH = 4 * CELLS
"""Characters looked at on each side, so that a line of megabytes costs nothing."""

_TAB = "    "
_ELLIPSIS = "…"
_HIDDEN = "<hidden>"

_PLAIN_SECRET_FIELDS = frozenset(
    {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"), ("type",)}
)
_TICKET_KEY = "ssl-session-ticket-key"
"""A key of a ConfigMap."""
_SECRET_KEYS = frozenset(
    {"apiVersion", "kind", "metadata", "name", "namespace", "type", "data", "stringData"}
)
_INDENT_AND_KEY = re.compile(r"""\s*(?:- +)*(?:["']?[\w.-]{1,253}["']?\s*:\s*)?""").fullmatch


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line ready to be printed, and where to mark it; counts are in cells."""

    text: str
    indent: int
    width: int


def shortened(text: str, most: int) -> str:
    """Make a text visible; of more characters than ``most`` the middle is left out."""
    if len(text) <= most:
        return visible(text)
    tail = most // 3
    return visible(text[: most - tail - 1]) + _ELLIPSIS + visible(text[-tail:])


def cells(text: str) -> int:
    """Return how wide a visible text is."""
    return sum(map(_width, text))


def excerpt(span: Span) -> Excerpt:
    """Render the line of a span, with at least one cell marked."""
    start = min(max(span.column - 1, 0), len(span.text))
    stop = min(start + max(span.width, 1), len(span.text))
    first, last = max(start - _REACH, 0), min(start + _REACH, len(span.text))
    clusters, index = _clusters(span.text[first:last])
    index.append(len(clusters))
    begin = index[start - first]
    end = index[max(min(stop, last) - 1, start) - first] + 1
    widths = [cells(cluster) for cluster in clusters]
    left, right = _window(widths, begin, end, CELLS)
    before = _ELLIPSIS if left or first else ""
    after = _ELLIPSIS if right < len(clusters) or last < len(span.text) else ""
    marked = sum(widths[begin : min(end, right)])
    if end > right or stop > last:
        marked += 1
    indent = len(before) + sum(widths[left:begin])
    return Excerpt(before + "".join(clusters[left:right]) + after, indent, max(marked, 1))


def holds_secret(span: Span, field: FieldPath) -> bool:
    """Return whether a line may hold a secret although it is of no Secret: the key of tickets.

    Only what may be printed, and as much again on each side, is looked at.
    """
    first = max(span.column - 1 - 2 * _REACH, 0)
    return _TICKET_KEY in field or span.text.find(_TICKET_KEY, first, first + 5 * _REACH) >= 0


def without_secrets(span: Span, field: FieldPath) -> Span:
    """Return the line of a Secret's field with everything hidden that may be secret.

    The excerpt ends in logs. Keys are printed, and values that only name the Secret.
    """
    start = span.column - 1
    before = span.text[:start]
    marked = span.text[start : start + span.width]
    after = span.text[start + span.width :]
    keys = _SECRET_KEYS.union(str(part) for part in field)
    if not _INDENT_AND_KEY(before):
        before = _ELLIPSIS
    if field not in _PLAIN_SECRET_FIELDS and marked.strip("\"'") not in keys:
        marked = _HIDDEN
    if after.strip():
        after = f": {_HIDDEN}" if after.lstrip().startswith(":") else _ELLIPSIS
    return replace(
        span, column=len(before) + 1, width=max(len(marked), 1), text=before + marked + after
    )


def _clusters(text: str) -> tuple[list[str], list[int]]:
    """Split into characters with what combines with them; and each character's cluster."""
    clusters: list[str] = []
    index: list[int] = []
    for before, char in zip(" " + text, text, strict=False):
        shown = char.isprintable() and not before == char == "#"
        piece = _TAB if char == "\t" else char if shown else escaped(char)
        if clusters and _width(char) == 0:
            clusters[-1] += piece
        else:
            clusters.append(piece)
        index.append(len(clusters) - 1)
    return clusters, index


def _window(widths: Sequence[int], begin: int, end: int, room: int) -> tuple[int, int]:
    """Choose which clusters to print: the mark, a little before it, and what else fits."""
    left = 0
    if sum(widths[:end]) > room:
        left = begin
        while left and sum(widths[left - 1 : begin]) <= _BEFORE:
            left -= 1
    right = left
    used = 0
    while right < len(widths) and used + widths[right] <= room:
        used += widths[right]
        right += 1
    while left and used + widths[left - 1] <= room:
        left -= 1
        used += widths[left]
    return left, right


def _width(char: str) -> int:
    if char < "\u0300":
        return 1
    if unicodedata.category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
