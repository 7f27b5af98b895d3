"""``location`` blocks of server-snippets: their names."""

from __future__ import annotations

import re

from ingc.frontend.snippets.parsed import ReadDirective
from ingc.frontend.snippets.values import RefusedDirective, read_regex

MODIFIERS = ("", "=", "^~", "~", "~*")
_PATH = re.compile(r"/[A-Za-z0-9._~!&'()*+,;:@=/-]*").fullmatch


def read_name(item: ReadDirective) -> tuple[str, str]:
    """Return the modifier and the name of a location. Raises `Refused`."""
    words = item.args
    if item.block is None or not 1 <= len(words) <= 2:
        raise RefusedDirective("location takes a path and a block", "write location /path { … }")
    modifier, name = (words[0].text, words[1]) if len(words) == 2 else ("", words[0])
    if modifier not in MODIFIERS or (modifier and words[0].quoted):
        raise RefusedDirective(f'"{modifier}" is no modifier of location', "", words[0].place)
    if name.text.startswith("@"):
        why = "a location with a name is none that a request is sent to"
        raise RefusedDirective(why, "write what it does where it is named", name.place)
    if modifier in ("~", "~*"):
        return modifier, read_regex(name)
    if not _PATH(name.text) or "//" in name.text or re.search(r"/\.{1,2}(/|$)", name.text):
        raise RefusedDirective(
            "it is no path as nginx compares them", "write a path such as /a", name.place
        )
    return modifier, name.text
