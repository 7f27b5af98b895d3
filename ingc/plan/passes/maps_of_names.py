"""Names of routes where one location stands for several of them.

What all names have in common stands in the location, and a map gives the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from ingc.plan.layout import Map, Value
from ingc.plan.pieces import map_of
from ingc.syntax.text import Text, Variable

Word = str | Variable
_WORDS = re.compile(r"[^ .]+|[ .]")


@dataclass(slots=True)
class MapsOfNames:
    """Writes names by maps, and keeps the maps, each once."""

    maps: dict[Map, None] = field(default_factory=dict)

    def written(
        self, source: Variable, keys: Sequence[Value], columns: Sequence[Sequence[Value]]
    ) -> list[Value]:
        """Return a value for each column of names, which is its name for each key of the source.

        Keys may be names of hosts with wildcards.
        """
        flags = ("hostnames",) if any(str(key).startswith("*.") for key in keys) else ()
        found: list[Value] = []
        for names in columns:
            before, middles, after = _factored(names)
            if any(middles):
                entries = tuple(zip(keys, map(_joined, middles), strict=True))
                variable, made = map_of("names", source, *entries, flags=flags)
                self.maps[made] = None
                before = (*before, variable)
            found.append(_joined((*before, *after)))
        return found


def _factored(
    names: Sequence[Value],
) -> tuple[tuple[Word, ...], list[tuple[Word, ...]], tuple[Word, ...]]:
    """Return what names begin with, what they have between, and what they end with."""
    read = [_words(name) for name in names]
    first = read[0]
    least = min(map(len, read))
    begin = _alike(read, range(least))
    rest = _alike(read, range(-1, begin - least - 1, -1))
    middles = [words[begin : len(words) - rest] for words in read]
    return first[:begin], middles, first[len(first) - rest :]


def _alike(read: Sequence[tuple[Word, ...]], places: Sequence[int]) -> int:
    """Return in how many places, one after the other, all have the same word."""
    first = read[0]
    same = takewhile(lambda at: all(words[at] == first[at] for words in read), places)
    return sum(1 for _ in same)


def _words(name: Value) -> tuple[Word, ...]:
    parts = name.parts if isinstance(name, Text) else (name,)
    found: list[Word] = []
    for part in parts:
        found += [part] if isinstance(part, Variable) else _WORDS.findall(str(part))
    return tuple(found)


def _joined(words: Iterable[Word]) -> Value:
    parts: list[Word] = []
    for word in words:
        if parts and isinstance(word, str) and isinstance(parts[-1], str):
            parts[-1] += word
        else:
            parts.append(word)
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 else Text(tuple(parts))
