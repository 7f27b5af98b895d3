"""Reports into the cluster what became of its objects: status and Events, by one replica."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ingc
from ingc.controller.addresses import Addresses, Publishing, find_addresses, has_company
from ingc.controller.api import Api, ApiError
from ingc.controller.clock import monotonic
from ingc.controller.events import EventCause, EventWriter, by_name, causes_of, taken
from ingc.controller.lease import Leadership
from ingc.controller.status import Name, StatusWriter

if TYPE_CHECKING:
    from ingc.controller.rollout import Outcome

_log = logging.getLogger(__name__)

_GLANCE = 1.0
"""Seconds between looks whether this replica has become the one that reports."""
_ROUND = 30.0
"""Seconds between rounds in which nothing has changed: addresses may, and Events end."""
_RELEARN = 600.0
"""Seconds until the statuses are listed again: somebody else may have changed them."""
_LONGEST_WAIT = 60.0
"""Seconds between attempts where the API server refuses."""


class Reporter:
    """Writes status and Events of the last outcome, and keeps them right.

    `report` takes an outcome at once and never waits for the API; `run` writes, so that a rollout
    waits for no report. Of outcomes that come faster than they are written, the last one counts.
    """

    def __init__(
        self,
        api: Api,
        publishing: Publishing,
        leadership: Leadership,
        *,
        manager: str,
        instance: str,
        namespaces: tuple[str, ...] = (),
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Write nothing yet.

        ``manager`` names the installation, the same for all replicas (field manager of the
        statuses), ``instance`` this replica. ``namespaces`` are those whose Ingresses may be
        listed; empty: all.
        """
        self._api = api
        self._publishing = publishing
        self._leadership = leadership
        self._clock = clock
        self._status = StatusWriter(api, leadership, manager=manager, namespaces=namespaces)
        self._events = EventWriter(api, leadership, instance, clock=clock)
        self._last: Outcome | None = None
        self._served: ingc.Result | None = None
        self._awake = asyncio.Event()
        self._led = False
        """Whether a round was written since the Lease was acquired."""
        self._held = False
        """Whether it was held when the last round began."""
        self._learned_at = float("-inf")

    async def report(self, outcome: Outcome) -> None:
        """Take an outcome to be written; returns at once, and raises nothing."""
        self._last = outcome
        if outcome.served:
            self._served = outcome.change.result
        self._awake.set()

    async def run(self) -> None:
        """Write until cancelled. What the API refuses is tried again, at growing intervals."""
        wait = _GLANCE
        while True:
            self._awake.clear()
            try:
                done = await self.round()
            except ApiError as error:
                done, pause = False, error.retry_after or 0
                _log.warning("status and Events are not written: %s", error)
            else:
                pause = 0
            wait = _GLANCE if done else min(2 * wait, _LONGEST_WAIT)
            await (asyncio.sleep(max(wait, pause)) if not done else self._something())

    async def round(self) -> bool:
        """Write what is to be written now; return whether nothing is left to do.

        Raises `ApiError`.
        """
        self._held = self._leadership.held
        if not self._held:
            self._led = False
            return True
        if not self._led:
            self._status.forget()
            self._events.forget()
        outcome, served = self._last, self._served
        if outcome is None:
            return True
        work = await asyncio.to_thread(_work_of, outcome.change.result, served)
        written = await self._write_status(work)
        self._led = True
        return await self._events.write({**work.causes, **work.taken}) and written

    async def run_to_the_end(self) -> None:
        """Write until cancelled, and `stop` then; the Lease is to be held until that is done."""
        try:
            await self.run()
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Take the addresses out again, where that is wanted and no other replica is left.

        While the Lease is still held, and after `run` was cancelled; raises nothing.
        """
        publishing = self._publishing
        if not publishing.update_status_on_shutdown or publishing.nothing or not self._led:
            return
        with suppress(ApiError):
            if publishing.pod and await has_company(self._api, publishing.pod):
                return
            await self._status.clear()

    async def _write_status(self, work: _Work) -> bool:
        addresses: Addresses | None = None
        if not self._publishing.nothing:
            addresses = await find_addresses(self._api, self._publishing)
        if addresses is None:
            if not self._led:
                self._events.pass_over(work.taken)
            return True
        if self._clock() - self._learned_at >= _RELEARN:
            self._status.forget()
            self._learned_at = self._clock()
        await self._status.learn(work.ours)
        if not self._led:
            # Whose status an earlier replica has written, that was reported by it, too.
            self._events.pass_over(
                event for event, name in work.taken_names.items() if self._status.is_published(name)
            )
        return await self._status.write(work.ours, work.passed, addresses)

    async def _something(self) -> None:
        """Wait for an outcome, for the Lease to come or go, or for the next round."""
        until = self._clock() + _ROUND
        while self._clock() < until and self._leadership.held == self._held:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), _GLANCE)
                return


@dataclass(frozen=True, slots=True)
class _Work:
    """What the cluster should say."""

    ours: Mapping[Name, str]
    """The Ingresses that nginx serves: uid by name."""
    passed: Mapping[Name, str]
    """Those that are not ours."""
    taken: Mapping[str, EventCause]
    """What is reported once of those that are served, by the name of the Event."""
    taken_names: Mapping[str, Name]
    """Of which Ingress each of those is."""
    causes: Mapping[str, EventCause]
    """What is reported of the findings."""


def _work_of(last: ingc.Result, served: ingc.Result | None) -> _Work:
    ours = [item for item in (served.ingresses if served else ()) if item.state == "taken"]
    names = {(item.namespace, item.name): item.uid for item in ours}
    passed = {
        (item.namespace, item.name): item.uid
        for item in last.ingresses
        if item.state == "passed over" and (item.namespace, item.name) not in names
    }
    causes = [taken(item) for item in ours]
    return _Work(
        ours=names,
        passed=passed,
        taken=by_name(causes),
        taken_names={cause.name: name for cause, name in zip(causes, names, strict=True)},
        causes=by_name(causes_of(last.events)),
    )
