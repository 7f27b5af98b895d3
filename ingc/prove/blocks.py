"""A text in parts: the frame, and each map, upstream and server by itself.

Each part is parsed on its own, so that one that was proved before need not be read again. That is
the same as parsing the whole: a block has to be exactly one statement of an ``http``, what lies
between two blocks has to be comments, and where the blocks are taken out of the frame a directive
is put in their place, which has to be found again as a statement of ``http``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingc.prove.shape import SEAM

_BLOCK = re.compile(
    r"^    (?:map|geo|split_clients|upstream|server)\b[^\n]*\{\n"
    r"(?:(?!    \}\n)[^\n]*\n)*"
    r"    \}\n",
    re.MULTILINE,
)
_HTTP = re.compile(r"^http \{\n", re.MULTILINE)
_NOTHING = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*").fullmatch


@dataclass(frozen=True, slots=True)
class Block:
    """One block of ``http``."""

    text: str
    start: int
    """Where it begins in the whole text."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a text."""

    frame: str
    """The whole without the blocks, and with `SEAM` in their place."""
    blocks: tuple[Block, ...]
    stray: int | None
    """Where something else stands between two blocks; ``None``: nowhere."""


def split(text: str) -> Parts:
    """Take the blocks of ``http`` out of a text, as our templates indent them."""
    opening = _HTTP.search(text)
    begin = opening.end() if opening else 0
    closing = text.find("\n}\n", begin) if opening else -1
    found = list(_BLOCK.finditer(text, begin, closing + 1 if closing >= 0 else len(text)))
    if not found:
        return Parts(text, (), None)
    blocks, stray = [], None
    end = found[0].start()
    for match in found:
        if stray is None and not _NOTHING(text, end, match.start()):
            stray = end
        blocks.append(Block(match.group(), match.start()))
        end = match.end()
    before, after = text[: found[0].start()], text[end:]
    return Parts(f"{before}{SEAM};\n{after}", tuple(blocks), stray)


def line_of(text: str, place: int) -> int:
    """Return the line, from 1 on, of a place in a text."""
    return text.count("\n", 0, place) + 1
