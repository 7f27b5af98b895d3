"""Writes Events on the objects that have findings: one of each cause, however often it is seen.

Events of ``events.k8s.io/v1``: the server checks their fields, and their ``series`` counts. kubectl
and the core/v1 API have them too. Why not those of core/v1: docs/decisions/reporting.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import ingc
from ingc.controller.api import Api, ApiError
from ingc.controller.clock import micro_time, monotonic
from ingc.controller.lease import Leadership

_log = logging.getLogger(__name__)

_GROUP = "/apis/events.k8s.io/v1"
_AT_ONCE = 16
"""So many Events are written between two looks at the Lease."""
_MOST = 8
"""An object has Events of so many causes; the last of them counts the rest."""
_BURST = 24
"""So many Events an object may have at once, and then one more in `_REFILL` (as client-go)."""
_REFILL = 300.0
"""Seconds."""
_GAP = 60.0
"""Seconds. A cause that comes and goes is counted, and written this often at most."""
_RENEWAL = 1800.0
"""Seconds. The server drops an Event an hour after it was last written (``--event-ttl``)."""
_FINAL = frozenset({400, 403, 404, 422})
"""Another attempt would end the same way; 404: the namespace is gone."""
_LONGEST_NAME = 200
"""Characters of the object's name in the name of its Event, of 253."""

_PLURALS = {"ConfigMap": "configmaps", "Secret": "secrets"}
"""Kinds whose uid the library does not keep, and that the controller may read one by one."""


@dataclass(frozen=True, slots=True)
class EventCause:
    """What an Event is about: equal causes are one Event."""

    reference: Mapping[str, str]
    """An ObjectReference; ``regarding``."""
    type: Literal["Normal", "Warning"]
    reason: str
    """A word in CamelCase."""
    note: str
    """At most 1024 bytes."""
    key: str = ""
    """What tells the cause from others of the object and reason; the note where empty."""
    lasts: bool = True
    """Whether it is written again while it lasts, so that it is there as long."""

    @property
    def namespace(self) -> str:
        """Where the Event lies: by the object, or where it has no namespace in ``default``."""
        return self.reference.get("namespace") or "default"

    @property
    def owner(self) -> tuple[str, str, str]:
        """The object: kind, namespace, name."""
        return (self.reference["kind"], self.namespace, self.reference["name"])

    @property
    def name(self) -> str:
        """The Event's name, of whichever replica: who comes second finds it."""
        parts = (*self.owner, self.reference.get("uid", ""), self.type, self.reason)
        text = "\0".join((*parts, self.key or self.note))
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        return f"{self.reference['name'][:_LONGEST_NAME].rstrip('.-')}.{digest}"


def causes_of(events: Iterable[ingc.ObjectEvents]) -> list[EventCause]:
    """Return what is to be reported of each object, of one with many causes the first few."""
    found = []
    for item in events:
        shown, rest = item.events, item.events[_MOST - 1 :]
        if len(shown) > _MOST:
            shown = shown[: _MOST - 1]
        found += [EventCause(item.reference, e.type, e.reason, e.message) for e in shown]
        if len(item.events) > _MOST:
            counts = Counter(event.message.partition(" ")[0] for event in rest)
            codes = ", ".join(f"{code} ({count})" for code, count in sorted(counts.items()))
            note = f"{len(rest)} more findings: {codes}"[:1024]
            found.append(EventCause(item.reference, "Warning", "MoreFindings", note))
    return found


def taken(report: ingc.IngressReport) -> EventCause:
    """Return what is reported once when an Ingress is served."""
    hosts = ", ".join(host or "every other host" for host in report.hosts[:_MOST])
    more = f" and {len(report.hosts) - _MOST} more" if len(report.hosts) > _MOST else ""
    count = len(report.routes)
    note = f"nginx serves {count} route{'s' * (count != 1)} of {hosts or 'it'}{more}"
    return EventCause(report.reference, "Normal", "Taken", note, key="taken", lasts=False)


def by_name(causes: Iterable[EventCause]) -> dict[str, EventCause]:
    """Return causes by the names of their Events."""
    return {cause.name: cause for cause in causes}


@dataclass(slots=True)
class _Written:
    """An Event as this replica knows it."""

    count: int
    """So often its cause was seen."""
    at: float
    """When it was last written, by our own clock."""
    unwritten: int = 0
    """So often the cause was seen since."""
    present: bool = True


@dataclass(slots=True)
class _Bucket:
    """How many Events an object may have."""

    left: float
    at: float

    def has_one(self, now: float) -> bool:
        self.left = min(float(_BURST), self.left + (now - self.at) / _REFILL)
        self.at = now
        return self.left >= 1


