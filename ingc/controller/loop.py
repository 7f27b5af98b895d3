"""The line: watch, gather, read what is named, roll out, report; and the order of start and end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import ingc
from ingc.controller.api import Api
from ingc.controller.backoff import Backoff
from ingc.controller.gathering import Batch, Changes, Gathering
from ingc.controller.kinds import WatchedKind, sources
from ingc.controller.options import ControllerOptions
from ingc.controller.reading import NamedReading
from ingc.controller.watching import Watcher

if TYPE_CHECKING:
    from ingc.controller.rollout import Outcome

_log = logging.getLogger(__name__)

_LAST_ROLLOUT = 60.0
"""Seconds that a rollout under way has at the end."""

_LAST_WORDS = 10.0
"""Seconds that what was cancelled has to end."""


_REFUSING = frozenset({"compile", "test"})
"""Steps that say the same of the same objects, unless the day, or what a name means, is another."""


class Rolling(Protocol):
    """What `rollout.Rollout` does of it."""

    async def start(self) -> bool:
        """Start nginx from the last good configuration; false: there is none."""

    async def apply(
        self, upserts: Iterable[Mapping[str, Any]], deletes: Iterable[ingc.ObjectKey]
    ) -> Outcome:
        """Compile, and have nginx serve it."""

    async def again(self) -> Outcome:
        """Judge the same objects anew, and have nginx serve what comes of it."""

    async def watch_over(self) -> None:
        """Start nginx again where it is gone, until cancelled."""

    async def stop(self) -> None:
        """Let requests under way end, and nginx then."""


Running = Callable[[], Coroutine[Any, Any, None]]
"""What runs beside the line until it is cancelled: the Lease, health, what writes reports."""


class ControlLoop:
    """Has nginx serve what the API server holds, until it is to end."""

    def __init__(
        self,
        options: ControllerOptions,
        api: Api,
        rollout: Rolling,
        *,
        report: Callable[[Outcome], Awaitable[None]],
        beside: Iterable[Running] = (),
    ) -> None:
        """Start nothing yet.

        ``report`` takes each outcome, and must not wait for the API. What is ``beside`` runs from
        the start to the end, and ends when nginx has, in its order.
        """
        self._options = options
        self._rollout = rollout
        self._report = report
        self._beside = tuple(beside)
        self._gathering = Gathering(options.times)
        self._named = NamedReading(api, options.compile, self._gathering.touch)
        self._pending: Changes = {}
        self._backoff = Backoff(least=1.0)
        self._refused = Backoff(least=60.0, most=300.0)
        self._retry: asyncio.TimerHandle | None = None
        self._served = False
        self._again = False
        self._rolling = asyncio.Lock()
        self._end = asyncio.Event()
        self.watchers = tuple(
            Watcher(api, source, self._changed, chunk=options.chunk) for source in sources(options)
        )

    @property
    def synced(self) -> bool:
        """Whether everything has been listed, so that nothing is missing from what is compiled."""
        return all(item.synced.is_set() for item in self.watchers)

    @property
    def ending(self) -> bool:
        """Whether it is to end: it takes no new clients then."""
        return self._end.is_set()

    @property
    def notes(self) -> tuple[str, ...]:
        """What can't be followed at the moment, and why."""
        failing = (item for item in self.watchers if item.failure)
        return tuple(f"{item.source} can't be read: {item.failure}" for item in failing)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set: then no longer be ready, wait, let nginx drain, and end.

        nginx starts from the last good configuration before the API server is asked.
        """
        beside = [asyncio.create_task(run()) for run in self._beside]
        watching: list[asyncio.Task[None]] = []
        try:
            began = await self._rollout.start()
            words = "serving the last good configuration" if began else "no configuration yet"
            _log.info("%s; reading the cluster", words)
            watching += (asyncio.create_task(item.run()) for item in self.watchers)
            beneath = (self._rollout.watch_over(), self._day_by_day(), self._work())
            watching += map(asyncio.create_task, beneath)
            await _first_of(stop, (*beside, *watching))
            self._end.set()
            await asyncio.sleep(self._options.shutdown_wait)
        finally:
            self._end.set()
            with suppress(TimeoutError):  # A rollout under way: its thread can't be stopped.
                await asyncio.wait_for(self._rolling.acquire(), _LAST_ROLLOUT)
            await _cancel(watching)
            await self._rollout.stop()
            for task in beside:
                await _cancel([task])

    def _changed(
        self, kind: WatchedKind, namespace: str, name: str, item: Mapping[str, Any] | None
    ) -> None:
        key = ingc.ObjectKey(kind.kind, namespace, name)
        if kind.by_metadata:
            self._named.note(key, item)
        else:
            self._gathering.put(key, item, endpoints=kind.endpoints)

    async def _work(self) -> None:
        """Roll out what changes, batch by batch; never returns."""
        for item in self.watchers:
            await item.synced.wait()
        _log.info("the cluster is read")
        self._gathering.touch()
        while True:
            batch = await self._gathering.next()
            async with self._rolling:
                try:
                    await self._roll_out(batch)
                except Exception:
                    _log.exception("a rollout failed")
                    self._served = False
                    self._try_again(self._backoff)

    async def _roll_out(self, batch: Batch) -> None:
        self._pending |= batch.changes
        self._pending = await self._named.complete(self._pending)
        if self._pending or not self._served:
            upserts = [item for item in self._pending.values() if item is not None]
            deletes = [key for key, item in self._pending.items() if item is None]
            outcome = await self._rollout.apply(upserts, deletes)
            count, self._pending = len(self._pending), {}
            await self._note(outcome, f"{count} objects", batch.since)
        if self._again:
            outcome = await self._rollout.again()
            self._again = False
            await self._note(outcome, "all objects, judged again,", batch.since)

    async def _note(self, outcome: Outcome, what: str, since: float) -> None:
        """Log and report an outcome, and see to another attempt where it is not served."""
        took = asyncio.get_running_loop().time() - since
        parts = ", ".join(f"{name} {value:.2f}" for name, value in outcome.seconds.items())
        state = "served" if outcome.served else f"not served: {outcome.error}"
        _log.info("%s %s after %.2f s (%s)", what, state, took, parts)
        self._served = outcome.served
        if outcome.served:
            self._backoff.reset()
            self._refused.reset()
        else:
            refused = outcome.refused_by in _REFUSING
            self._try_again(self._refused if refused else self._backoff)
        await self._report(outcome)

    def _try_again(self, backoff: Backoff) -> None:
        seconds = backoff.wait()
        _log.warning("not served; again in %.1f s, or with the next change", seconds)
        if self._retry is not None:
            self._retry.cancel()
        self._retry = asyncio.get_running_loop().call_later(seconds, self._gathering.touch)

    async def _day_by_day(self) -> None:
        """Have everything judged again though nothing changes; never returns."""
        while True:
            await asyncio.sleep(self._options.again)
            self._again = True
            self._gathering.touch()


async def _first_of(stop: asyncio.Event, beside: Iterable[asyncio.Task[None]]) -> None:
    """Wait for the word to end; what ends by itself before is an error, and ends all."""
    beside = tuple(beside)
    waiting = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({waiting, *beside}, return_when=asyncio.FIRST_COMPLETED)
        for task in beside:
            if task.done():
                task.result()
    finally:
        await _cancel([waiting])


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    tasks = tuple(tasks)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_LAST_WORDS)
