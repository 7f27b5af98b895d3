"""A report as a page: figures, sections, tables; each form prints the same page in its own way."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Tone(enum.Enum):
    """What a part of a page is about; a form may give it a colour. The values are CSS classes."""

    SAME = "same"
    DIFFERS = "differs"
    DECISION = "decision"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table."""

    text: str
    code: bool = False
    """True for what stands so in a file or on a line: it is printed as it is written."""
    tone: Tone = Tone.PLAIN


Cells = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class PageTable:
    """Rows below headings."""

    head: tuple[str, ...]
    rows: tuple[Cells, ...]

    @property
    def labelled(self) -> tuple[tuple[tuple[str, Cell], ...], ...]:
        """The rows, each cell with its heading."""
        return tuple(tuple(zip(self.head, row, strict=True)) for row in self.rows)

    @property
    def brief(self) -> bool:
        """True where there is nothing but a name and a place in each row."""
        return len(self.head) == 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the summary, and its share of all."""

    number: int
    label: str
    share: str
    """``81.2 %``; empty where it is a share of nothing."""
    width: str
    """The same for a bar, as CSS has it: ``81.2``."""
    tone: Tone

    @property
    def number_text(self) -> str:
        """``1,000``."""
        return f"{self.number:,}"


@dataclass(frozen=True, slots=True)
class Item:
    """One cause: what, how often, why, what to do, and where."""

    title: str
    tag: str
    """A code or a kind beside the title; may be empty."""
    count: str
    tone: Tone
    badge: str
    """The tone in words; may be empty."""
    facts: tuple[tuple[str, str], ...]
    """Short texts, each with a label."""
    table: PageTable
    more: PageTable | None = None
    """The places that do not fit; a form may leave them out, or fold them."""
    more_count: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page below a heading."""

    heading: str
    intro: str = ""
    items: tuple[Item, ...] = ()
    table: PageTable | None = None
    code: str = ""
    """Lines to copy."""

    @property
    def code_lines(self) -> tuple[str, ...]:
        """The lines, without their ends."""
        return tuple(self.code.rstrip("\n").split("\n"))


@dataclass(frozen=True, slots=True)
class Chapter:
    """Sections under a heading of their own."""

    heading: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page."""

    title: str
    lead: str
    """What was looked at."""
    figures: tuple[Figure, ...]
    notes: tuple[str, ...]
    chapters: tuple[Chapter, ...]
