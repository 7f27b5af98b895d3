"""Where a directive of a snippet stands in its file."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import FieldPath, Origin, Source, Span
from ingc.frontend.snippets.parsed import TextSpot


@dataclass(frozen=True, slots=True)
class InsideText:
    """A stretch of a text of several lines: the source of a finding about a part of it."""

    outer: Source
    field: FieldPath
    text: str
    spot: TextSpot

    @property
    def file(self) -> str:
        """The file of the object."""
        return self.outer.file

    def span(self, field: FieldPath, *, key: bool = False) -> Span | None:
        """Return the place of the part; of the whole text where it is written otherwise."""
        whole = self.outer.span(field, key=key)
        find = getattr(self.outer, "line_after", None)
        if whole is None or find is None or field != self.field:
            return whole
        lines = self.text.split("\n")
        line = lines[self.spot.line] if self.spot.line < len(lines) else ""
        for ahead in (1, 0, 2):
            found: Span | None = find(whole, self.spot.line + ahead)
            if found is not None and line.strip() and line.strip() in found.text:
                column = found.text.index(line.strip()) - (len(line) - len(line.lstrip()))
                return Span(found.line, column + self.spot.column + 1, self.spot.width, found.text)
        return whole


def inside(origin: Origin, text: str, spot: TextSpot) -> Origin:
    """Return the place of a part of a text that stands at an origin."""
    if origin.source is None:
        return origin
    source = InsideText(origin.source, origin.field, text, spot)
    return Origin(origin.object, origin.field, source, origin.key)
