"""The part of a compiled nginx.conf that decides one host's requests, its lines kept in place.

To parse a whole configuration takes seconds where there are thousands of hosts. What is left out
decides nothing: servers of other names, and upstreams. Only the text that ingc prints is cut so;
one that looks otherwise stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingc.syntax.regex.reading import BadRegex, TooManySteps, read_pattern

_BLOCK = re.compile(r"( *)(server|upstream \S+) \{").fullmatch
_NAME = re.compile(r" *server_name (\S+);").fullmatch
_EVERY = "default_server"


def part_for(text: str, name: str) -> str:
    """Return the part of a text that may take requests for a lower-case name."""
    return "\n".join(_lines(text.split("\n"), name))


def _lines(lines: list[str], name: str) -> Iterator[str]:
    place = 0
    while place < len(lines):
        found = _BLOCK(lines[place])
        end = _end(lines, place, found[1] + "}") if found else place
        block = lines[place : end + 1]
        if not found:
            yield lines[place]
        elif found[2] == "server":
            yield from _server(block, name)
        else:
            yield from [""] * len(block)
        place = end + 1


def _end(lines: list[str], place: int, close: str) -> int:
    try:
        return lines.index(close, place)
    except ValueError:
        return len(lines) - 1


def _server(block: list[str], name: str) -> list[str]:
    """Return a server with the names that fit; empty lines where none does."""
    kept = ["" if (found := _NAME(line)) and not _fits(found[1], name) else line for line in block]
    named = any(_NAME(line) for line in kept)
    default = any(_EVERY in line and "listen" in line for line in block)
    return kept if named or default else [""] * len(block)


def _fits(written: str, name: str) -> bool:
    if written.startswith("~"):
        caseless = written != written.lower()
        try:
            return read_pattern(written[1:], caseless=caseless).search(name.encode()) is not None
        except (BadRegex, TooManySteps):
            return True
    return written in (name, "_") or written.startswith(('"', "'", "*", "."))
