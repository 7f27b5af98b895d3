"""Diagnostics for people: message, place, the line itself with the spot marked, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingc.diagnostics.model import Diagnostic, Origin, Severity, Span, format_field
from ingc.diagnostics.render.excerpt import (
    cells,
    excerpt,
    holds_secret,
    shortened,
    without_secrets,
)
from ingc.syntax.visible import visible

_MERGED_ABOVE = 3
"""So many of one code on one object are printed in full; of more, the first and a list."""

_LISTED = 10
_LEAST_GUTTER = 2
_MOST_CHARACTERS = 400
_MOST_LISTED_CHARACTERS = 120

_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_BOLD, _BLUE = "1", "1;34"

Group = tuple[Diagnostic, ...]
"""What is rendered as one: a diagnostic, and others like it on the same object."""


def render_text(diagnostics: Sequence[Diagnostic], *, color: bool, most: int | None = None) -> str:
    """Return diagnostics as text, in the order given, with an empty line between them.

    ``most`` limits how many are printed, the worst first; the rest is counted at the end.
    ``color`` adds ANSI colours and changes nothing else.
    """
    groups = _groups(diagnostics)
    chosen = _worst(groups, most)
    blocks = [_block(groups[index], color=color) for index in sorted(chosen)]
    hidden = [d for index, group in enumerate(groups) if index not in chosen for d in group]
    if hidden:
        blocks.append(f"not shown here: {summary(hidden)}\n")
    return "\n".join(blocks)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Count by severity: ``3 errors, 1 warning, 2 notes``; without a line break."""
    counts = Counter(diagnostic.severity for diagnostic in diagnostics)
    parts = [
        f"{counts[severity]} {severity.value}{'s' if counts[severity] > 1 else ''}"
        for severity in _SEVERITIES
        if counts[severity]
    ]
    return ", ".join(parts) or "nothing to report"


def _groups(diagnostics: Sequence[Diagnostic]) -> list[Group]:
    """Merge many of one code on one object, at the place of the first."""
    alike: dict[tuple[object, ...], list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        alike.setdefault(_kind(diagnostic), []).append(diagnostic)
    groups: list[Group] = []
    for diagnostic in diagnostics:
        group = alike[_kind(diagnostic)]
        merges = diagnostic.entry.merges and diagnostic.origin.object is not None
        if not merges or len(group) <= _MERGED_ABOVE:
            groups.append((diagnostic,))
        elif group[0] is diagnostic:
            groups.append(tuple(group))
    return groups


def _kind(diagnostic: Diagnostic) -> tuple[object, ...]:
    return diagnostic.code, diagnostic.severity, diagnostic.origin.object, diagnostic.file


def _worst(groups: Sequence[Group], most: int | None) -> set[int]:
    """Choose the groups to print, by index."""
    by_severity = sorted(
        range(len(groups)), key=lambda index: _SEVERITIES.index(groups[index][0].severity)
    )
    return set(by_severity[:most])


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place that a diagnostic prints."""

    origin: Origin
    span: Span | None
    label: str
    arrow: str
    mark: str
    style: str

    @property
    def where(self) -> str:
        """File, line and column; empty for objects that came without a file."""
        file = visible(self.origin.source.file) if self.origin.source else ""
        return f"{file}:{self.span.line}:{self.span.column}" if file and self.span else file

    @property
    def what(self) -> str:
        """Object and field; empty if neither is known."""
        field = format_field(self.origin.field)
        parts = (str(self.origin.object or ""), field)
        return ", ".join(shortened(part, _MOST_CHARACTERS) for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Style:
    color: bool
    gutter: int
    """How wide the line numbers of this block are."""

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.color and text else text

    def bar(self, number: int | None = None) -> str:
        """Return the start of an excerpt's line."""
        return self.paint(f"{number if number else '':>{self.gutter}} |", _BLUE)

    def sign(self, sign: str) -> str:
        """Return the start of a line that follows an excerpt."""
        return f"{'':{self.gutter}} {self.paint(sign, _BLUE)}"


def _block(group: Group, *, color: bool) -> str:
    first = group[0]
    tone = _COLORS[first.severity]
    spots = [_Spot(first.origin, first.span, first.label, "-->", "^", tone)]
    for related in first.also:
        origin = related.origin
        spots.append(_Spot(origin, origin.span, related.label, ":::", "-", _BLUE))
    numbers = (len(str(spot.span.line)) for spot in spots if spot.span)
    style = _Style(color, max((_LEAST_GUTTER, *numbers)))
    message = style.paint(f": {shortened(first.message, _MOST_CHARACTERS)}", _BOLD)
    lines = [style.paint(f"{first.severity.value}[{first.code}]", tone) + message]
    for spot in spots:
        lines += _spot_lines(spot, style)
    if first.help:
        advice = shortened(first.help, _MOST_CHARACTERS)
        lines.append(f"{style.sign('=')} {style.paint('help', _BOLD)}: {advice}")
    lines += _others(group, style)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _spot_lines(spot: _Spot, style: _Style) -> Iterator[str]:
    label = shortened(spot.label, _MOST_CHARACTERS)
    secondary = spot.arrow == ":::"
    if spot.where:
        what = f"  ({spot.what})" if spot.what else ""
        words = f" {label}" if secondary else f": {label}"
        if not label or (spot.span and not secondary):
            words = ""
        place = f"{spot.where}{words}{what}"
    else:
        place = ": ".join(part for part in (spot.what, label) if part)
    if place:
        arrow = style.paint(spot.arrow, _BLUE)
        yield f"{'':{style.gutter}}{' ' if secondary else ''}{arrow} {place}"
    if spot.where and spot.span:
        yield from _excerpt_lines(spot, "" if secondary else label, style)


def _excerpt_lines(spot: _Spot, label: str, style: _Style) -> Iterator[str]:
    span, owner = spot.span, spot.origin.object
    if span is None:
        return
    of_secret = owner is not None and owner.kind == "Secret"
    if of_secret or holds_secret(span, spot.origin.field):
        span = without_secrets(span, spot.origin.field)
    line = excerpt(span)
    marked = spot.mark * line.width + (f" {label}" if label else "")
    yield style.bar()
    yield f"{style.bar(span.line)} {line.text}"
    yield f"{style.bar()} {' ' * line.indent}{style.paint(marked, spot.style)}"


def _others(group: Group, style: _Style) -> Iterator[str]:
    """List what else is like the first of a group: line, field, and the message if it differs."""
    first, others = group[0], group[1:]
    if not others:
        return
    yield f"{style.sign('=')} and {len(others)} more like this:"
    rows = []
    for other in others[:_LISTED]:
        span = other.span
        message = "" if other.message == first.message else other.message
        words = ": ".join(part for part in (other.field, message) if part)
        rows.append(
            (f"line {span.line}" if span else "", shortened(words, _MOST_LISTED_CHARACTERS))
        )
    width = max(cells(line) for line, _ in rows)
    for line, words in rows:
        yield f"{style.sign(' ')}   {line:>{width}}{'  ' if width else ''}{words}"
    if len(others) > _LISTED:
        yield f"{style.sign(' ')}   and {len(others) - _LISTED} more"
