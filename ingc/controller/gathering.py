"""Changes, gathered for a short time, so that many that come together are compiled once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ingc
from ingc.controller.options import GatheringTimes

Changes = dict[ingc.ObjectKey, Mapping[str, Any] | None]
"""Objects that came or changed, by their key; ``None``: the object is gone."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be compiled together."""

    changes: Changes
    since: float
    """When the first of it came, in seconds of the event loop's clock."""


class Gathering:
    """Takes changes as they come, the last of each object, and gives them in batches.

    A batch is due when nothing has come for `GatheringTimes.quiet`, at the latest
    `GatheringTimes.longest` after the first of it; changes of endpoints alone have times of their
    own, and go with the next of the others. The clock is the event loop's: nobody sets it.
    """

    def __init__(
        self, times: GatheringTimes | None = None, *, clock: Callable[[], float] | None = None
    ) -> None:
        """Hold nothing yet. ``clock`` stands for the event loop's."""
        self._times = times or GatheringTimes()
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._changes: Changes = {}
        self._arrived = asyncio.Event()
        self._first: float | None = None
        self._first_other: float | None = None
        self._last = 0.0
        self._last_other = 0.0

    @property
    def waiting(self) -> int:
        """So many objects wait to be compiled."""
        return len(self._changes)

    def put(
        self, key: ingc.ObjectKey, item: Mapping[str, Any] | None, *, endpoints: bool = False
    ) -> None:
        """Take an object, or that it is gone."""
        self._changes[key] = item
        self.touch(endpoints=endpoints)

    def touch(self, *, endpoints: bool = False) -> None:
        """Make a batch due in its time though it may hold nothing."""
        now = self._clock()
        self._last = now
        self._first = now if self._first is None else self._first
        if not endpoints:
            self._last_other = now
            self._first_other = now if self._first_other is None else self._first_other
        self._arrived.set()

    @property
    def due(self) -> float | None:
        """When the next batch is due, by the clock; ``None``: there is none."""
        times = self._times
        if self._first is None:
            return None
        due = min(self._last + times.endpoints_quiet, self._first + times.endpoints_longest)
        if self._first_other is not None:
            other = min(self._last_other + times.quiet, self._first_other + times.longest)
            due = min(due, other)
        return due

    async def next(self) -> Batch:
        """Wait until a batch is due, and return it."""
        while True:
            due = self.due
            left = None if due is None else due - self._clock()
            if left is not None and left <= 0:
                return self._take()
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except TimeoutError:
                continue

    def _take(self) -> Batch:
        since = self._first if self._first is not None else self._clock()
        batch = Batch(self._changes, since)
        self._changes, self._first, self._first_other = {}, None, None
        return batch
