"""An API server in memory: lists in chunks, watches from a version, and faults on request."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from ingc.controller.api import JSON, ApiError

Object = dict[str, Any]
EXPIRED = ApiError(410, "Expired", message="too old resource version")


class FakeServer:
    """Stands for `ingc.controller.api.Api`; objects are put and taken by the test."""

    def __init__(self) -> None:
        self.version = 100
        self.objects: dict[str, dict[tuple[str, str], Object]] = {}
        self.asked: Counter[str] = Counter()
        """How often what was requested: ``list``, ``watch``, ``get``."""
        self.faults: dict[str, list[ApiError]] = {}
        """What the next requests of a sort answer."""
        self.accepted: list[str] = []
        self.from_versions: list[str] = []
        self._log: list[tuple[int, str, str, Object]] = []
        self._oldest = 0
        self._news = asyncio.Event()
        self._cut = 0
        self._snapshots: dict[str, list[Object]] = {}

    def put(self, path: str, name: str, namespace: str = "shop", **fields: Any) -> Object:
        """Create or replace an object of the collection of all namespaces at a path."""
        kept = self.objects.setdefault(path, {})
        kind = "MODIFIED" if (namespace, name) in kept else "ADDED"
        self.version += 1
        meta = {"namespace": namespace, "name": name, "resourceVersion": str(self.version)}
        meta |= fields.pop("metadata", {})
        item = kept[namespace, name] = {"metadata": meta, **fields}
        self._tell(path, kind, item)
        return item

    def delete(self, path: str, name: str, namespace: str = "shop") -> None:
        item = self.objects[path].pop((namespace, name))
        self.version += 1
        meta = {**item["metadata"], "resourceVersion": str(self.version)}
        self._tell(path, "DELETED", {**item, "metadata": meta})

    def bookmark(self, path: str) -> None:
        item = {"metadata": {"resourceVersion": str(self.version)}}
        self._tell(path, "BOOKMARK", item)

    def compact(self) -> None:
        """Forget the past, as etcd does: watches from older versions answer 410."""
        self._log.clear()
        self._snapshots.clear()
        self._oldest = self.version

    def cut(self) -> None:
        """End all watches in their middle, as a broken connection does."""
        self._cut += 1
        self._news.set()
        self._news = asyncio.Event()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,  # noqa: ARG002
        content_type: str = JSON,  # noqa: ARG002
        accept: str = JSON,
    ) -> Any:
        assert method == "GET"
        await asyncio.sleep(0)
        self.accepted.append(accept)
        collection, name = self._place(path)
        if name is not None:
            self._ask("get")
            found = self.objects.get(collection, {}).get(name)
            if found is None:
                raise ApiError(404, "NotFound")
            return found
        self._ask("list")
        return self._page(collection, dict(params or {}))

    async def watch(
        self,
        path: str,
        params: Mapping[str, str],
        *,
        accept: str = JSON,  # noqa: ARG002
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        assert params["allowWatchBookmarks"] == "true"
        self.from_versions.append(params["resourceVersion"])
        self._ask("watch")
        at, cut = int(params["resourceVersion"]), self._cut
        if at < self._oldest:
            raise EXPIRED
        while True:
            news = self._news
            if self._cut != cut:
                raise ApiError(0, "RemoteProtocolError", message="the connection is gone")
            for version, place, kind, item in list(self._log):
                if version > at and place == path:
                    at = version
                    yield {"type": kind, "object": item}
            await news.wait()

    def _tell(self, path: str, kind: str, item: Object) -> None:
        self.version += kind == "BOOKMARK"
        self._log.append((self.version, path, kind, item))
        self._news.set()
        self._news = asyncio.Event()

    def _ask(self, sort: str) -> None:
        self.asked[sort] += 1
        if self.faults.get(sort):
            raise self.faults[sort].pop(0)

    def _place(self, path: str) -> tuple[str, tuple[str, str] | None]:
        parts = path.split("/")
        if "namespaces" in parts and len(parts) == parts.index("namespaces") + 4:
            at = parts.index("namespaces")
            return "/".join([*parts[:at], parts[-2]]), (parts[at + 1], parts[-1])
        return path, None

    def _page(self, path: str, params: dict[str, str]) -> Any:
        token = params.get("continue")
        if token is None:
            items = list(self.objects.get(path, {}).values())
            start, version, key = 0, self.version, f"{path}@{self.version}"
            self._snapshots[key] = items
        else:
            key, _, text = token.rpartition("#")
            if key not in self._snapshots:
                raise EXPIRED
            start, items = int(text), self._snapshots[key]
            version = int(key.rpartition("@")[2])
        end = start + int(params.get("limit", len(items) + 1))
        meta = {"resourceVersion": str(version)}
        if end < len(items):
            meta["continue"] = f"{key}#{end}"
        return {"metadata": meta, "items": items[start:end]}
