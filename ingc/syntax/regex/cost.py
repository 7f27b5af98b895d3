"""Find the part of a pattern that PCRE may need exponential or high polynomial time for.

Exponential: a loop has two ways around itself for the same text, ``(a+)+``. Polynomial: loops in
a row can hand text to each other, ``.*.*.*x``; the time grows with the power of their number.
Both are questions to the graph of the pattern, walked by two or three at once on the same text.
Without any loop, choices multiply: `ways` bounds them. A back-reference to a group without a bound
counts as one loop more, and PCRE's own limit does not count what it compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingc.syntax.regex.graph import Graph, Steps, TooBig, graph_of, is_endless
from ingc.syntax.regex.tree import (
    Assertion,
    Atomic,
    Branches,
    Bytes,
    Node,
    PatternSpan,
    Repeat,
    Sequence,
    Tree,
)
from ingc.syntax.regex.ways import has_many_ways

_HIGH = 3
"""From the cube on, a URI as long as nginx reads costs a second rather than a millisecond."""
_HIGH_IF_COMPARED = 2
"""A back-reference compares as many bytes as its group has taken, each time: that is one more."""
_MANY_EMPTY = 20
MOST_STEPS = 30_000
"""Of looking at one pattern, which takes some 40 ms."""

MOST_COPIES = 1000
"""PCRE2 lays out each round of a counted group, and keeps a way back for each. With `pcre_jit on`
there is room for some hundred more, and nginx answers 500 where it ends."""

Loop = frozenset[int]
Compared = tuple[PatternSpan, ...]
"""The back-references that cost what one more loop would."""


def slow_span(tree: Tree) -> PatternSpan | None:
    """Return where the slow part stands, or None. What is too big to look at counts as slow."""
    found = _slow(tree.root, ())
    if found is not None or not tree.compared:
        return found and _with_whole_groups(found, tree.groups)
    found = _slow(tree.root, tree.compared)
    return found and _with_whole_groups(_joined((found, *tree.compared)), tree.groups)


def bulky_span(tree: Tree) -> PatternSpan | None:
    """Return where a group is repeated by more than `MOST_COPIES`, or None."""
    if _copies(tree.root) <= MOST_COPIES:
        return None
    for node in _repeats(tree.root):
        if _copies(node) > MOST_COPIES:
            return _with_whole_groups(node.span, tree.groups)
    return None


def _copies(node: Node) -> int:
    """Return how many groups PCRE2 lays out for a node: one for each round of a count."""
    match node:
        case Sequence(parts) | Branches(parts):
            return sum(map(_copies, parts))
        case Atomic(body):
            return _copies(body)
        case Assertion(_, look):
            return 0 if look is None else _copies(look)
        case Repeat(body, least, most):
            rounds = max(least, most or 0, 1)
            return rounds * max(_copies(body), 0 if isinstance(body, Bytes) else 1)
    return 0


def _slow(root: Node, compared: Compared) -> PatternSpan | None:
    nodes = list(_walk(root))
    repeats = _repeats(root)
    for node in repeats:
        if (node.most or 0) >= _MANY_EMPTY and _may_be_empty(node.body):
            return node.span
    steps = Steps(MOST_STEPS)
    try:
        # Without a repeat there is no loop, only choices that multiply.
        if repeats and (found := _slow_loop(root, nodes, steps, compared)):
            return found
        if not has_many_ways(root, steps):
            return None
    except TooBig:
        if not repeats:
            return None
    return _joined(node.span for node in repeats or nodes if isinstance(node, Repeat | Bytes))


def _joined(spans: Iterable[PatternSpan]) -> PatternSpan:
    """Return the part that holds all of some parts."""
    found = tuple(spans)
    return PatternSpan(min(span.start for span in found), max(span.end for span in found))


def _slow_loop(
    root: Node, nodes: list[Node], steps: Steps, compared: Compared
) -> PatternSpan | None:
    inner = [node.body for node in nodes if isinstance(node, Atomic)]
    inner += [node.look for node in nodes if isinstance(node, Assertion) and node.look]
    for part in inner:
        # What is looked for once and kept goes on at once where it may end.
        if found := _slow_in(part, steps, compared, kept=True):
            return found
    return _slow_in(root, steps, compared, kept=False)


def _with_whole_groups(span: PatternSpan, groups: tuple[PatternSpan, ...]) -> PatternSpan:
    start, end = span.start, span.end
    for group in groups:  # the inner ones stand before those around them
        if group.start < start < group.end < end or start < group.start < end < group.end:
            start, end = min(start, group.start), max(end, group.end)
    return PatternSpan(start, end)


def _repeats(root: Node) -> list[Repeat]:
    return [node for node in _walk(root) if isinstance(node, Repeat)]


def _walk(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Sequence(parts) | Branches(parts):
            for part in parts:
                yield from _walk(part)
        case Repeat(body) | Atomic(body):
            yield from _walk(body)
        case Assertion(_, look) if look is not None:
            yield from _walk(look)


def _may_be_empty(node: Node) -> bool:
    match node:
        case Bytes():
            return False
        case Assertion():
            return True
        case Sequence(items):
            return all(_may_be_empty(item) for item in items)
        case Branches(branches):
            return any(_may_be_empty(branch) for branch in branches)
        case Atomic(body):
            return _may_be_empty(body)
        case Repeat(body, least):
            return least == 0 or _may_be_empty(body)


def _slow_in(root: Node, steps: Steps, compared: Compared, *, kept: bool) -> PatternSpan | None:
    graph = graph_of(root, steps)
    repeats = [node.span for node in _repeats(root) if is_endless(node)]
    loops = _loops(graph)
    for loop in loops:
        if not (kept and loop <= graph.done) and _two_ways(graph, loop, steps):
            return _around(graph, loop, repeats)
    # A loop from which the pattern is done at once gives nothing back.
    loops = [loop for loop in loops if not loop & graph.done]
    high = _HIGH
    if compared:
        # Rounds of the reference itself take each byte once, however many they are.
        loops = [loop for loop in loops if any(graph.spans[p] not in compared for p in loop)]
        high = _HIGH_IF_COMPARED
    if len(loops) < high:
        return None
    chain = _chain(graph, loops, steps)
    if len(chain) < high:
        return None
    return _joined(_around(graph, loop, repeats) for loop in chain)


def _around(graph: Graph, loop: Loop, repeats: list[PatternSpan]) -> PatternSpan:
    """Return the outermost repeat around the loop, all of which is part of it."""
    start = min(graph.spans[place].start for place in loop)
    end = max(graph.spans[place].end for place in loop)
    holding = [span for span in repeats if span.start <= start and end <= span.end]
    return max(holding, key=lambda span: span.end - span.start, default=PatternSpan(start, end))


def _loops(graph: Graph) -> list[Loop]:
    """Return the places from which a way leads back, those of one loop together, in their order.

    Places are numbered as they stand, and steps that lead back stay within a repeat. So the loops
    are found as the spans between the ends of such steps.
    """
    edges = [(place, after) for place, steps in enumerate(graph.next) for after in steps]
    back = sorted((after, place) for place, after in edges if after <= place)
    spans: list[list[int]] = []
    for low, high in back:
        if spans and low <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], high)
        else:
            spans.append([low, high])
    return [frozenset(range(low, high + 1)) for low, high in spans]


def _two_ways(graph: Graph, loop: Loop, steps: Steps) -> bool:
    """Return whether the same text leads around the loop in two ways."""
    steps_within = (graph.next[place].items() for place in loop)
    if any(ways > 1 and after in loop for after_ways in steps_within for after, ways in after_ways):
        return True
    seen = {(place, place) for place in loop}
    todo, before = list(seen), dict[tuple[int, int], set[tuple[int, int]]]()
    while todo:
        pair = todo.pop()
        steps.take(1)
        for one in graph.next[pair[0]]:
            for other in graph.next[pair[1]]:
                steps.take(1)
                if {one, other} <= loop and graph.bits[one] & graph.bits[other]:
                    after = (min(one, other), max(one, other))
                    before.setdefault(after, set()).add(pair)
                    if after not in seen:
                        seen.add(after)
                        todo.append(after)
    steps.take(len(seen))
    together = [pair for pair in seen if pair[0] == pair[1]]
    back = set(together)
    while together:
        for pair in before.get(together.pop(), ()):
            if pair not in back:
                if pair[0] != pair[1]:
                    return True
                back.add(pair)
                together.append(pair)
    return False


def _chain(graph: Graph, loops: list[Loop], steps: Steps) -> list[Loop]:
    """Return the longest chain of loops of which each can hand text to the next."""
    best: list[list[Loop]] = []
    for number, loop in enumerate(loops):
        longest: list[Loop] = []
        for chain, earlier in zip(best, loops[:number], strict=True):
            steps.take(1)
            if len(chain) > len(longest) and _hands_on(graph, earlier, loop, steps):
                longest = chain
        best.append([*longest, loop])
    return max(best, key=len)


def _hands_on(graph: Graph, one: Loop, other: Loop, steps: Steps) -> bool:
    """Return whether some text leads around ``one``, from it to ``other``, and around ``other``."""
    within = range(min(one), max(other) + 1)
    bounds = (one, within, other)
    return any(_reaches(graph, (p, p, q), (p, q, q), bounds, steps) for p in one for q in other)


def _reaches(
    graph: Graph,
    start: tuple[int, int, int],
    goal: tuple[int, int, int],
    within: tuple[Loop, range, Loop],
    steps: Steps,
) -> bool:
    seen, todo = {start}, [start]
    while todo:
        now = todo.pop()
        steps.take(1 + len(graph.next[now[0]]))
        for one in graph.next[now[0]].keys() & within[0]:
            for mid in graph.next[now[1]]:
                steps.take(1 + len(graph.next[now[2]]))
                for other in graph.next[now[2]].keys() & within[2]:
                    steps.take(1)
                    after = (one, mid, other)
                    if after in seen or mid not in within[1]:
                        continue
                    if graph.bits[one] & graph.bits[mid] & graph.bits[other]:
                        if after == goal:
                            return True
                        seen.add(after)
                        todo.append(after)
    return False
