"""Find patterns without loops that PCRE may match in very many ways: ``(a?)(a?)…`` thirty times.

The choices of a pattern multiply while the same text can be handed from one to the next. A byte
that has to come between, and that none of the choices before it can take, ends the row: where it
stands is where they end. So the ways are a bound, not a count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import log2

from ingc.syntax.regex.graph import Steps
from ingc.syntax.regex.tree import Assertion, Atomic, Branches, Bytes, Node, Repeat, Sequence

MOST_BITS = 20
"""Binary logarithm of the ways in a row; nginx gives up after ten million steps."""


@dataclass(frozen=True, slots=True)
class _Row:
    """In how many ways a node can be passed, as binary logarithms."""

    most: float = 0
    """In its longest row of choices."""
    through: float = 0
    """In the row that what follows goes on with."""
    taken: int = 0
    """The bytes that the choices of that row may take."""
    ended: bool = False
    """Whether a row ends within the node."""
    before: tuple[int, ...] = ()
    """The bytes that have to come before its first choice, each as a set."""

    def follows(self, taken: int) -> bool:
        """Return whether this goes on with a row whose choices may take some bytes."""
        return all(taken & bits for bits in self.before)


def has_many_ways(root: Node, steps: Steps) -> bool:
    """Return whether a pattern's choices multiply to a million ways and more. Raises `TooBig`."""
    return _row(root, steps).most > MOST_BITS


def _row(node: Node, steps: Steps) -> _Row:
    steps.take(1)
    match node:
        case Sequence(items):
            return _in_sequence(items, steps)
        case Branches(branches):
            rows = [_row(branch, steps) for branch in branches]
            own = log2(_alike(branches, steps)) + max(row.through for row in rows)
            return _Row(max(own, *(row.most for row in rows)), own, _bytes(node))
        case Repeat(body, least, most):
            return _rounds(_row(body, steps), least, most, _bytes(node))
        case Atomic(body):
            return _Row(_row(body, steps).most)
        case Assertion(_, look) if look is not None:
            return _Row(_row(look, steps).most)
    return _Row()


def _in_sequence(items: tuple[Node, ...], steps: Steps) -> _Row:
    row, longest = _Row(), 0.0
    for item in items:
        if isinstance(item, Bytes):
            steps.take(1)
            if not row.taken and not row.ended:
                if item.bits not in row.before:
                    row = replace(row, before=(*row.before, item.bits))
            elif not row.taken & item.bits:
                row = replace(row, through=0, taken=0, ended=True)
            continue
        after = _row(item, steps)
        longest = max(longest, after.most)
        if after.ended or (row.taken and not after.follows(row.taken)):
            row = replace(after, ended=True, before=row.before)
        else:
            before = row.before if row.taken or row.ended else (*row.before, *after.before)
            through, taken = row.through + after.through, row.taken | after.taken
            row = _Row(0, through, taken, row.ended, before)
        longest = max(longest, row.through)
    return replace(row, most=longest)


def _rounds(body: _Row, least: int, most: int | None, taken: int) -> _Row:
    """Return the row of a repeat; one without an end counts by what stands in it alone."""
    before = body.before if least else ()
    if most is None:
        return _Row(body.most, 0, taken, before=before)
    multiplied = not body.ended and body.follows(body.taken)
    within = body.through * most if multiplied else body.through
    own = within + log2(most - least + 1)
    return _Row(max(body.most, own), own, taken if own else 0, before=before)


def _alike(branches: tuple[Node, ...], steps: Steps) -> int:
    """Return how many branches at most can begin with the same byte."""
    firsts = [_first(branch) for branch in branches]
    steps.take(len(firsts))
    return max(sum(first >> byte & 1 for first in firsts) for byte in range(256)) or 1


def _first(node: Node) -> int:
    """Return the bytes that a node may begin with; all where it may be empty."""
    match node:
        case Bytes(bits):
            return bits
        case Sequence(items) if items:
            rest = next((item for item in items if not isinstance(item, Assertion)), None)
            return _ALL if rest is None else _first(rest)
        case Branches(branches):
            return _union(branches, _first)
        case Repeat(body, least) if least:
            return _first(body)
        case Atomic(body):
            return _first(body)
    return _ALL


_ALL = (1 << 256) - 1


def _bytes(node: Node) -> int:
    """Return the bytes that a node may take."""
    match node:
        case Bytes(bits):
            return bits
        case Sequence(items) | Branches(items):
            return _union(items, _bytes)
        case Repeat(body) | Atomic(body):
            return _bytes(body)
    return 0


def _union(nodes: tuple[Node, ...], of: Callable[[Node], int]) -> int:
    found = 0
    for node in nodes:
        found |= of(node)
    return found
