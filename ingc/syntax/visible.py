"""Texts of others in our output: nothing in them may move a terminal, or turn a line around."""

from __future__ import annotations

import re
from typing import Any

_UNSEEN = re.compile(r"[^\x20-\x7e\n]")


def visible(text: str) -> str:
    """Escape what would not print as itself: controls (C0, C1), odd spaces, marks of direction."""
    return "".join(char if char.isprintable() else escaped(char) for char in text)


def escaped(char: str) -> str:
    r"""Return a character as Python escapes it: ``\x9b``, ``\u202e``."""
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def as_json(value: Any, indent: int | None = None) -> str:
    r"""Return JSON (RFC 8259) with letters as they are; what `visible` escapes is ``\u…``.

    A text reads back as it was; half of a surrogate pair too, which JSON can only escape.
    """
    import json

    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: _in_json(found.group()), text)


def _in_json(char: str) -> str:
    import json

    return char if char.isprintable() else json.dumps(char)[1:-1]
