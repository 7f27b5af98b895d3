r"""Regexes in groups: locations around others that a request meets before any regex is tried.

nginx tries the regexes of a group alone. That is the same as trying all regexes of the server where
a group holds, in their order, each one that may match what the group takes, and ends with what
takes the rest. Both are judged by the text alone: a group takes what begins with a literal, and no
regex matches that but one whose own beginning goes on from the literal, or is a part of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

from ingc.model.locations import Level
from ingc.model.tree import Content, Statement
from ingc.prove.flat import NotFlat
from ingc.syntax.regex.paths import beginnings
from ingc.syntax.regex.reading import Pattern

_ONE = r"(?:[a-z0-9/_-]|\\x[0-9a-f]{2})"
_GUARD = re.compile(rf"\^({_ONE}*)(?:\[({_ONE}+)\])?").fullmatch
_LETTER = re.compile(r"\\x([0-9a-f]{2})|(.)")
_REST = ("~", "^")
_ANSWERS = frozenset({"set", "return"})
"""Directives that hold for a location alone, and not for those in it."""
Key = tuple[str, ...]
"""The arguments of a location."""


def flattened(level: Level, order: Sequence[Key]) -> Level:
    """Return a level without groups that takes every path as the given one does.

    ``order`` are the arguments of the regexes, as nginx would try them one after the other. Raises
    `NotFlat`, and `BadRegex`.
    """
    return _Flattening(level, order).flat() if level.nested else level


class _Flattening:
    """Reads the groups of one level."""

    def __init__(self, level: Level, order: Sequence[Key]) -> None:
        self._level = level
        self._places = {key: at for at, key in enumerate(order)}
        if len(self._places) < len(order):
            raise NotFlat("two regexes are the same")
        begun = ((text, at) for at, (_, name) in enumerate(order) for text in beginnings(name))
        self._sorted = sorted(begun)
        """What each regex may begin with."""
        self._by_text: dict[bytes, list[int]] = defaultdict(list)
        for text, at in self._sorted:
            self._by_text[text].append(at)
        self._found: dict[int, tuple[Pattern, Statement]] = {}
        """The regexes that were met, by their places."""
        self._rest: tuple[Content, ...] = ()
        """What takes all that no regex takes."""

    def flat(self) -> Level:
        level = self._level
        rest = level.prefix.get(b"/")
        if rest is None or id(rest) in level.nested:
            raise NotFlat("no location / takes the rest")
        self._rest = _own(rest)
        for name, location in level.prefix.items():
            if location is rest:
                continue
            inner = level.nested.get(id(location))
            if inner is None or name not in level.no_regex:
                raise NotFlat(f"{_said(location)} hides regexes")
            self._check_group(location, inner, [name.lower()])
        others = (*level.exact.values(), *level.named.values())
        if any(id(item) in level.nested for item in others):
            raise NotFlat("locations stand where none can be reached")
        self._check_regexes(level, level.regexes, [b""])
        regexes = [found for _, found in sorted(self._found.items())]
        return Level(level.exact, {b"/": rest}, regexes, named=level.named, lengths=(1,))

    def _check_group(self, group: Statement, inner: Level, literals: list[bytes]) -> None:
        """Check a location around others, which takes what begins with one of some literals."""
        if inner.exact or inner.prefix or inner.named:
            raise NotFlat(f"{_said(group)} holds others than regexes")
        own, regexes = _own(group), inner.regexes
        if not own and self._rest:
            last = regexes[-1][1] if regexes else group
            regexes = regexes[:-1]
            if last.args != _REST or _own(last) != self._rest:
                raise NotFlat(f"{_said(group)} does not end with what takes the rest")
        elif own != self._rest or any(item[0] not in _ANSWERS for item in own):
            raise NotFlat(f"{_said(group)} does something else than what takes the rest")
        self._check_regexes(inner, regexes, literals)

    def _check_regexes(
        self, level: Level, regexes: Sequence[tuple[Pattern, Statement]], literals: list[bytes]
    ) -> None:
        """Check regexes where all paths begin with one of some literals, in any letter case."""
        guarded: list[bytes] = []
        plain: list[int] = []
        for pattern, location in regexes:
            inner = level.nested.get(id(location))
            if inner is None:
                plain.append(self._place(pattern, location))
                continue
            if plain:
                raise NotFlat(f"{_said(location)} stands behind a regex")
            held = _literals(location)
            self._check_group(location, inner, held)
            guarded += held
        if plain != sorted(set(plain)):
            raise NotFlat("regexes stand in another order in a group")
        covered, here = tuple(guarded), set(plain)
        for text, at in (item for literal in literals for item in self._that_may_match(literal)):
            if at not in here and not text.startswith(covered):
                raise NotFlat(f"{' '.join(list(self._places)[at])} is missing in a group")

    def _place(self, pattern: Pattern, location: Statement) -> int:
        at = self._places.get(location.args)
        if at is None:
            raise NotFlat(f"nobody asks for {_said(location)}")
        _, known = self._found.setdefault(at, (pattern, location))
        if known.content != location.content:
            raise NotFlat(f"{_said(location)} is not the same in each group")
        return at

    def _that_may_match(self, literal: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield the regexes that may match what begins with a lower-case literal: how, and which.

        Those that begin with a part of it, then those that go on from it.
        """
        for text in (literal[:end] for end in range(len(literal))):
            yield from ((text, at) for at in self._by_text.get(text, ()))
        for place in range(bisect_left(self._sorted, (literal, -1)), len(self._sorted)):
            text, at = self._sorted[place]
            if not text.startswith(literal):
                return
            yield text, at


def _own(location: Statement) -> tuple[Content, ...]:
    return tuple([item.content for item in location.block or () if item.name != "location"])


def _said(location: Statement) -> str:
    return "the location " + " ".join(location.args)


def _literals(guard: Statement) -> list[bytes]:
    """Return the texts of which one begins all that a caseless regex takes, and no other."""
    found = _GUARD(guard.args[1]) if guard.args[0] == "~*" else None
    if found is None:
        raise NotFlat(f"{_said(guard)} takes more than what begins with a text")
    text, letters = (_bytes(part) for part in found.groups(default=""))
    return [text + bytes((letter,)) for letter in letters] or [text]


def _bytes(written: str) -> bytes:
    pairs = _LETTER.findall(written)
    return bytes(int(code, 16) if code else ord(letter) for code, letter in pairs)
