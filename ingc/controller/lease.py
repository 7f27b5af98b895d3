"""Which replica writes into the cluster: the one that holds a Lease (coordination.k8s.io/v1).

The same protocol as client-go's leader election, so that both may share a Lease. Clocks of
different machines are never compared: a Lease of another is over when it has not changed for its
duration, by this machine's own clock, since it was first seen like this.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from ingc.controller.api import Api, ApiError
from ingc.controller.clock import micro_time, monotonic

_log = logging.getLogger(__name__)

_API_VERSION = "coordination.k8s.io/v1"
_JITTER = 0.2
"""Attempts are this share of their interval apart in addition, at random (client-go: 1.2)."""


class Leadership(Protocol):
    """Whether this replica is the one that writes."""

    @property
    def held(self) -> bool:
        """Whether it is, as far as is known; costs nothing."""

    async def confirm(self) -> bool:
        """Return whether it is now, by asking; before each write."""


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """Seconds; the defaults are those of client-go's users. ``retry < deadline < duration``."""

    duration: float = 15
    """So long others wait for a holder that no longer renews."""
    deadline: float = 10
    """So long after its last renewal the holder believes in it."""
    retry: float = 2
    """So often it is renewed, or tried."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A Lease as it was read, and when by our own clock it first was like this."""

    spec: Mapping[str, Any]
    version: str
    at: float

    @property
    def holder(self) -> str:
        return str(self.spec.get("holderIdentity") or "")


class Lease:
    """A Lease that this replica holds, or waits for.

    Reading it and writing it back with its ``resourceVersion`` is one step at the server: of two
    that try, one gets 409.
    """

    def __init__(
        self,
        api: Api,
        name: str,
        identity: str,
        *,
        times: LeaseTimes | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Hold nothing yet. ``name`` is ``namespace/name``; no two replicas have one identity."""
        self._api = api
        self._namespace, _, self._name = name.partition("/")
        self._identity = identity
        self._times = times or LeaseTimes()
        self._clock = clock
        self._seen: _Seen | None = None
        self._until = float("-inf")
        self._was_held = False

    @property
    def held(self) -> bool:
        """Whether we renewed it within the deadline, and have seen no other holder since."""
        return self._clock() < self._until

    async def run(self) -> None:
        """Acquire and renew until cancelled, then release. The API's failures are tried again."""
        try:
            while True:
                wait = self._times.retry * (1 + random.uniform(0, _JITTER))  # noqa: S311
                try:
                    await self.attempt()
                except ApiError as error:
                    wait = max(wait, error.retry_after or 0)
                    _log.warning("the Lease can't be renewed: %s", error)
                self._note()
                await asyncio.sleep(wait)
        finally:
            with suppress(ApiError):
                await self.release()

    async def attempt(self) -> bool:
        """Renew it, or take it where it is free; return whether it is ours. Raises `ApiError`."""
        sent = self._clock()
        try:
            async with asyncio.timeout(self._times.deadline):
                taken = await self._renew() if self._seen else await self._acquire()
        except TimeoutError:
            raise ApiError(0, f"no answer for {self._times.deadline:g} seconds") from None
        self._until = sent + self._times.deadline if taken else float("-inf")
        return taken

    async def confirm(self) -> bool:
        """Read it and return whether it is ours; ``False`` where it can't be read."""
        if not self.held:
            return False
        try:
            async with asyncio.timeout(self._times.deadline):
                await self._read()
        except (ApiError, TimeoutError):
            return False
        if not self._seen or self._seen.holder != self._identity:
            self._until = float("-inf")
            self._note()
        return self.held

    async def release(self) -> None:
        """Let others have it at once, where we hold it. Raises `ApiError`."""
        if not self.held or self._seen is None:
            return
        self._until = float("-inf")
        self._note()
        given_up = {**self._seen.spec, "holderIdentity": "", "leaseDurationSeconds": 1}
        with suppress(TimeoutError):
            async with asyncio.timeout(self._times.deadline):
                await self._write({**given_up, "renewTime": micro_time()}, self._seen.version)

    async def _renew(self) -> bool:
        """Write the Lease as we know it, where that is ours: one request in the common case."""
        if self._seen and self._seen.holder == self._identity:
            try:
                await self._write(self._claim(self._seen), self._seen.version)
            except ApiError as error:
                if error.status not in {404, 409}:
                    raise
            else:
                return True
        return await self._acquire()

    async def _acquire(self) -> bool:
        try:
            await self._read()
            if self._seen is None:
                await self._write(self._claim(None), "")
                return True
            if self._is_taken(self._seen):
                return False
            await self._write(self._claim(self._seen), self._seen.version)
        except ApiError as error:
            if error.status != 409:
                raise
            return False
        return True

    def _is_taken(self, seen: _Seen) -> bool:
        """Return whether another holds it, and may still believe in it."""
        if seen.holder in {"", self._identity}:
            return False
        lasts = seen.spec.get("leaseDurationSeconds") or self._times.duration
        return self._clock() < seen.at + float(lasts)

    def _claim(self, seen: _Seen | None) -> dict[str, Any]:
        """Return the spec of a Lease that is ours from now on, or is still ours."""
        now = micro_time()
        claim: dict[str, Any] = {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": max(1, round(self._times.duration)),
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": 0,
        }
        if seen is None:
            return claim
        claim["leaseTransitions"] = seen.spec.get("leaseTransitions") or 0
        if seen.holder != self._identity:
            claim["leaseTransitions"] += 1
        elif seen.spec.get("acquireTime"):
            claim["acquireTime"] = seen.spec["acquireTime"]
        return claim

    async def _read(self) -> None:
        try:
            self._see(await self._api.request("GET", self._path))
        except ApiError as error:
            if error.status != 404:
                raise
            self._seen = None

    async def _write(self, spec: Mapping[str, Any], version: str) -> None:
        """Create the Lease, or put it in the place of that version. Raises `ApiError`."""
        metadata = {"namespace": self._namespace, "name": self._name}
        if version:
            metadata["resourceVersion"] = version
        body = {"apiVersion": _API_VERSION, "kind": "Lease", "metadata": metadata, "spec": spec}
        method, path = ("PUT", self._path) if version else ("POST", self._parent)
        self._see(await self._api.request(method, path, body=body))

    def _see(self, lease: Any) -> None:
        spec, version = lease.get("spec") or {}, lease["metadata"]["resourceVersion"]
        if self._seen is None or self._seen.spec != spec:
            self._seen = _Seen(spec, version, self._clock())
        else:
            self._seen = _Seen(spec, version, self._seen.at)

    @property
    def _parent(self) -> str:
        return f"/apis/{_API_VERSION}/namespaces/{self._namespace}/leases"

    @property
    def _path(self) -> str:
        return f"{self._parent}/{self._name}"

    def _note(self) -> None:
        if self.held != self._was_held:
            self._was_held = self.held
            _log.info("this replica %s the Lease", "holds" if self._was_held else "no longer holds")
