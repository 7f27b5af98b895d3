"""The graph of a pattern: which byte sets may follow which, and in how many ways.

The vertices are the places in a pattern that take a byte (Glushkov's construction). The number of
ways is kept because PCRE tries each of them, though all match the same text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingc.syntax.regex.tree import (
    Assertion,
    Atomic,
    Branches,
    Bytes,
    Node,
    PatternSpan,
    Repeat,
    Sequence,
    width,
)

_MANY = 10
"""A repeat of so many rounds counts as one without an end if they can share text in many ways."""
_COPIES = 8
"""A fixed number of rounds is followed up to here."""
_MOST_PLACES = 4000

Ways = dict[int, int]
"""Place → in how many ways (2 stands for more)."""


class TooBig(Exception):
    """The repeats in a pattern multiply to more than can be looked at."""


class Steps:
    """Counts the steps of looking at one pattern, each as it is taken: some microseconds at most.

    So a pattern costs no more than its steps, whatever is repeated in it.
    """

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, count: int) -> None:
        """Count steps. Raises `TooBig` where that are too many."""
        self._left -= count
        if self._left < 0:
            raise TooBig


@dataclass(slots=True)
class Graph:
    """The places of a pattern and the steps between them."""

    steps: Steps
    bits: list[int] = field(default_factory=list)
    spans: list[PatternSpan] = field(default_factory=list)
    next: list[Ways] = field(default_factory=list)
    done: frozenset[int] = frozenset()
    """Places after which the pattern has matched at once, without an assertion."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Where a part may begin and end, and in how many ways it may take nothing."""

    first: Ways
    last: Ways
    empty: int
    free_last: frozenset[int]
    """The ends after which nothing more is required, not even of an assertion."""
    free_empty: bool


_NOTHING = _Part({}, {}, 1, frozenset(), True)


def graph_of(node: Node, steps: Steps) -> Graph:
    """Return the graph of a pattern. Raises `TooBig`."""
    graph = Graph(steps)
    whole = _part(graph, node, loops=True)
    graph.done = whole.free_last
    return graph


def _part(graph: Graph, node: Node, *, loops: bool) -> _Part:
    graph.steps.take(1)
    match node:
        case Bytes(bits, span):
            return _place(graph, bits, span)
        case Assertion():
            return _Part({}, {}, 1, frozenset(), False)
        case Sequence(items):
            part = _NOTHING
            for item in items:
                part = _then(graph, part, _part(graph, item, loops=loops))
            return part
        case Branches(branches):
            return _or([_part(graph, branch, loops=loops) for branch in branches])
        case Atomic(body):
            # Its own repeats give nothing back once they are done, so they are no loops out here.
            return _part(graph, body, loops=False)
        case Repeat():
            return _repeat(graph, node, loops=loops)


def _place(graph: Graph, bits: int, span: PatternSpan) -> _Part:
    number = len(graph.bits)
    if number >= _MOST_PLACES:
        raise TooBig
    graph.bits.append(bits)
    graph.spans.append(span)
    graph.next.append({})
    return _Part({number: 1}, {number: 1}, 0, frozenset({number}), False)


def is_endless(node: Repeat) -> bool:
    """Return whether a repeat counts as one without an end: it has many places to stop."""
    if node.most is None:
        return True
    return node.most >= _MANY and (node.most != node.least or width(node.body) is None)


def _repeat(graph: Graph, node: Repeat, *, loops: bool) -> _Part:
    endless = is_endless(node)
    part = _NOTHING
    for _ in range(min(node.least, _COPIES) - (endless and node.least > 0)):
        part = _then(graph, part, _part(graph, node.body, loops=loops))
    if endless:
        body = _part(graph, node.body, loops=loops)
        if loops:
            _join(graph, body.last, body.first)
        return _then(graph, part, body if node.least else _or_nothing(body))
    tail = _NOTHING
    for _ in range(min((node.most or 0) - node.least, _MANY)):
        tail = _or_nothing(_then(graph, _part(graph, node.body, loops=loops), tail))
    return _then(graph, part, tail)


def _or_nothing(part: _Part) -> _Part:
    # PCRE leaves a repeat whose round took nothing, so that is no way of its own.
    return _Part(part.first, part.last, 1, part.free_last, True)


def _then(graph: Graph, one: _Part, other: _Part) -> _Part:
    graph.steps.take(1)
    _join(graph, one.last, other.first)
    free_last = other.free_last
    if other.free_empty:
        graph.steps.take(len(one.free_last) + len(free_last))
        free_last |= one.free_last
    return _Part(
        _sum(graph, one.first, other.first, one.empty),
        _sum(graph, other.last, one.last, other.empty),
        min(2, one.empty * other.empty),
        free_last,
        one.free_empty and other.free_empty,
    )


def _or(parts: list[_Part]) -> _Part:
    # No two branches share a place.
    return _Part(
        {place: ways for part in parts for place, ways in part.first.items()},
        {place: ways for part in parts for place, ways in part.last.items()},
        min(2, sum(part.empty for part in parts)),
        frozenset().union(*(part.free_last for part in parts)),
        any(part.free_empty for part in parts),
    )


def _sum(graph: Graph, ways: Ways, more: Ways, times: int) -> Ways:
    if not times:
        return ways
    graph.steps.take(len(ways))
    total = dict(ways)
    _add(graph, total, more, times)
    return total


def _add(graph: Graph, total: Ways, more: Ways, times: int) -> None:
    graph.steps.take(len(more))
    for place, count in more.items():
        total[place] = min(2, total.get(place, 0) + count * times)


def _join(graph: Graph, ends: Ways, starts: Ways) -> None:
    for end, ways in ends.items():
        _add(graph, graph.next[end], starts, ways)
