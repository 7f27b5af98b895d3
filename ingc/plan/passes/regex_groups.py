"""The regexes of a host, so grouped that nginx tries a few of them instead of all.

nginx tries regexes one after the other. Here a request that is written as its regex begins finds
a location ``^~`` of that beginning, and any other goes down a tree of regexes for the next letters.
Whatever takes a request has all regexes that may match it, in their order, and what is left then
goes where it goes without groups.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, takewhile

from ingc.plan.layout import Comment, Literal, Location, Server
from ingc.plan.passes.around import Around, all_locations
from ingc.syntax.regex.bytes import BadRegex
from ingc.syntax.regex.paths import beginning, beginnings

_FEW = 24
"""So many regexes nginx may try one after the other."""
_LEAF = 8
"""So many stand in one place of the tree."""
_MOST_OF_A_GROUP = 16
_WAYS = 4
"""Into so many parts a place of the tree is divided."""
_COPIES = 6
"""So many times as many locations may come out as go in."""
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789/_-")
_NOT_INHERITED = frozenset({"set", "return"})
"""What may stand around other locations, as these do not have it from there."""
_REGEXES = ("~", "~*")
_REST = "what none of these takes"


def group_regexes(servers: tuple[Server, ...], _around: Around) -> tuple[Server, ...]:
    """Return servers in which many regexes are grouped, where that is exact and not too large."""
    return tuple(map(_grouped, servers))


def _grouped(server: Server) -> Server:
    regexes = [item for item in server.locations if item.modifier in _REGEXES]
    plain = [item for item in server.locations if not item.modifier and item.name[:1] != "@"]
    distinct = {(item.modifier, item.name) for item in regexes}
    if len(regexes) <= _FEW or len(distinct) < len(regexes) or [p.name for p in plain] != ["/"]:
        return server
    try:
        found = _Regexes(tuple(regexes), plain[0])
        written = tuple(found.by_beginning())
    except BadRegex:
        return server
    tree = tuple(found.tree(b"", range(len(regexes))))
    others = tuple(item for item in server.locations if item.modifier not in _REGEXES)
    for made in ((*written, *tree), tree):
        if sum(1 for _ in all_locations(made)) <= _COPIES * len(regexes):
            return dataclasses.replace(server, locations=(*made, *others))
    return server


@dataclass(frozen=True)
class _Regexes:
    """The locations of regexes of one server, in their order, and what takes all else."""

    locations: tuple[Location, ...]
    rest: Location

    @cached_property
    def _begins(self) -> list[tuple[bytes, ...]]:
        """What each regex begins with, in lower case."""
        return [beginnings(item.name) for item in self.locations]

    @cached_property
    def _heads(self) -> list[bytes]:
        """What all that each regex takes begins with."""
        return list(map(_common, self._begins))

    @cached_property
    def _sorted(self) -> list[tuple[bytes, int]]:
        return sorted((text, at) for at, texts in enumerate(self._begins) for text in texts)

    @cached_property
    def _by_text(self) -> dict[bytes, list[int]]:
        found: dict[bytes, list[int]] = defaultdict(list)
        for text, at in self._sorted:
            found[text].append(at)
        return dict(found)

    def _that_may_match(self, text: bytes) -> list[int]:
        """Return the regexes that may match what begins with a lower-case text, in their order."""
        found = {at for end in range(len(text)) for at in self._by_text.get(text[:end], ())}
        for place in range(bisect_left(self._sorted, (text, -1)), len(self._sorted)):
            begun, at = self._sorted[place]
            if not begun.startswith(text):
                break
            found.add(at)
        return sorted(found)

    def by_beginning(self) -> Iterator[Location]:
        """Yield the groups of what is written as a regex begins, of each beginning one."""
        for name in dict.fromkeys(map(_name_of_group, self.locations)):
            if name is None:
                continue
            chosen = self._that_may_match(name.encode().lower())
            if len(chosen) <= _MOST_OF_A_GROUP:
                yield self._around("^~", Literal(name), list(self._at(chosen)))

    def tree(self, text: bytes, chosen: Sequence[int]) -> Iterator[Location]:
        """Yield what stands where all requests begin with a text; ``chosen`` may match one."""
        deep = [at for at in chosen if len(self._heads[at]) > len(text)]
        if len(chosen) > _LEAF and deep:
            text = _common([self._heads[at] for at in deep])
            deep = [at for at in deep if len(self._heads[at]) > len(text)]
            yield from self._guards(text, deep, chosen)
            guarded = set(deep)
            chosen = [at for at in chosen if at not in guarded]
        yield from self._at(chosen)

    def _guards(self, text: bytes, deep: list[int], chosen: Sequence[int]) -> Iterator[Location]:
        """Yield a guard for each of a few sets of letters behind a text."""
        shallow = [at for at in chosen if len(self._heads[at]) <= len(text)]
        for letters, held in _divided(deep, [self._heads[at][len(text)] for at in deep]):
            name = Literal(f"^{_written(text)}{_set_of(letters)}")
            behind = [text + bytes((letter,)) for letter in letters]
            met = [at for at in shallow if any(self._may_match(at, item) for item in behind)]
            if len(letters) == 1:
                inner = self.tree(behind[0], sorted([*met, *held]))
            elif len(held) > _LEAF:
                inner = chain(self._guards(text, held, [*met, *held]), self._at(met))
            else:
                inner = self._at(sorted([*met, *held]))
            yield self._around("~*", name, list(inner))

    def _may_match(self, at: int, text: bytes) -> bool:
        return any(item.startswith(text) or text.startswith(item) for item in self._begins[at])

    def _at(self, places: Iterable[int]) -> Iterator[Location]:
        return (self.locations[at] for at in places)

    def _around(self, modifier: str, name: Literal, inner: list[Location]) -> Location:
        """Return a location around others, that does what the rest does where none of them fits."""
        rest = self.rest
        origin = Comment(_REST)
        if all(item.name in _NOT_INHERITED for item in rest.directives):
            return Location(origin, modifier, name, rest.directives, tuple(inner))
        last = Location(rest.origin, "~", Literal("^"), rest.directives)
        return Location(origin, modifier, name, (), (*inner, last))


def _common(texts: Sequence[bytes]) -> bytes:
    """Return what all texts begin with."""
    first, last = min(texts), max(texts)
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return bytes(letter for letter, _ in pairs)


def _name_of_group(location: Location) -> str | None:
    """Return the beginning, as a regex has it, that whole elements of a path have to have."""
    below = beginning(location.name.removeprefix("^")).below
    return f"{below}/" if below else None


def _divided(held: list[int], letters: list[int]) -> Iterator[tuple[bytes, list[int]]]:
    """Yield a few sets of letters that follow one another, and what is held by each of them."""
    by_letter: dict[int, list[int]] = defaultdict(list)
    for at, letter in zip(held, letters, strict=True):
        by_letter[letter].append(at)
    if len(by_letter) <= _WAYS:
        yield from ((bytes((letter,)), by_letter[letter]) for letter in sorted(by_letter))
        return
    most, found, begun = -(-len(held) // _WAYS), bytearray(), list[int]()
    for letter in sorted(by_letter):
        if found and len(begun) + len(by_letter[letter]) > most:
            yield bytes(found), begun
            found, begun = bytearray(), []
        found.append(letter)
        begun += by_letter[letter]
    yield bytes(found), begun


def _written(text: bytes) -> str:
    return "".join(map(_letter, text))


def _letter(byte: int) -> str:
    return chr(byte) if byte in _PLAIN else f"\\x{byte:02x}"


def _set_of(letters: bytes) -> str:
    return _letter(letters[0]) if len(letters) == 1 else f"[{''.join(map(_letter, letters))}]"
