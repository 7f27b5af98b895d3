"""The path and query of a request, percent-encoded, by maps: stock nginx has nothing else for it.

A map's regex takes the next few characters off what is left of the URI, and puts the rest back
into the variable that it searches. The map is volatile, so a text that names it later gets the
next ones. Maps of maps name it as often as the longest URI needs; one that finds nothing left is
empty at once.

nginx works a text out twice, first for its length. So no text here names what another part of it
changes: a text of captures names codes alone, which no regex finds, and a text of maps no captures.
"""

from __future__ import annotations

from functools import cache

from ingc.ir import Settings
from ingc.ir.features.external_auth import LONGEST_URI
from ingc.plan.layout import Literal, Map, Value
from ingc.syntax.request import longest_uri
from ingc.syntax.text import Text, Variable

ESCAPED_URI = Variable("ingc_escaped_uri")
"""The path and query of the request as the client sent them, percent-encoded."""

_ENCODED = "%&+#;"
"""What would end a parameter of a query, or mean something else in it."""

_AT_ONCE = 8
"""Characters that one regex encodes."""

_PART = 512
"""Bytes that are worked on at a time: each regex copies what it leaves."""

_TIMES = 4
"""How many maps of one kind the next kind names."""

_Entry = tuple[Value, Value]
_NOTHING: _Entry = ("default", "")
"""Of an empty text too: nginx tries no regex on it."""

_REST, _PART_LEFT = Variable("ingc_uri_rest"), Variable("ingc_uri_part")


def most_bytes(settings: Settings) -> int:
    """Return the bytes of the longest URI that has to be encoded."""
    if settings.fragment:
        return LONGEST_URI  # who writes the rest of http decides about its buffers
    return min(LONGEST_URI, longest_uri(settings.tunings))


@cache
def escaping_maps(most: int) -> tuple[Map, ...]:
    """Return the maps that define `ESCAPED_URI` for URIs of up to ``most`` bytes."""
    codes, few = _next_few()
    of_part, part = _repeated(_PART_LEFT, (few, _NOTHING), _AT_ONCE, _PART)
    next_part = Literal(f"~^(?<{_PART_LEFT.name}>.{{1,{_PART}}})(?<{_REST.name}>.*)")
    of_uri, uri = _repeated(_REST, ((next_part, part), _NOTHING), _PART, most)
    whole = Literal(f"~^(?<{_REST.name}>.{{1,{most}}})\\z")
    last = Map(Variable("request_uri"), ESCAPED_URI, ((whole, uri), ("default", "/")))
    return (*codes, *of_part, *of_uri, last)


def _next_few() -> tuple[list[Map], _Entry]:
    """Return the maps from characters to codes, and the entry that encodes the next of a part."""
    codes, pattern, encoded = [], "~^", Text(())
    for number in range(_AT_ONCE):
        text, char, code = (
            Variable(f"ingc_uri_{kind}{number}") for kind in ("text", "char", "code")
        )
        pattern += f"(?<{text.name}>[^{_ENCODED}]*)(?<{char.name}>[{_ENCODED}]?)"
        encoded = Text((*encoded.parts, text, code))
        entries = ((Literal(item), f"%{ord(item):02X}") for item in _ENCODED)
        codes.append(_volatile(char, code, *entries, _NOTHING))
    return codes, (Literal(f"{pattern}(?<{_PART_LEFT.name}>.*)"), encoded)


def _repeated(
    left: Variable, entries: tuple[_Entry, ...], size: int, most: int
) -> tuple[list[Map], Text]:
    """Return maps that repeat the entries of one, and a text that takes ``most`` bytes off.

    ``size``: the bytes that the entries take off at least, where so many are left.
    """
    made: list[Map] = []
    while True:
        number = min(_TIMES, -(-most // size))
        variables = [Variable(f"ingc_uri_{size}_{index}") for index in range(number)]
        made += [_volatile(left, variable, *entries) for variable in variables]
        text = Text(tuple(variables))
        size *= _TIMES
        if size >= most:
            return made, text
        entries = (("", ""), ("default", text))


def _volatile(source: Value, variable: Variable, *entries: _Entry) -> Map:
    return Map(source, variable, entries, flags=("volatile",))
