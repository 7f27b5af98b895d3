"""What is not the same in two configurations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ingc.ir import Config, Host, Upstream


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Part = TypeVar("Part")
Item = TypeVar("Item", bound=_Named)


@dataclass(frozen=True, slots=True)
class Differing:
    """Hosts and upstreams of one configuration that are not in another, or not the same there."""

    gone: tuple[Host, ...]
    """As they were."""
    came: tuple[Host, ...]
    """As they are."""
    gone_upstreams: tuple[Upstream, ...]
    came_upstreams: tuple[Upstream, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether all are the same."""
        return not (self.gone or self.came or self.gone_upstreams or self.came_upstreams)

    @property
    def upstream_names(self) -> frozenset[str]:
        """The names of upstreams that are not the same."""
        return frozenset(item.name for item in (*self.gone_upstreams, *self.came_upstreams))


def differing(before: Config, after: Config) -> Differing | None:
    """Return how two configurations differ; ``None``: in more than hosts and upstreams."""
    terms, others = before.settings, after.settings
    if terms is not others and (terms, terms.at_start) != (others, others.at_start):
        return None
    if before.stream != after.stream or after.needs_stream:
        return None
    hosts = _between(before.hosts, after.hosts)
    upstreams = _between(before.upstreams, after.upstreams)
    return Differing(*hosts, *upstreams) if hosts is not None and upstreams is not None else None


def without_same_ends(
    before: Sequence[Part], after: Sequence[Part]
) -> tuple[Sequence[Part], Sequence[Part]]:
    """Return both without the objects that they begin and end with alike."""
    first = _alike(before, after)
    before, after = before[first:], after[first:]
    last = _alike(before[::-1], after[::-1])
    return before[: len(before) - last], after[: len(after) - last]


def _alike(one: Sequence[Part], other: Sequence[Part]) -> int:
    """Return with how many equal objects two begin; halving, as Python compares tuples fast.

    What did not change is the same object, so that hardly any are compared in full.
    """
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _between(
    before: Sequence[Item], after: Sequence[Item]
) -> tuple[tuple[Item, ...], tuple[Item, ...]] | None:
    """Return what is not the same, of either; ``None``: they stand in another order."""
    old, new = without_same_ends(before, after)
    known, named = ({item.name: item for item in items} for items in (old, new))
    if [name for name in known if name in named] != [name for name in named if name in known]:
        return None
    same = {name for name, item in named.items() if name in known and known[name] == item}
    gone = tuple(item for item in old if item.name not in same)
    return gone, tuple(item for item in new if item.name not in same)
