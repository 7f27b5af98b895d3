"""Files that have no end: to read a device or a pipe that an nginx.conf includes would stall."""

from __future__ import annotations

import glob
import re
import stat
from collections.abc import Iterator
from pathlib import Path

_INCLUDE = re.compile(r"""(?<![\w$])(["']?)include\1\s+([^;{}]*);""")
"""More than nginx takes for an include, such as what stands in a comment, and never less."""
_COMMENT = re.compile(r"#[^\n]*")


class Endless(ValueError):
    """A file is no regular one; the text names it."""


def refuse_endless(name: str) -> None:
    """Look at a file and at all that it includes, before anything opens them for good.

    Raises `Endless`. What is not there, or can't be read, is left to who reads it.
    """
    folder = Path(name).parent
    known: set[str] = set()
    waiting = [name]
    while waiting:
        path = waiting.pop()
        if path in known:
            continue
        known.add(path)
        try:
            mode = Path(path).stat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise Endless(f"{path}: it is no regular file")
            text = Path(path).read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError) as error:
            if isinstance(error, Endless):
                raise
            continue
        waiting += _included(text, folder)


def _included(text: str, folder: Path) -> Iterator[str]:
    for found in _INCLUDE.finditer(text):
        for word in _COMMENT.sub("", found[2]).split():
            pattern = str(folder / word.strip("\"'"))
            # As crossplane does, for which a pattern may begin anywhere.
            yield from glob.glob(pattern) if glob.has_magic(pattern) else (pattern,)  # noqa: PTH207
