"""The only door to PCRE2: what it compiles, and how long a search may take.

Just-in-time code is left out. nginx's default is ``pcre_jit off``, the stack of such code is small
and an error of its own, and machines differ in whether they have it.

A search is bounded in steps and in memory. Who explains one request gets what nginx gives:
its 10 million steps. Inside `patience`, which a compile and a comparison of two versions open,
a search has few steps, so that the regexes of an author cost time in proportion to their length.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from ingc.syntax.regex.bytes import BadRegex

NGINX_STEPS = 10_000_000
"""PCRE2's own default, which nginx leaves as it is."""
QUICK_STEPS = 1000
LONG_STEPS = 100_000
LONG_SEARCHES = 16
"""So many searches of a pattern get `LONG_STEPS`; together they take about 30 ms."""
_HEAP = 64 << 10
"""KiB for the ways back of a search; enough for a URI as long as nginx reads."""


class TooManySteps(ValueError):
    """A search takes more steps than it has, or another fault ends it; nginx answers 500."""


class RegexMatch(Protocol):
    """Where a pattern matched."""

    def groups(self) -> tuple[bytes | None, ...]:
        """Return the groups' text; None for a group that took no part."""


class _Compiled(Protocol):
    @property
    def groups(self) -> int: ...

    @property
    def groupindex(self) -> dict[str, int]: ...

    def search(self, subject: bytes, /) -> RegexMatch | None: ...


class Pattern:
    """A compiled pattern over bytes."""

    __slots__ = ("_by_steps", "_caseless", "_text")

    def __init__(self, text: bytes, *, caseless: bool, shift: int = 0) -> None:
        """Compile a pattern; ``shift`` bytes of it are ours. Raises `BadRegex`."""
        self._text = text
        self._caseless = caseless
        self._by_steps = {QUICK_STEPS: _compile(text, caseless, QUICK_STEPS, shift)}

    @property
    def groups(self) -> int:
        """How many groups capture."""
        return self._by_steps[QUICK_STEPS].groups

    @property
    def groupindex(self) -> dict[str, int]:
        """The number of each named group."""
        return self._by_steps[QUICK_STEPS].groupindex

    def search(self, subject: bytes) -> RegexMatch | None:
        """Return a match anywhere in the subject, or ``None``.

        Raises `TooManySteps`.
        """
        patience = _patience.get()
        if patience is None:
            return self.within(NGINX_STEPS, subject)
        try:
            return self.within(QUICK_STEPS, subject)
        except TooManySteps:
            return patience.search((self._text, self._caseless), self, subject)

    def within(self, steps: int, subject: bytes) -> RegexMatch | None:
        """Search with a number of steps. Raises `TooManySteps`."""
        import pcre2

        compiled = self._by_steps.get(steps)
        if compiled is None:
            compiled = self._by_steps[steps] = _compile(self._text, self._caseless, steps, 0)
        try:
            return compiled.search(subject)
        except (pcre2.LibraryError, ValueError, RuntimeError, MemoryError) as error:
            # The library's own errors, and those of putting them into words.
            raise TooManySteps from error


def _compile(text: bytes, caseless: bool, steps: int, shift: int) -> _Compiled:
    import pcre2

    # The lowest of a pattern's limits and the library's counts; users' patterns have no verbs.
    limits = b"(*LIMIT_MATCH=%d)(*LIMIT_HEAP=%d)" % (steps, _HEAP)
    flags = pcre2.IGNORECASE if caseless else pcre2.NOFLAG
    try:
        compiled: _Compiled = pcre2.compile(limits + text, flags, jit=False)
    except pcre2.PatternError as error:
        why = str(error).partition("; ")[2] or str(error)
        raise BadRegex(why, max(0, error.pos - len(limits) - shift)) from error
    except (pcre2.LibraryError, ValueError, RuntimeError, MemoryError) as error:
        raise BadRegex(f"PCRE2 can not compile it: {error}", 0) from error
    return compiled


_Key = tuple[bytes, bool]


@dataclass(slots=True)
class Patience:
    """What the searches have cost that were not quick.

    The same search has the same answer throughout, as two sides may run it.
    """

    _left: dict[_Key, int] = field(default_factory=dict)
    _answers: dict[tuple[_Key, bytes], RegexMatch | None] = field(default_factory=dict)
    _endless: set[tuple[_Key, bytes]] = field(default_factory=set)
    given_up: int = 0
    """How many searches had no answer."""

    def search(self, key: _Key, pattern: Pattern, subject: bytes) -> RegexMatch | None:
        """Search for longer, unless the pattern has had its share. Raises `TooManySteps`."""
        searched = key, subject
        if searched in self._answers:
            return self._answers[searched]
        left = self._left.get(key, LONG_SEARCHES)
        if searched in self._endless or not left:
            self.given_up += 1
            raise TooManySteps
        self._left[key] = left - 1
        try:
            found = self._answers[searched] = pattern.within(LONG_STEPS, subject)
        except TooManySteps:
            self._endless.add(searched)
            self.given_up += 1
            raise
        return found


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextmanager
def patience() -> Iterator[Patience]:
    """Bound what all searches together cost while the context is open; one inside counts on."""
    outer = _patience.get()
    if outer is not None:
        yield outer
        return
    mine = Patience()
    token = _patience.set(mine)
    try:
        yield mine
    finally:
        _patience.reset(token)


def given_up() -> int:
    """Return how many searches of the open `patience` had no answer; 0 outside of one."""
    mine = _patience.get()
    return mine.given_up if mine is not None else 0
