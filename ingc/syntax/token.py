"""nginx's tokens: how any text becomes exactly one, and comes back as the same text."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_TOKEN_BYTES = 4095
"""nginx's configuration buffer holds one token of at most this many bytes."""

_REMEMBERED = 1 << 12
"""So many tokens: a configuration repeats few words."""
_BARE = re.compile(r"[A-Za-z0-9_./:@%+=,~^*!?&()|\[\]<>-]+").fullmatch
_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}
_NOT_IN_SINGLE_QUOTES = re.compile(r"['\\\n\r\t]").search
_NEEDS_ESCAPE = re.compile(r'[\\"\n\r\t]')


class Unprintable(ValueError):
    """The text can't be written as one nginx token: a NUL, or longer than nginx reads."""


@lru_cache(maxsize=_REMEMBERED)
def quote(text: str) -> str:
    """Write text as exactly one nginx token; bare where that is safe, else in quotes.

    Raises `Unprintable` for a NUL, for text that is not Unicode, and for a token that is longer
    than nginx's buffer.
    """
    if len(text) <= MAX_TOKEN_BYTES and _BARE(text):
        return str(text)
    if "\0" in text:
        raise Unprintable("a NUL can't stand in an nginx configuration")
    if '"' in text and not _NOT_IN_SINGLE_QUOTES(text):
        written = f"'{text}'"
    else:
        written = '"' + _NEEDS_ESCAPE.sub(lambda m: _ESCAPES[m.group()], text) + '"'
    try:
        size = len(written.encode())
    except UnicodeEncodeError as error:
        raise Unprintable("the text holds a lone surrogate") from error
    if size > MAX_TOKEN_BYTES:
        raise Unprintable(f"a token of {size} bytes is longer than nginx reads")
    return written


_UNESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANING = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'"}


def unescape(token: str) -> str:
    """Resolve the escapes that nginx resolves in a token; other backslashes stay."""
    if "\\" not in token:
        return token
    return _UNESCAPE.sub(lambda m: _MEANING.get(m.group(1), m.group(0)), token)
