"""A small API server in memory: objects by path, versions, conflicts, and faults on request."""

from __future__ import annotations

import copy
from collections.abc import AsyncGenerator, Callable, Mapping
from itertools import count
from typing import Any

from ingc.controller.api import ApiError


def _nothing(*_: str) -> None:
    """Let a request be."""


Asked = tuple[str, str]
"""Method and path."""


class FakeApi:
    """Knows of Kubernetes what status, Events and Lease need.

    `before` is called before each request, and may raise or change things.
    """

    def __init__(self, *objects: tuple[str, Mapping[str, Any]]) -> None:
        """Hold the objects, each with the path of its collection."""
        self.objects: dict[str, dict[str, Any]] = {}
        self.asked: list[Asked] = []
        self.before: Callable[[str, str], None] = _nothing
        self._versions = count(1)
        self._uids = count(1)
        for parent, value in objects:
            self.put(parent, value)

    @property
    def writes(self) -> list[Asked]:
        """What was not only read."""
        return [one for one in self.asked if one[0] != "GET"]

    def put(self, parent: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """Store an object as somebody else would."""
        kept = copy.deepcopy(dict(value))
        metadata = kept.setdefault("metadata", {})
        metadata.setdefault("uid", f"uid-{next(self._uids)}")
        metadata["resourceVersion"] = str(next(self._versions))
        self.objects[f"{parent}/{metadata['name']}"] = kept
        return kept

    def find(self, path: str) -> dict[str, Any]:
        """Return the object at a path, to be read, or changed as by somebody else."""
        return self.objects[path]

    def touch(self, path: str) -> None:
        """Give an object a new version."""
        self.objects[path]["metadata"]["resourceVersion"] = str(next(self._versions))

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
        **_: str,
    ) -> Any:
        """Answer as an API server."""
        self.asked.append((method, path))
        self.before(method, path)
        given = dict(params or {})
        match method:
            case "GET":
                answer = self._get(path, given)
            case "POST":
                answer = self._post(path, body)
            case "PUT":
                answer = self._put(path, body)
            case _:
                assert content_type == "application/merge-patch+json"
                answer = self._patch(path, given, body)
        return copy.deepcopy(answer)

    def watch(
        self, path: str, params: Mapping[str, str]
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        """Nothing here watches."""
        raise NotImplementedError

    def _get(self, path: str, params: dict[str, str]) -> Any:
        if path in self.objects:
            return self.objects[path]
        start, _, plural = path.rpartition("/")
        inside = [
            value
            for name, value in self.objects.items()
            if name.startswith(start) and name.split("/")[-2] == plural
        ]
        if not inside and plural not in {"ingresses", "pods"}:
            raise ApiError(404, "NotFound")
        wanted = dict(p.split("=") for p in params.get("labelSelector", "").split(",") if p)
        found = [v for v in inside if wanted.items() <= v["metadata"].get("labels", {}).items()]
        first = int(params.get("continue", 0))
        last = first + int(params.get("limit", len(found) or 1))
        following = {"continue": str(last)} if last < len(found) else {}
        return {"items": found[first:last], "metadata": following}

    def _post(self, path: str, body: Any) -> Any:
        if f"{path}/{body['metadata']['name']}" in self.objects:
            raise ApiError(409, "AlreadyExists")
        return self.put(path, body)

    def _put(self, path: str, body: Any) -> Any:
        known = self._current(path, body)
        given = {**body["metadata"], "uid": known["metadata"]["uid"]}
        return self.put(path.rpartition("/")[0], {**body, "metadata": given})

    def _patch(self, path: str, params: dict[str, str], body: Any) -> Any:
        inner = path.removesuffix("/status")
        known = self._current(inner, body)
        for name, value in body.items():
            if name != "metadata":
                known[name] = copy.deepcopy(value)
        if inner != path:
            entry = {"manager": params["fieldManager"], "subresource": "status"}
            cleared = not body["status"]["loadBalancer"]["ingress"]
            known["metadata"]["managedFields"] = [] if cleared else [entry]
        self.touch(inner)
        return known

    def _current(self, path: str, body: Any) -> dict[str, Any]:
        if path not in self.objects:
            raise ApiError(404, "NotFound")
        known = self.objects[path]
        for name in ("uid", "resourceVersion"):
            wanted = body.get("metadata", {}).get(name)
            if wanted is not None and wanted != known["metadata"][name]:
                raise ApiError(409, "Conflict")
        return known


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        """Start at any time."""
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Leader:
    """Whether we are the replica that writes, as a test wants it."""

    def __init__(self, *, held: bool = True) -> None:
        """Be it, or not; `confirmations` may say how often that is so."""
        self.held = held
        self.confirmations = float("inf")

    async def confirm(self) -> bool:
        """Return whether it is so, and count."""
        self.confirmations -= 1
        self.held = self.held and self.confirmations >= 0
        return self.held
