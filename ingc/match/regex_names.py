"""Server names that are regexes, in order: of many, only those that may match are searched.

A regex with a literal beginning or end, ``^b[0-9]+[.]example[.]com$``, is found by that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ingc.ir import Host
from ingc.syntax.regex.bytes import both_cases
from ingc.syntax.regex.reader import read_tree
from ingc.syntax.regex.reading import Pattern, read_pattern
from ingc.syntax.regex.tree import Assertion, Bytes, Node, Sequence

_LOOKUPS = 8
"""So many are as much as a search."""


class RegexName(NamedTuple):
    """A name that is a regex."""

    place: int
    """Of its host, among the servers."""
    number: int
    """Among the regexes."""
    pattern: Pattern
    host: Host


_Ends = tuple[bytes, bytes]
"""What each name that a regex takes begins with, and what it ends with."""


@dataclass(slots=True)
class RegexNames:
    """The regexes among the names of hosts, in nginx's order."""

    _count: int = 0
    _by_ends: dict[_Ends, list[RegexName]] = field(default_factory=dict)
    _lengths: set[tuple[int, int]] = field(default_factory=set)
    """Of the ends that there are."""

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, name: str, place: int, host: Host) -> None:
        """Add the regex of a name, without its ``~``."""
        # nginx makes a name caseless where it is written with a capital.
        caseless = any("A" <= char <= "Z" for char in name)
        regex = RegexName(place, self._count, read_pattern(name, caseless=caseless), host)
        self._count += 1
        ends = literal_ends(name)
        self._lengths.add((len(ends[0]), len(ends[1])))
        self._by_ends.setdefault(ends, []).append(regex)

    def candidates(self, name: bytes) -> list[RegexName]:
        """Return the regexes that may match a lower-case name, in order."""
        found: list[RegexName] = []
        size = len(name)
        for first, last in self._lengths:
            if max(first, last) <= size:
                found += self._by_ends.get((name[:first], name[size - last :]), ())
        return sorted(found, key=lambda regex: regex.number)

    def effort(self, name: bytes) -> int:
        """Return how much it is to search for a name; 1 is a search in a regex."""
        return len(self.candidates(name)) + len(self._lengths) // _LOOKUPS


def literal_ends(pattern: str) -> _Ends:
    """Return what every name that a regex takes begins with, and ends with, in lower case."""
    tree = read_tree(pattern)
    root = tree.root
    items = root.items if isinstance(root, Sequence) else (root,)
    # An option before it could give ^ or $ another meaning.
    first, last = items[0] if items else None, items[-1] if items else None
    beginning = end = b""
    if isinstance(first, Assertion) and tree.text[:1] == b"^" and first.span.end == 1:
        beginning = _literal(items[1:])
    if isinstance(last, Assertion) and tree.text[last.span.start :] == b"$":
        end = b"" if b"(?" in tree.text else _literal(items[-2::-1])[::-1]
    return beginning, end


def _literal(items: tuple[Node, ...]) -> bytes:
    found = bytearray()
    for item in items:
        byte = _byte(item)
        if byte is None:
            break
        found.append(byte)
    return bytes(found)


def _byte(item: Node) -> int | None:
    """Return the one byte that an item takes, in lower case; ``None``: it takes others too."""
    if not isinstance(item, Bytes):
        return None
    byte = item.bits.bit_length() - 1
    return byte if byte >= 0 and item.bits == both_cases(1 << byte) else None
