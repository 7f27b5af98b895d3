"""Secrets and ConfigMaps: of all of them the metadata, and of those that are named the rest."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ingc
from ingc.controller.api import Api, ApiError
from ingc.controller.backoff import Backoff
from ingc.controller.gathering import Changes
from ingc.controller.kinds import CONFIG_MAP, SECRET
from ingc.kinds import KINDS

_log = logging.getLogger(__name__)

_KINDS = {item.kind: item for item in (SECRET, CONFIG_MAP)}
_NAMING = frozenset({*(kind.name for kind in KINDS), "ConfigMap"})
"""Kinds of objects that name others."""
_AT_ONCE = 16
"""So many are requested at a time."""
_NOT_FOUND = 404
_ROUNDS = 2
"""The ConfigMap of global settings is named by an option, and names others."""


class NamedReading:
    """Knows which objects are named, and reads them when they are, or change.

    `note` takes what a watch of metadata gives; `complete` adds to changes what they name. What
    can't be read for want of an answer is tried again later, and holds up nobody else.
    """

    def __init__(
        self,
        api: Api,
        options: ingc.Options,
        touch: Callable[[], None],
        *,
        at_once: int = _AT_ONCE,
        backoff: Backoff | None = None,
    ) -> None:
        """Read nothing yet. ``touch`` is called where there is something to read."""
        self._api = api
        self._options = options
        self._touch = touch
        self._at_once = asyncio.Semaphore(at_once)
        self._there: dict[ingc.ObjectKey, str] = {}
        self._read: dict[ingc.ObjectKey, str] = {}
        by_options = ingc.named_objects((), options)
        self._named_by: dict[ingc.ObjectKey, frozenset[ingc.ObjectKey]] = {}
        self._count: Counter[ingc.ObjectKey] = Counter(by_options)
        self._always = by_options
        self._stale: set[ingc.ObjectKey] = set(by_options)
        self._backoff = backoff or Backoff()

    def note(self, key: ingc.ObjectKey, item: Mapping[str, Any] | None) -> None:
        """Take the metadata of an object, or that it is gone."""
        if item is None:
            self._there.pop(key, None)
        else:
            self._there[key] = str(item["metadata"].get("resourceVersion", ""))
        if self._count[key] > 0:
            self._stale.add(key)
            self._touch()

    async def complete(self, changes: Changes) -> Changes:
        """Return changes with the objects that they name, as they are now."""
        found = dict(changes)
        fresh: Iterable[ingc.ObjectKey] = changes
        for _ in range(_ROUNDS):
            self._name(found, fresh)
            fresh = await self._read_stale(found)
            if not any(key.kind in _NAMING for key in fresh):
                break
        return found

    def _name(self, changes: Changes, fresh: Iterable[ingc.ObjectKey]) -> None:
        """Note what changed objects name now, and no longer."""
        for key in fresh:
            if key.kind not in _NAMING:
                continue
            item = changes[key]
            names: frozenset[ingc.ObjectKey] = frozenset()
            if item is not None:
                names = ingc.named_objects([item], self._options) - self._always
            before = self._named_by.pop(key, frozenset())
            if names:
                self._named_by[key] = names
            self._count.subtract(before - names)
            self._count.update(names - before)
            self._stale |= before ^ names

    async def _read_stale(self, changes: Changes) -> list[ingc.ObjectKey]:
        """Put what is to be read into changes, and what is to go; return which those are."""
        stale, self._stale = self._stale, set()
        wanted, done = [], []
        for key in sorted(stale):
            there = self._there.get(key)
            if self._count[key] > 0 and there is not None:
                if self._read.get(key) != there:
                    wanted.append(key)
                continue
            if self._count[key] <= 0:
                del self._count[key]
            if self._read.pop(key, None) is not None:
                changes[key] = None
                done.append(key)
        answers = await asyncio.gather(*map(self._get, wanted))
        failed = {}
        for key, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, ApiError):
                failed[key] = answer
            elif answer is not None:
                changes[key] = answer
                self._read[key] = str(answer["metadata"].get("resourceVersion", ""))
                done.append(key)
        if failed:
            self._later(failed)
        elif wanted:
            self._backoff.reset()
        return done

    async def _get(self, key: ingc.ObjectKey) -> Mapping[str, Any] | ApiError | None:
        """Return an object, or why it can't be read; ``None``: it is gone."""
        kind = _KINDS[key.kind]
        try:
            async with self._at_once:
                item = await self._api.request("GET", kind.path(key.namespace, key.name))
        except ApiError as error:
            # Where it is gone since, its watch reports that too.
            return error if error.status != _NOT_FOUND else None
        return kind.as_read(item)

    def _later(self, failed: Mapping[ingc.ObjectKey, ApiError]) -> None:
        """Have them read again, all together: many that fail at once are one failure."""
        requested = [error.retry_after for error in failed.values() if error.retry_after]
        seconds = self._backoff.wait(max(requested, default=None))
        for key, error in failed.items():
            _log.warning(
                "%s %s/%s: %s; again in %.1f s", key.kind, key.namespace, key.name, error, seconds
            )
        asyncio.get_running_loop().call_later(seconds, self._again, tuple(failed))

    def _again(self, keys: Sequence[ingc.ObjectKey]) -> None:
        self._stale.update(keys)
        self._touch()
