"""A page as Markdown (GitHub's, with tables): nothing of the input is markup in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingc.migrate.page import Cell, Item, Page, PageTable, Section
from ingc.syntax.visible import visible

_ACTIVE = re.compile(r"[\\`*_\[\]|~$]|^[-+#=]|(?<=^\d)[.)]")
"""What is markup anywhere, and what is at the beginning of a block alone."""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "://": "&#58;//"}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))
_WWW = re.compile(r"(?i)www\.")
_TICKS = re.compile(r"`+")


def plain(text: str) -> str:
    """Return a text in which nothing is markup, a link or somebody's name (CommonMark 6, GFM)."""
    shown = _ACTIVE.sub(lambda found: f"\\{found[0]}", visible(text))
    shown = _ENTITY.sub(lambda found: _ENTITIES[found[0]], shown)
    return _WWW.sub(lambda found: f"{found[0][:3]}&#46;", shown)


def code(text: str) -> str:
    """Return a text as code, between more ticks than it holds (CommonMark 6.1)."""
    shown = visible(text).replace("|", "\\|")
    if not shown.strip():
        return ""
    fence = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def page_as_markdown(page: Page) -> str:
    """Return a page as Markdown."""
    lines = [f"# {plain(page.title)}", "", plain(page.lead), ""]
    lines += ["| Ingresses | | |", "|---:|---:|---|"]
    lines += [f"| {item.number:,} | {item.share} | {item.label} |" for item in page.figures]
    lines += ["", *(f"- {plain(note)}" for note in page.notes)]
    for chapter in page.chapters:
        lines += ["", f"## {plain(chapter.heading)}"]
        for section in chapter.sections:
            lines += _section(section)
    return "\n".join(lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield from ("", f"### {plain(section.heading)}")
    if section.intro:
        yield from ("", plain(section.intro))
    for item in section.items:
        yield from _item(item)
    if section.code:
        yield from ("", *_block(section))
    if section.table is not None:
        yield from ("", *_table(section.table))


def _block(section: Section) -> Iterator[str]:
    """Yield lines to copy, as an indented block, which no line of the input can end."""
    yield from (f"    {visible(line)}" for line in section.code_lines)


def _item(item: Item) -> Iterator[str]:
    tag = f" ({plain(item.tag)})" if item.tag else ""
    yield from ("", f"**{plain(item.title)}**: {plain(item.count)}{tag}")
    if item.facts:
        yield ""
        yield from (f"- {label}: {plain(text)}" for label, text in item.facts)
    rows = (*item.table.rows, *(item.more.rows if item.more is not None else ()))
    yield from ("", *_table(PageTable(item.table.head, rows)))


def _table(table: PageTable) -> Iterator[str]:
    yield f"| {' | '.join(table.head)} |"
    yield f"|{'---|' * len(table.head)}"
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in table.rows)


def _cell(cell: Cell) -> str:
    return code(cell.text) if cell.code else plain(cell.text)
