"""Which cookie a text holds: nginx's variable of it, or what a map finds by a regex."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingc.model.values import VariableBlock

_COOKIE, _COOKIES = "$cookie_", "$http_cookie"
_NAMED_COOKIE = re.compile(r"~\(\?:\^\|; \*\)(.+)=\(\?<ingc_cookie>\[\^;\]\*\)").fullmatch
_OF_A_VARIABLE = re.compile(r"\w+", re.ASCII).fullmatch


def cookie_of(text: str, blocks: Mapping[str, VariableBlock]) -> str:
    """Return the name of the cookie whose value a text is; "": of none."""
    if text.startswith(_COOKIE):
        return text.removeprefix(_COOKIE)
    block = blocks.get(text[1:]) if text.startswith("$") else None
    if block is None or block.source != _COOKIES:
        return ""
    entries = dict(block.entries)
    found = _NAMED_COOKIE(next(iter(entries), ""))
    if found is None or list(entries.values()) != ["$ingc_cookie", ""]:
        return ""
    return found[1].replace("[.]", ".")


def seen_cookie(name: str) -> str:
    """Return a cookie's name as `cookie_of` reads it: in a variable's name it has no case."""
    return name.lower() if _OF_A_VARIABLE(name) else name
