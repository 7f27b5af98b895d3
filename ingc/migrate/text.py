"""A page for a terminal, 100 columns wide."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from ingc.migrate.page import Cell, Chapter, Figure, Item, Page, PageTable, Section, Tone
from ingc.syntax.visible import visible

WIDTH = 100
_BAR = 60
_SIGNS = {
    Tone.SAME: "=",
    Tone.DIFFERS: "~",
    Tone.DECISION: "?",
    Tone.REFUSED: "!",
    Tone.UNREADABLE: ".",
}
_MOST_ROWS = 30
"""So many rows of a long table are printed; the other forms have all."""
_GAP = "  "
_COMMAND = re.compile(r"^([ \t]*)::", re.MULTILINE)
"""How a line begins that GitHub's runner takes for a command."""


def page_as_text(page: Page) -> str:
    """Return a page as text, without a control character of the input in it."""
    lines = [page.title, "=" * len(page.title), *_wrapped(page.lead, ""), ""]
    lines += _figures(page.figures)
    for note in page.notes:
        lines += _wrapped(note, "", "  ")
    for chapter in page.chapters:
        lines += _chapter(chapter)
    return _COMMAND.sub(r"\1:\\x3a", "\n".join(line.rstrip() for line in lines)) + "\n"


def _wrapped(text: str, first: str, rest: str | None = None) -> list[str]:
    made = textwrap.wrap(
        visible(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return made or [first]


def _figures(figures: tuple[Figure, ...]) -> Iterator[str]:
    width = max(len(f"{item.number:,}") for item in figures)
    for item in figures:
        yield f"  {_SIGNS[item.tone]} {item.number:>{width},}  {item.share:>7}  {item.label}"
    yield ""
    yield f"  [{_bar(figures)}]"
    yield ""


def _bar(figures: tuple[Figure, ...]) -> str:
    """Return the shares in signs; what is there at all has at least one."""
    sizes = {item.tone: max(round(_BAR * float(item.width) / 100), 1) for item in figures}
    given = [item for item in figures if item.number]
    signs = "".join(_SIGNS[item.tone] * sizes[item.tone] for item in given)
    most = max(given, key=lambda item: item.number, default=None)
    while most is not None and len(signs) > _BAR:
        signs = signs.replace(_SIGNS[most.tone], "", 1)
    return signs.ljust(_BAR)


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield from ("", "", chapter.heading.upper(), "-" * len(chapter.heading))
    for section in chapter.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    heading = visible(section.heading)
    yield from ("", *_wrapped(f"== {heading} ==", ""))
    if section.intro:
        yield from _wrapped(section.intro, "")
    for item in section.items:
        yield from _item(item)
    if section.code:
        yield ""
        yield from (f"  {visible(line)}" for line in section.code_lines)
    if section.table is not None:
        yield ""
        yield from _records(section.table)


def _item(item: Item) -> Iterator[str]:
    tag = f"  [{item.tag}]" if item.tag else ""
    yield ""
    yield from _wrapped(f"{_SIGNS.get(item.tone, '-')} {item.title}: {item.count}{tag}", "", "  ")
    for label, text in item.facts:
        yield from _wrapped(f"{label}: {text}", "    ", "      ")
    for row in item.table.rows:
        yield from _place(row, item.table.head)
    if item.more is not None:
        yield f"    … and {item.more_count} (-o json, markdown and html list all)"


def _place(row: tuple[Cell, ...], head: tuple[str, ...]) -> Iterator[str]:
    """Yield a place: its object and file in one line, the rest below."""
    named, where, *others = row
    yield f"    - {visible(named.text)}  {visible(where.text)}".rstrip()
    for label, cell in zip(head[2:], others, strict=True):
        if cell.text:
            lead = "" if label == "what" else f"{label}: "
            yield from _wrapped(f"{lead}{cell.text}", "        ", "          ")


def _records(table: PageTable) -> Iterator[str]:
    """Yield rows in columns where they fit, else each as a paragraph."""
    shown = table.rows[:_MOST_ROWS]
    texts = [table.head, *(tuple(visible(cell.text) for cell in row) for row in shown)]
    widths = [max(len(line[n]) for line in texts) for n in range(len(table.head))]
    last = len(widths) - 1
    fixed = sum(widths[:last]) + len(_GAP) * last + 2
    if WIDTH - fixed >= min(widths[last], 30):
        yield from _columns(texts, widths, fixed)
    else:
        for row in shown:
            yield from _paragraph(table.head, row)
    if len(table.rows) > len(shown):
        yield f"  … and {len(table.rows) - len(shown)} more (-o json, markdown and html list all)"


def _columns(texts: list[tuple[str, ...]], widths: list[int], fixed: int) -> Iterator[str]:
    for line in texts:
        *cells, tail = line
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
        lead = "  " + _GAP.join([*padded, ""])
        parts = textwrap.wrap(tail, WIDTH - fixed, break_long_words=False) or [""]
        yield lead + parts[0]
        yield from (" " * fixed + part for part in parts[1:])


def _paragraph(head: tuple[str, ...], row: tuple[Cell, ...]) -> Iterator[str]:
    first, *others = row
    labels = list(head[1:])
    title = first.text
    if labels[0] == "value":
        title += f" = {others.pop(0).text}"
        labels.pop(0)
    yield from _wrapped(f"- {title}", "  ", "      ")
    for label, cell in zip(labels, others, strict=True):
        if cell.text:
            yield from _wrapped(f"{label}: {cell.text}", "      ", "        ")
