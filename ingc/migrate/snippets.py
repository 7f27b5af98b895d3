"""What a refused snippet does, piece by piece, and what does the same without one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"(?<!\S)#[^\n]*")
_WORD = re.compile(
    r"""(?P<mark>[;{}])|(?P<word>(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\$\{|[^\s;{}"'])+)"""
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOR = re.compile(r"for (?P<what>[a-z_]+) (?P<instead>use .*)", re.DOTALL)
_REMOVE = re.compile(r"remove (?P<what>[a-z_]+)\b.*", re.DOTALL)
_MOST = 10_000
"""Characters of a snippet that are looked at."""
_ASK = "no annotation or key is known that does the same; say what it is for, and find another way"
_WEBSOCKET = "remove the headers Upgrade and Connection"


@dataclass(frozen=True, slots=True)
class SnippetPiece:
    """One thing that a snippet does."""

    does: str
    instead: str
    """What to write in place of it."""


def pieces(snippet: str, advice: str) -> Iterator[SnippetPiece]:
    """Yield what a snippet does. ``advice`` is that of its finding, its parts joined by ``; ``."""
    given = dict(_directives(_COMMENT.sub("", snippet[:_MOST])))
    advised: set[str] = set()
    parts = [part for part in advice.split("; ") if part]
    # What would take the snippet as a whole is said of each of its pieces.
    whole = "".join(f"; {part}" for part in parts if part.startswith("or "))
    general = ""
    for part in parts:
        if part.startswith("or "):
            continue
        found = _FOR.fullmatch(part)
        removed = _REMOVE.fullmatch(part)
        if part.startswith(_WEBSOCKET):
            advised.add("proxy_set_header")
            yield SnippetPiece("proxy_set_header for WebSockets", part + whole)
        elif found is not None:
            advised.add(found["what"])
            yield SnippetPiece(found["what"], found["instead"] + whole)
        elif removed is not None:
            advised.add(removed["what"])
            yield SnippetPiece(removed["what"], part + whole)
        else:
            general = general or part
    left = [name for name, within in given.items() if not {name, within} & advised]
    if left or not advised:
        names = ", ".join(left) or "nothing that is known"
        yield SnippetPiece(names, (general or _ASK) + whole)


def _directives(snippet: str) -> Iterator[tuple[str, str]]:
    """Yield each directive's name, and that of the outermost block that it stands in."""
    blocks: list[str] = []
    name = ""
    for found in _WORD.finditer(snippet):
        mark, word = found["mark"], found["word"]
        if mark == "{":
            blocks.append(name)
        elif mark == "}" and blocks:
            blocks.pop()
        elif word and not name and _NAME.fullmatch(word):
            yield word, blocks[0] if blocks else ""
        name = "" if mark else name or word
