"""Writes ``status.loadBalancer`` of our Ingresses, by one replica, and only where it is another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingc.controller.addresses import Addresses, published_in
from ingc.controller.api import Api, ApiError
from ingc.controller.lease import Leadership

_log = logging.getLogger(__name__)

_GROUP = "/apis/networking.k8s.io/v1"
_AT_ONCE = 16
"""So many Ingresses are written between two looks at the Lease."""
_ATTEMPTS = 5
"""So often a write is tried against a newer object."""
_FEW = 10
"""So many unknown Ingresses are read one by one; more are listed."""
_PAGE = "500"

Name = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the server has of an Ingress, as far as this replica has seen."""

    uid: str
    addresses: Addresses
    ours: bool
    """Whether we have written them (``metadata.managedFields``)."""

    def is_behind(self, addresses: Addresses) -> bool:
        """Return whether it is to be written; what others have written is replaced, not removed."""
        return self.addresses != addresses and bool(addresses or self.ours)


class StatusWriter:
    """Knows what the server has, and writes what is to be another.

    Whose addresses stand in a status the server knows: the manager of the field. Addresses are
    taken out of an Ingress that is no longer ours only where ours stand there.
    """

    def __init__(
        self,
        api: Api,
        leadership: Leadership,
        *,
        manager: str,
        namespaces: tuple[str, ...] = (),
    ) -> None:
        """Know nothing yet.

        ``manager`` names this installation, and all its replicas; at most 128 characters.
        ``namespaces`` are those whose Ingresses may be listed; empty: all.
        """
        self._api = api
        self._leadership = leadership
        self._manager = manager
        self._namespaces = namespaces
        self._known: dict[Name, _Known] = {}
        self._listed = False

    def forget(self) -> None:
        """Read everything again at the next write: another replica may have written since."""
        self._known.clear()
        self._listed = False

    def is_published(self, name: Name) -> bool:
        """Return whether an Ingress has addresses of ours, as far as is known."""
        known = self._known.get(name)
        return known is not None and known.ours and bool(known.addresses)

    async def learn(self, names: Mapping[Name, str]) -> None:
        """Read of the server what is not known of these Ingresses. Raises `ApiError`."""
        unknown = [name for name, uid in names.items() if self._differs(name, uid)]
        if self._listed and len(unknown) <= _FEW:
            return
        known = {}
        async for ingress in self._list():
            metadata = ingress["metadata"]
            known[metadata["namespace"], metadata["name"]] = self._read(ingress)
        self._known, self._listed = known, True

    async def write(
        self, ours: Mapping[Name, str], passed: Mapping[Name, str], addresses: Addresses
    ) -> bool:
        """Write the addresses into ``ours``, and take ours out of ``passed``.

        Both are uids by name. Returns whether all is as it should be; what is not is logged, and
        to be tried again. Raises `ApiError` where nothing can be read.
        """
        await self.learn(ours)
        for name in self._known.keys() - ours.keys() - passed.keys():
            del self._known[name]
        work = [
            (name, uid, addresses)
            for name, uid in ours.items()
            if self._differs(name, uid) or self._is_behind(name, addresses)
        ]
        work += [(name, uid, ()) for name, uid in passed.items() if self._is_behind(name, ())]
        return await self._write(work)

    async def clear(self) -> bool:
        """Take our addresses out of every Ingress; return whether none is left."""
        items = list(self._known.items())
        return await self._write([(name, known.uid, ()) for name, known in items if known.ours])

    async def _write(self, work: list[tuple[Name, str, Addresses]]) -> bool:
        done = True
        for first in range(0, len(work), _AT_ONCE):
            if not await self._leadership.confirm():
                return False
            some = work[first : first + _AT_ONCE]
            done &= all(await asyncio.gather(*(self._write_one(*one) for one in some)))
        return done

    def _is_behind(self, name: Name, addresses: Addresses) -> bool:
        known = self._known.get(name)
        return known is not None and known.is_behind(addresses)

    def _differs(self, name: Name, uid: str) -> bool:
        known = self._known.get(name)
        return known is None or (bool(uid) and known.uid != uid)

    async def _write_one(self, name: Name, uid: str, addresses: Addresses) -> bool:
        try:
            for _ in range(_ATTEMPTS):
                if await self._attempt(name, uid, addresses):
                    return True
        except ApiError as error:
            _log.warning("the status of Ingress %s/%s is not written: %s", *name, error)
        return False

    async def _attempt(self, name: Name, uid: str, addresses: Addresses) -> bool:
        """Read an Ingress and write into it; ``False``: another wrote meanwhile (409)."""
        path = f"{_GROUP}/namespaces/{name[0]}/ingresses/{name[1]}"
        try:
            ingress = await self._api.request("GET", path)
            self._known[name] = known = self._read(ingress)
            if uid and known.uid != uid:
                return True  # Another of that name: it is judged when it is compiled.
            if not known.is_behind(addresses):
                return True
            written = await self._api.request(
                "PATCH",
                f"{path}/status",
                params={"fieldManager": self._manager},
                body=_patch(ingress["metadata"], addresses),
                content_type="application/merge-patch+json",
            )
        except ApiError as error:
            if error.status == 404:
                self._known.pop(name, None)
                return True
            if error.status == 409:
                return False
            raise
        self._known[name] = self._read(written)
        return True

    async def _list(self) -> AsyncIterator[Mapping[str, Any]]:
        inside = [f"namespaces/{name}/" for name in self._namespaces] or [""]
        for place in inside:
            following: str | None = ""
            while following is not None:
                params = {"limit": _PAGE} | ({"continue": following} if following else {})
                path = f"{_GROUP}/{place}ingresses"
                page = await self._api.request("GET", path, params=params)
                for item in page["items"]:
                    yield item
                following = page["metadata"].get("continue") or None

    def _read(self, ingress: Mapping[str, Any]) -> _Known:
        metadata = ingress["metadata"]
        ours = any(
            item.get("manager") == self._manager and item.get("subresource") == "status"
            for item in metadata.get("managedFields") or ()
        )
        return _Known(metadata.get("uid", ""), published_in(ingress), ours)


def _patch(metadata: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    """Return a merge patch for the one version of the object that was read."""
    ingress = [address.as_api for address in addresses] or None
    return {
        "metadata": {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]},
        "status": {"loadBalancer": {"ingress": ingress}},
    }
