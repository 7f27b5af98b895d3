"""What a refused snippet does, piece by piece, and what does the same without one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"(?<!\S)#[^\n]*")
_DIRECTIVE = re.compile(r"(?:\A|[;{}\n])\s*([A-Za-z_][A-Za-z0-9_]*)(?=[\s;{])")
_FOR = re.compile(r"for (?P<what>[a-z_]+) (?P<instead>use .*)", re.DOTALL)
_REMOVE = re.compile(r"remove (?P<what>[a-z_]+)\b.*", re.DOTALL)
_MOST = 10_000
"""Characters of a snippet that are looked at."""
_WEBSOCKET = "remove the headers Upgrade and Connection"


@dataclass(frozen=True, slots=True)
class SnippetPiece:
    """One thing that a snippet does."""

    does: str
    instead: str
    """What to write in place of it; empty where nothing is known."""


def pieces(snippet: str, advice: str) -> Iterator[SnippetPiece]:
    """Yield what a snippet does. ``advice`` is that of its finding, its parts joined by ``; ``."""
    given = _DIRECTIVE.findall(_COMMENT.sub("", snippet[:_MOST]))
    left = dict.fromkeys(given)
    general = ""
    for part in advice.split("; "):
        found = _FOR.fullmatch(part)
        removed = _REMOVE.fullmatch(part)
        if part.startswith(_WEBSOCKET):
            left.pop("proxy_set_header", None)
            yield SnippetPiece("proxy_set_header for WebSockets", part)
        elif found is not None:
            left.pop(found["what"], None)
            yield SnippetPiece(found["what"], found["instead"])
        elif removed is not None:
            left.pop(removed["what"], None)
            yield SnippetPiece(removed["what"], part)
        else:
            general = general or part
    if left:
        names = ", ".join(left)
        yield SnippetPiece(names if general else f"without an advice: {names}", general)
