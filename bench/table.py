"""Figures as text that people can read."""

from __future__ import annotations

from collections.abc import Sequence


def seconds(value: float | None) -> str:
    """Write a time."""
    if value is None:
        return "-"
    if value < 0.0005:
        return "0"
    return f"{value * 1000:.0f} ms" if value < 0.9995 else f"{value:.2f} s"


def size(value: float | None) -> str:
    """Write an amount of bytes."""
    return "-" if not value else f"{value / 1e6:.1f} MB"


def ratio(value: float | None) -> str:
    """Write a ratio."""
    return "-" if value is None else f"{value:.2f}"


def lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay out a table: the first column to the left, figures to the right; an empty row rules."""
    full = [head, *(row for row in rows if row)]
    widths = [max(len(row[n]) for row in full) for n in range(len(head))]
    rule = "  ".join("-" * width for width in widths)
    out = [_line(head, widths), rule]
    out += [_line(row, widths) if row else rule for row in rows]
    return out


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = row
    cells = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
    return "  ".join((first.ljust(widths[0]), *cells)).rstrip()
