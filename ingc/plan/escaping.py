"""``$request_uri`` percent-encoded, so that it can be the value of a query parameter.

nginx has no function for that. A map replaces a fixed number of a character, so maps stand in a
row, each for half as many as the one before: of up to 31 ``%`` every one is replaced, of the
others up to 7, 3 or 1. A request with more of them keeps its path, one whose path alone has more
becomes ``/``.

Replaced is what would end the value or be decoded in it. ``/``, ``?``, ``:``, ``@``, ``=`` may
stand in a query as they are (RFC 3986, 3.4), and nginx takes no request line with a space.

Each map refers to its own named groups alone and to no other map beside them.
"""

from __future__ import annotations

from ingc.plan.asking import ASKED_HOST, ASKED_HOST_MAP
from ingc.plan.layout import Literal, Map, Value
from ingc.syntax.text import Text, Variable

ESCAPED_URI = Variable("ingc_escaped_uri")
SITE = Variable("ingc_asked_site")
"""Scheme and host; empty where the host has characters that would have to be encoded."""

_MOST = (("%", 16), ("&", 4), ("+", 4), ("#", 1), (";", 2))
"""In this order: what a later step writes holds none of the characters of an earlier one."""
_SENT = Variable("request_uri")
_SHORTENED = Variable("ingc_uri_shortened")
_PATH, _HEAD, _TAIL = (Variable(f"ingc_uri_{name}") for name in ("path", "head", "tail"))


def _class(char: str) -> str:
    return f"[^{char} ]*" if char == "%" else f"[^{char}]*"


def _too_many() -> str:
    counted = (f"(?:{_class(char)}[{char}]){{{2 * first}}}" for char, first in _MOST)
    return f"~^(?={'|'.join(counted)})(?<{_PATH.name}>[^?#]*)"


def _step(source: Value, char: str, count: int, *, split: bool) -> Map:
    """Replace the next ``count`` of a character, where there are so many.

    ``split``: what is done stands before a space, because it holds the character again.
    """
    parts = [Variable(f"ingc_uri_{number}") for number in range(count)]
    code = f"%{ord(char):02X}"
    pattern = "".join(f"(?<{part.name}>{_class(char)})[{char}]" for part in parts)
    new = tuple(piece for part in parts for piece in (part, code))
    tail = f"(?<{_TAIL.name}>.*)"
    if split:
        pattern = f"~^(?<{_HEAD.name}>[^ ]*) {pattern}{tail}\\z"
        value = Text((_HEAD, *new, " ", _TAIL))
    else:
        pattern = f"~^{pattern}{tail}\\z"
        value = Text((*new, _TAIL))
    result = Variable(f"ingc_uri_{ord(char):02x}_{count}")
    return Map(source, result, ((Literal(pattern), value), ("default", source)))


def _maps() -> tuple[Map, ...]:
    made = [
        ASKED_HOST_MAP,
        Map(
            ASKED_HOST,
            SITE,
            (
                (
                    Literal(r"~*^[a-z0-9._:\[\]-]+\z"),
                    Text((Variable("scheme"), "://", ASKED_HOST)),
                ),
                ("default", ""),
            ),
        ),
        Map(_SENT, _SHORTENED, ((Literal(_too_many()), _PATH), ("default", _SENT))),
    ]
    source: Value = Text((" ", _SHORTENED))
    for char, first in _MOST:
        count = first
        while count:
            made.append(_step(source, char, count, split=char == "%"))
            source = made[-1].variable
            count //= 2
        if char == "%":
            pattern = f"~^(?<{_HEAD.name}>[^ ]*) (?<{_TAIL.name}>[^%]*)\\z"
            whole = Variable("ingc_uri_whole")
            made.append(
                Map(source, whole, ((Literal(pattern), Text((_HEAD, _TAIL))), ("default", "")))
            )
            source = whole
    rest = "".join(char for char, _ in _MOST if char != "%")
    made.append(Map(source, ESCAPED_URI, ((Literal(rf"~^[^{rest}]+\z"), source), ("default", "/"))))
    return tuple(made)


MAPS = _maps()
"""What defines `ESCAPED_URI` and `SITE`."""
