"""One collection of the API server, followed: what it holds, and what comes, changes and goes.

The rules are those of "Efficient detection of changes" (Kubernetes API concepts): a list gives a
resourceVersion, a watch from there gives every change since, a bookmark a later version; 410 says
that a version is too old, and everything is listed again. What was listed before and has the same
version is no change, so a list of thousands hands on what differs; nor is what differs in nothing
that is read, such as a status that the controller has written.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, NamedTuple

from ingc.controller.api import CONNECT, JSON, METADATA, METADATA_LIST, Api, ApiError
from ingc.controller.backoff import Backoff
from ingc.controller.kinds import Collection, WatchedKind, meta_of

_log = logging.getLogger(__name__)

Item = Mapping[str, Any]
"""An object as the API writes it."""
Changed = Callable[[WatchedKind, str, str, Item | None], None]
"""Takes a kind, namespace and name, and the object; ``None``: it is gone."""

_WATCH_SECONDS = (300, 600)
"""A watch is requested for so long, by chance: not all end together."""
_TOO_SHORT = 1.0
"""A watch that ends sooner without an event counts as a failure."""
_ESTABLISHED = CONNECT + 5.0
"""A watch that has lasted so long goes well, though nothing may change for a minute: it is past
its connection."""
_ABSENT_WAIT = 60.0
"""Seconds until a collection that a cluster may lack is looked for again."""
_GONE, _FORBIDDEN, _NOT_FOUND = 410, 403, 404
_LIST_AGAIN = 3
"""After so many answers in a row that refuse a watch, everything is listed again: a version may be
from a time that the server, restored from a copy, has not reached."""


class _Known(NamedTuple):
    """What was handed on of an object."""

    version: str
    content: bytes
    """A digest of what is read of it."""


class Watcher:
    """Follows one collection until it is cancelled; no failure of the API server ends it."""

    def __init__(
        self,
        api: Api,
        source: Collection,
        changed: Changed,
        *,
        chunk: int = 500,
        backoff: Backoff | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Ask for nothing yet. ``changed`` is called in the event loop, and must not wait."""
        self.source = source
        self.synced = asyncio.Event()
        """Whether it has been listed."""
        self.failure: str | None = None
        """Why it is not followed at the moment."""
        self._api = api
        self._changed = changed
        self._chunk = chunk
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._known: dict[tuple[str, str], _Known] = {}
        self._version = ""
        self._whole = False
        self._was_gone = False
        """Whether a version was too old since it last went well."""

    async def run(self) -> None:
        """List and watch; never returns."""
        while True:
            try:
                if not self._version:
                    await self._list()
                await self._watch()
            except ApiError as error:
                await self._failed(error)
            except Exception as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise  # What fails on the way out is no reason to stay.
                _log.exception("following %s failed", self.source)
                self._version = ""
                await self._failed(ApiError(0, type(error).__name__, message=str(error)))

    async def _failed(self, error: ApiError) -> None:
        """Wait, and decide from where to go on."""
        if self.source.optional and error.status in (_FORBIDDEN, _NOT_FOUND):
            await self._absent(error)
            return
        if error.status == _GONE and not self._was_gone:
            self._backoff.reset()  # The server is back; only a list can help, and need not wait.
            self._was_gone = True
        seconds = self._backoff.wait(error.retry_after)
        if error.status == _GONE:
            self._whole = not self._version  # A list in chunks took too long: at once then.
            self._version = ""
            _log.info("%s: %s; listing again in %.1f s", self.source, error, seconds)
        else:
            self.failure = str(error)
            if error.status and self._backoff.failures >= _LIST_AGAIN:
                self._version = ""
            _log.warning("%s: %s; again in %.1f s", self.source, error, seconds)
        await self._sleep(seconds)

    async def _absent(self, error: ApiError) -> None:
        if not self.synced.is_set():
            _log.info("%s: %s; taken as empty", self.source, error)
        self._drop(set(self._known))
        self._version = ""
        self.synced.set()
        await self._sleep(_ABSENT_WAIT)

    async def _list(self) -> None:
        """Take everything, in chunks, and drop what is no longer there."""
        params = {} if self._whole else {"limit": str(self._chunk)}
        accept = METADATA_LIST if self.source.kind.by_metadata else JSON
        found: set[tuple[str, str]] = set()
        token = None
        while token is None or token:
            asked = {**params, "continue": token} if token else params
            page = await self._api.request("GET", self.source.path, params=asked, accept=accept)
            items, token, version = _read_page(page)
            found.update(name for item in items if (name := self._take(item)))
            await asyncio.sleep(0)
        self._drop(self._known.keys() - found)
        self._version, self._whole, self.failure = version, False, None
        self.synced.set()

    async def _watch(self) -> None:
        """Take what changes, until the server ends the watch."""
        loop = asyncio.get_running_loop()
        begun, events = loop.time(), 0
        accept = METADATA if self.source.kind.by_metadata else JSON
        params = {
            "resourceVersion": self._version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(random.randint(*_WATCH_SECONDS)),  # noqa: S311 - no secret
        }
        established = loop.call_later(_ESTABLISHED, self._went_well)
        try:
            async with aclosing(self._api.watch(self.source.path, params, accept=accept)) as stream:
                async for event in stream:
                    self._heed(event)
                    self._went_well()
                    events += 1
        finally:
            established.cancel()
        if not events and loop.time() - begun < _TOO_SHORT:
            raise ApiError(0, "WatchEnded", message="the watch ended as soon as it began")
        self._went_well()

    def _heed(self, event: Mapping[str, Any]) -> None:
        item, kind = event["object"], event["type"]
        version = meta_of(item).get("resourceVersion")
        if kind in ("ADDED", "MODIFIED"):
            self._take(item)
        elif kind == "DELETED":
            self._drop({_name(item)})
        if isinstance(version, str) and version:
            self._version = version

    def _went_well(self) -> None:
        self._backoff.reset()
        self.failure = None
        self._was_gone = False

    def _take(self, item: Item) -> tuple[str, str] | None:
        """Hand on an object that is new or another; return its name."""
        namespace, name = found = _name(item)
        if not name:
            return None
        version = str(meta_of(item).get("resourceVersion", ""))
        before = self._known.get(found)
        if before is None or not version or before.version != version:
            plain = self.source.kind.as_read(item)
            content = _content(plain, self.source.kind)
            self._known[found] = _Known(version, content)
            if before is None or before.content != content:
                self._changed(self.source.kind, namespace, name, plain)
        return found

    def _drop(self, gone: set[tuple[str, str]]) -> None:
        for namespace, name in sorted(gone):
            if self._known.pop((namespace, name), None) is not None:
                self._changed(self.source.kind, namespace, name, None)


def _read_page(page: Any) -> tuple[list[Item], str, str]:
    """Return the objects of a list's answer, the token of the next, and the version."""
    meta = meta_of(page) if isinstance(page, dict) else {}
    version = meta.get("resourceVersion")
    items = page.get("items") or [] if isinstance(page, dict) else None
    if not isinstance(version, str) or not version or not isinstance(items, list):
        raise ApiError(0, "BadAnswer", message="the answer is no list")
    token = meta.get("continue")
    return items, token if isinstance(token, str) else "", version


def _content(plain: Item, kind: WatchedKind) -> bytes:
    """Return a digest of an object without what changes though nothing does.

    Of one whose metadata alone are watched the version stands for the rest.
    """
    kept = dict(plain)
    if not kind.by_metadata:
        kept["metadata"] = {k: v for k, v in meta_of(plain).items() if k != "resourceVersion"}
    if not kind.reads_status:
        kept.pop("status", None)
    text = json.dumps(kept, sort_keys=True).encode()
    return hashlib.blake2b(text, digest_size=16).digest()


def _name(item: Item) -> tuple[str, str]:
    meta = meta_of(item)
    return str(meta.get("namespace") or ""), str(meta.get("name") or "")
