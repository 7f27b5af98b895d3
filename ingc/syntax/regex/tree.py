"""The tree of a PCRE pattern: what it repeats, chooses between and looks at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PatternSpan:
    """Where something stands in the pattern, in bytes."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bytes:
    """One byte of a set; bit n of ``bits`` stands for byte n."""

    bits: int
    span: PatternSpan


@dataclass(frozen=True, slots=True)
class Assertion:
    """Takes no byte. ``look`` is what a lookaround looks for."""

    span: PatternSpan
    look: Node | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Branches:
    """One of the branches."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``body`` from ``least`` to ``most`` times (None: any number)."""

    body: Node
    least: int
    most: int | None
    span: PatternSpan


@dataclass(frozen=True, slots=True)
class Atomic:
    """Once matched, never tried another way: ``(?>…)``, ``a++``."""

    body: Node


Node = Bytes | Assertion | Sequence | Branches | Repeat | Atomic


@dataclass(frozen=True, slots=True)
class Tree:
    """A pattern that was read. ``spelt`` is the same with each ``\\x…`` as two digits."""

    root: Node
    text: bytes
    spelt: bytes
    groups: tuple[PatternSpan, ...]
    """Where the groups stand, parentheses included."""
    compared: tuple[PatternSpan, ...] = ()
    """The back-references to groups that may take any number of bytes."""


_FEW_ROUNDS = 100


def is_bounded(node: Node) -> bool:
    """Return whether the node takes a few hundred bytes at most."""
    match node:
        case Bytes() | Assertion():
            return True
        case Atomic(body):
            return is_bounded(body)
        case Repeat(body, _, most):
            return most is not None and most <= _FEW_ROUNDS and is_bounded(body)
        case Sequence(parts) | Branches(parts):
            return all(map(is_bounded, parts))


def width(node: Node) -> int | None:
    """Return how many bytes the node takes, or None where that is not always the same."""
    match node:
        case Bytes():
            return 1
        case Assertion():
            return 0
        case Atomic(body):
            return width(body)
        case Repeat(body, least, most):
            each = width(body)
            return each * least if each is not None and least == most else None
        case Sequence(items):
            return _sum([width(item) for item in items])
        case Branches(branches):
            widths = {width(branch) for branch in branches}
            return widths.pop() if len(widths) == 1 else None


def _sum(widths: list[int | None]) -> int | None:
    known = [each for each in widths if each is not None]
    return sum(known) if len(known) == len(widths) else None
