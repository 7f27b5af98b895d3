"""Texts of others in our output: nothing in them may move a terminal, or turn a line around.

Nor may a log be taken for a command: GitHub's runner, Azure's agent and TeamCity heed ``##[…]``,
``##vso[…]`` and ``##teamcity[…]`` wherever it stands in a line. ``##`` is printed of no text.
"""

from __future__ import annotations

import re
from typing import Any

_UNSEEN = re.compile(r"[^\x20-\x7e\n]|(?<=#)#")
_COMMAND = re.compile("(?<=#)#")


def visible(text: str) -> str:
    """Escape what would not print as itself: controls (C0, C1), odd spaces, marks of direction.

    And the second character of ``##``.
    """
    shown = "".join(char if char.isprintable() else escaped(char) for char in text)
    return _COMMAND.sub(lambda found: escaped(found.group()), shown) if "##" in shown else shown


def escaped(char: str) -> str:
    r"""Return a character as Python escapes it: ``\x9b``, ``\u202e``, ``\x23``."""
    if char == "#":
        return "\\x23"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def as_json(value: Any, indent: int | None = None, *, ascii_only: bool = False) -> str:
    r"""Return JSON (RFC 8259) with letters as they are; what `visible` escapes is ``\u…``.

    ``ascii_only`` escapes all that is not ASCII. A text reads back as it was; half of a surrogate
    pair too, which JSON can only escape.
    """
    import json

    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    return _UNSEEN.sub(lambda found: _in_json(found.group()), text)


def _in_json(char: str) -> str:
    import json

    if char == "#":
        return "\\u0023"
    return char if char.isprintable() else json.dumps(char)[1:-1]
