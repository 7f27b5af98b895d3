"""Regular expressions on PCRE2, the engine that nginx uses.

Every pattern from a user goes through here. What is refused beyond PCRE2's own errors:

- what some nginx reads in another way than others, as they are built on PCRE 8, on PCRE2 before
  10.43 or after it: calls of groups (``(?R)``, ``(?1)``), ``a{,2}``, lookbehind without a fixed
  length, ``\\p{L}``, ``(?^)``, …
- verbs: ``(*UTF)`` makes nginx answer 500 to a URI that is not UTF-8, ``(*LIMIT_MATCH=1)`` one to
  any request, ``(*COMMIT)`` and its like change which text is taken.
- callouts ``(?C1)``, which do nothing in nginx, and ``(?J)``, under which two groups set one
  variable.

``\\K`` is allowed: it changes where a match begins, which neither a location nor a rewrite uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ingc.syntax.pcre import Pattern, RegexMatch, TooManySteps
from ingc.syntax.regex.bytes import BadRegex, Malformed
from ingc.syntax.regex.cost import bulky_span, slow_span
from ingc.syntax.regex.reader import read_tree
from ingc.syntax.regex.tree import PatternSpan, Tree

__all__ = [
    "BadRegex",
    "Captures",
    "Pattern",
    "RegexMatch",
    "captures",
    "compile_path",
    "read_pattern",
]
__all__ += ["TooManySteps", "bulky_part", "compares", "slow_part"]


_LITERAL = re.compile(r"[A-Za-z0-9/_-]*").fullmatch
_REMEMBERED = 1 << 14
_JUST_READ = 4
"""A pattern is compiled, counted and judged one after the other, of one tree. Trees are large."""
_MOST_GROUPS = 99
"""A target knows nine. Each step back in a match holds all of them, so thousands would cost nginx
a second and gigabytes for one request."""


@dataclass(frozen=True, slots=True)
class Captures:
    """The groups of a pattern that capture."""

    count: int
    names: tuple[str, ...]
    """In the order of their groups. nginx makes a variable of each, in lower case."""


def read_pattern(text: str, *, caseless: bool = False) -> Pattern:
    """Compile a regex as nginx does in ``~`` (caseless: ``~*``): over bytes, without UTF mode.

    Raises `BadRegex`.
    """
    return _compile(_tree(text), caseless=caseless)


@lru_cache(maxsize=_REMEMBERED)
def compile_path(pattern: str) -> Pattern:
    """Compile a path regex as nginx does for ``location ~* "^…"``: over bytes, caseless.

    ``pattern`` is written without the leading ``^``, which is put before its text and nothing
    else: after a ``|`` the pattern is unanchored, as in ingress-nginx. Raises `BadRegex`.
    """
    return _compile(_tree(pattern), caseless=True, before=b"^")


@lru_cache(maxsize=_REMEMBERED)
def captures(pattern: str) -> Captures:
    """Return what a pattern captures. Raises `BadRegex`."""
    if _LITERAL(pattern):
        return Captures(0, ())
    compiled = read_pattern(pattern)
    names = sorted(compiled.groupindex, key=lambda name: compiled.groupindex[name])
    return Captures(compiled.groups, tuple(names))


@lru_cache(maxsize=_REMEMBERED)
def slow_part(pattern: str) -> str | None:
    """Return the part of a pattern that can take exponential or high polynomial time, or None.

    It can where the same text is matched in many ways, which PCRE tries one by one before it
    gives up: ``(a+)+``, ``(.*)*``, ``(a|a)+``, or three repeats in a row that take each other's
    text and something behind them that may fail. Two count as three where what a group took is
    compared again, as a back-reference does. nginx ends such a match after 10 million steps with a
    500, and answers nobody else in the meantime. Cubic time counts as high; the square, as in
    ``/(.*)/x/(.*)/y``, does not. Raises `BadRegex`.
    """
    if _LITERAL(pattern):
        return None
    return _part(pattern, slow_span)


def compares(pattern: str) -> bool:
    """Return whether a pattern has a back-reference that may compare many bytes.

    Raises `BadRegex`.
    """
    return bool(_tree(pattern).compared)


@lru_cache(maxsize=_REMEMBERED)
def bulky_part(pattern: str) -> str | None:
    """Return the part of a pattern that repeats a group by a count of more than 1,000, or None.

    Raises `BadRegex`.
    """
    return None if _LITERAL(pattern) else _part(pattern, bulky_span)


def _part(pattern: str, find: Callable[[Tree], PatternSpan | None]) -> str | None:
    tree = _tree(pattern)
    span = find(tree)
    return None if span is None else tree.text[span.start : span.end].decode(errors="replace")


@lru_cache(maxsize=_JUST_READ)
def _tree(text: str) -> Tree:
    try:
        return read_tree(text)
    except Malformed as error:
        Pattern(text.encode(), caseless=False)
        raise BadRegex(error.why, error.position) from error


def _compile(tree: Tree, *, caseless: bool, before: bytes = b"") -> Pattern:
    pattern = Pattern(before + tree.spelt, caseless=caseless, shift=len(before))
    if pattern.groups > _MOST_GROUPS:
        why = f"{pattern.groups} groups capture, and {_MOST_GROUPS} are the most: write (?:…)"
        raise BadRegex(why, 0)
    return pattern
