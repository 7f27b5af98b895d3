"""The tree of routes as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ingc.routes.chart import Branch, ChartTarget, Trunk

_MOST = 8
"""So many endpoints of a Service are listed."""


def tree_as_text(trunks: Iterable[Trunk]) -> str:
    """Print hosts, paths, Services and endpoints, each a step further to the right."""
    return "".join(f"{line}\n" for trunk in trunks for line in _trunk(trunk))


def _trunk(trunk: Trunk) -> Iterator[str]:
    yield trunk.label
    width = max(len(branch.path) for branch in trunk.branches)
    yield from _below([_branch(branch, width) for branch in trunk.branches])


def _branch(branch: Branch, width: int) -> list[str]:
    kind = f"{branch.path.ljust(width)}  {branch.kind}" if width else branch.kind
    lines = [f"{kind}  {branch.about}".rstrip()]
    if branch.dead:
        return [*lines, f"└─ never reached: {branch.dead}"]
    return [*lines, *_below([_target(target) for target in branch.targets])]


def _target(target: ChartTarget) -> list[str]:
    printed = target.endpoints[:_MOST]
    more = len(target.endpoints) - len(printed)
    ends = [[text] for text in (*printed, *([f"… and {more} more"] if more else []))]
    return [f"{target.label}  canary" if target.canary else target.label, *_below(ends)]


def _below(items: Sequence[list[str]]) -> list[str]:
    lines = []
    for number, (first, *rest) in enumerate(items, 1):
        last = number == len(items)
        lines.append(("└─ " if last else "├─ ") + first)
        lines.extend(("   " if last else "│  ") + line for line in rest)
    return lines