@dataclass(slots=True)
class EventWriter:
    """Knows which causes there are, and writes what is due."""

    api: Api
    leadership: Leadership
    instance: str
    """Who reports (``reportingInstance``): the Pod's name."""
    per_second: float = 50.0
    """So many Events are written a second at most."""
    clock: Callable[[], float] = monotonic
    _written: dict[str, _Written] = field(default_factory=dict)
    _buckets: dict[tuple[str, str, str], _Bucket] = field(default_factory=dict)

    def forget(self) -> None:
        """Know of no Event: another replica may have written since."""
        self._written.clear()

    def pass_over(self, names: Iterable[str]) -> None:
        """Take Events as written that are not known yet: an earlier replica did that."""
        for name in names:
            self._written.setdefault(name, _Written(1, self.clock()))

    async def write(self, wanted: Mapping[str, EventCause]) -> bool:
        """Write the Events that are due of the causes there are now, by `EventCause.name`.

        Returns whether all is written; what is not is logged, and to be tried again.
        """
        now = self.clock()
        for name, known in list(self._written.items()):
            if name not in wanted:
                known.present = False
                if now - known.at > 2 * _RENEWAL:
                    del self._written[name]
        full = [owner for owner, b in self._buckets.items() if b.has_one(now) and b.left >= _BURST]
        for owner in full:
            del self._buckets[owner]
        due = [cause for name, cause in wanted.items() if self._is_due(name, cause, now)]
        done = True
        for first in range(0, len(due), _AT_ONCE):
            if not await self.leadership.confirm():
                return False
            some = due[first : first + _AT_ONCE]
            begun = self.clock()
            done &= all(await asyncio.gather(*map(self._write_one, some)))
            await asyncio.sleep(max(0.0, len(some) / self.per_second - (self.clock() - begun)))
        return done

    def _event_of(self, cause: EventCause, reference: Mapping[str, str]) -> dict[str, Any]:
        event = ingc.IngressEvent(cause.type, cause.reason, cause.note)
        return ingc.event_object(
            reference, event, controller="ingc", instance=self.instance, name=cause.name
        )

    def _is_due(self, name: str, cause: EventCause, now: float) -> bool:
        known = self._written.get(name)
        if known is not None:
            if not known.present:
                known.present = True
                known.unwritten += 1
            since = now - known.at
            if not (since >= _GAP if known.unwritten else cause.lasts and since >= _RENEWAL):
                return False
        return self._bucket(cause, now).has_one(now)

    def _bucket(self, cause: EventCause, now: float) -> _Bucket:
        return self._buckets.setdefault(cause.owner, _Bucket(_BURST, now))

    async def _write_one(self, cause: EventCause) -> bool:
        bucket = self._bucket(cause, self.clock())
        if not bucket.has_one(self.clock()):
            return True  # Another cause of this round took the last; it is due again.
        bucket.left -= 1
        try:
            known = self._written.get(cause.name)
            if known is None or not await self._count(cause, known):
                await self._create(cause)
        except ApiError as error:
            _log.warning("an Event on %s %s/%s is not written: %s", *cause.owner, error)
            if error.status not in _FINAL:
                bucket.left += 1
                return False
            self._written[cause.name] = _Written(1, self.clock())
        return True

    async def _create(self, cause: EventCause) -> None:
        """Create an Event; one that an earlier replica has created goes on."""
        event = self._event_of(cause, await self._with_uid(cause))
        try:
            await self.api.request("POST", _path(cause), body=event)
        except ApiError as error:
            if error.status != 409:
                raise
            found = await self.api.request("GET", f"{_path(cause)}/{cause.name}")
            count = (found.get("series") or {}).get("count") or 1
            self._written[cause.name] = _Written(count, self.clock())
            return
        self._written[cause.name] = _Written(1, self.clock())

    async def _count(self, cause: EventCause, known: _Written) -> bool:
        """Write how often a cause was seen; ``False``: the server has dropped the Event."""
        count = known.count + max(1, known.unwritten)
        series = {"series": {"count": count, "lastObservedTime": micro_time()}}
        try:
            await self.api.request(
                "PATCH",
                f"{_path(cause)}/{cause.name}",
                body=series,
                content_type="application/merge-patch+json",
            )
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        self._written[cause.name] = _Written(count, self.clock())
        return True

    async def _with_uid(self, cause: EventCause) -> Mapping[str, str]:
        """Return the reference of a cause; ``kubectl describe`` finds Events by uid."""
        reference = cause.reference
        plural = _PLURALS.get(reference["kind"])
        if "uid" in reference or plural is None:
            return reference
        version = reference["apiVersion"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        inside = f"/namespaces/{cause.namespace}" if "namespace" in reference else ""
        try:
            found = await self.api.request("GET", f"{root}{inside}/{plural}/{reference['name']}")
        except ApiError as error:
            if error.status not in {403, 404}:
                raise
            return reference
        return {**reference, "uid": found["metadata"]["uid"]}


def _path(cause: EventCause) -> str:
    return f"{_GROUP}/namespaces/{cause.namespace}/events"
