"""Findings that come and go: what each of many parts reports, joined and kept in order."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingc.diagnostics.model import Diagnostic, Entry, Origin, Severity
from ingc.diagnostics.sink import Place, place_of_finding

Order = tuple[int, str]
"""Of a part among all; of what two parts report alike, the first one's is the finding."""
_Item = tuple[Place, Order, int, Diagnostic]
_LAST: Order = (1 << 31, "")
_MANY = 64
"""So many are sorted together, and fewer put in one by one."""


@dataclass(slots=True)
class Ledger:
    """What parts report, as one `ingc.diagnostics.Sink` would have it."""

    _reported: dict[tuple[Entry, Origin], dict[Order, _Item]] = field(default_factory=dict)
    _sorted: list[_Item] = field(default_factory=list)
    _joined: tuple[Diagnostic, ...] | None = ()
    errors: int = 0
    """How many of the findings are errors."""

    def replace(
        self, order: Order, before: Iterable[Diagnostic], after: Iterable[Diagnostic]
    ) -> None:
        """Take what a part reports now in place of what it reported before."""
        old = {(item.entry, item.origin) for item in before}
        new = {(item.entry, item.origin): (n, item) for n, item in enumerate(after)}
        gone: list[_Item] = []
        come: list[_Item] = []
        for key in old | new.keys():
            by = self._reported.setdefault(key, {})
            first = by[min(by)] if by else None
            by.pop(order, None)
            if key in new:
                number, item = new[key]
                by[order] = (place_of_finding(item), order, number, item)
            now = by[min(by)] if by else None
            if now is None:
                del self._reported[key]
            if first is not None:
                gone.append(first)
            if now is not None:
                come.append(now)
        self._move(gone, come)

    def _move(self, gone: list[_Item], come: list[_Item]) -> None:
        self._joined = None
        self.errors += sum(item[3].severity is Severity.ERROR for item in come)
        self.errors -= sum(item[3].severity is Severity.ERROR for item in gone)
        for item in gone:
            del self._sorted[bisect_left(self._sorted, item[:3], key=_key)]
        if len(come) > _MANY:
            self._sorted.extend(come)
            self._sorted.sort(key=_key)
        else:
            for item in come:
                insort(self._sorted, item, key=_key)

    def __contains__(self, finding: tuple[Entry, Origin]) -> bool:
        """Return whether something was found at a place."""
        return finding in self._reported

    def findings(self, beside: Iterable[Diagnostic] = ()) -> tuple[Diagnostic, ...]:
        """Return everything reported, and others beside it; ordered as
        `ingc.diagnostics.Sink.diagnostics`.
        """
        if self._joined is None:
            self._joined = tuple(item[3] for item in self._sorted)
        others = tuple(beside)
        if not others:
            return self._joined
        found = self._sorted.copy()
        for number, item in enumerate(others):
            insort(found, (place_of_finding(item), _LAST, number, item), key=_key)
        return tuple(item[3] for item in found)


def _key(item: _Item) -> tuple[Place, Order, int]:
    return item[:3]
