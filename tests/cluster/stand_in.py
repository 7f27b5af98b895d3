"""Stands in for what only a full cluster has: the EndpointSlice controller, and the kubelet.

    python -m tests.cluster.stand_in KUBECONFIG

Each Pod gets an address of `network.PODS`, runs and is ready at once; each Service with a selector
gets one EndpointSlice with the ready Pods that it selects. Nothing else of the two is here: no
probes, no topology, no slices of many. `backends` answers on the addresses.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingc.controller.api import Api, ApiError
from ingc.controller.client import KubeApi
from ingc.controller.kinds import ENDPOINT_SLICE, POD, SERVICE, Collection, WatchedKind
from ingc.controller.watching import Watcher
from tests.cluster.network import PODS
from tests.objects import endpoint_slice

_MANAGER = "endpointslice-stand-in"
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"

Name = tuple[str, str]
Item = Mapping[str, Any]


class StandIn:
    """Follows Pods and Services, and writes status and EndpointSlices."""

    def __init__(self, api: Api) -> None:
        """Write nothing yet."""
        self._api = api
        self._held: dict[str, dict[Name, Item]] = {POD.kind: {}, SERVICE.kind: {}}
        self._written: dict[Name, Item] = {}
        self._changed = asyncio.Event()
        self._addresses = PODS.hosts()

    async def run(self) -> None:
        """Do so until cancelled."""
        watchers = [
            Watcher(api=self._api, source=Collection(kind), changed=self._take)
            for kind in (POD, SERVICE)
        ]
        async with asyncio.TaskGroup() as tasks:
            for watcher in watchers:
                tasks.create_task(watcher.run())
            while True:
                await self._changed.wait()
                self._changed.clear()
                try:
                    await self._round()
                except ApiError as error:
                    print(error, file=sys.stderr, flush=True)
                    await asyncio.sleep(0.5)
                    self._changed.set()

    def _take(self, kind: WatchedKind, namespace: str, name: str, item: Item | None) -> None:
        held = self._held[kind.kind]
        if item is None:
            held.pop((namespace, name), None)
        else:
            held[namespace, name] = item
        self._changed.set()

    async def _round(self) -> None:
        for name, pod in list(self._held[POD.kind].items()):
            if not pod.get("status", {}).get("podIP"):
                await self._run_pod(name)
        wanted = {
            name: self._slice_of(name, service)
            for name, service in self._held[SERVICE.kind].items()
            if service["spec"].get("selector")
        }
        for name, item in wanted.items():
            if self._written.get(name) != item:
                path = ENDPOINT_SLICE.path(name[0], item["metadata"]["name"])
                params = {"fieldManager": _MANAGER, "force": "true"}
                await self._api.request(
                    "PATCH", path, params=params, body=item, content_type=_APPLY
                )
                self._written[name] = item
        for name in self._written.keys() - wanted.keys():
            gone = self._written.pop(name)["metadata"]["name"]
            await self._api.request("DELETE", ENDPOINT_SLICE.path(name[0], gone))

    async def _run_pod(self, name: Name) -> None:
        address = str(next(self._addresses))
        status = {
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
        }
        path = f"{POD.path(*name)}/status"
        await self._api.request("PATCH", path, body={"status": status}, content_type=_MERGE)

    def _slice_of(self, name: Name, service: Item) -> Item:
        namespace, service_name = name
        selector = service["spec"]["selector"].items()
        found = [
            pod["status"]["podIP"]
            for (where, _), pod in sorted(self._held[POD.kind].items())
            if where == namespace
            and selector <= pod["metadata"].get("labels", {}).items()
            and pod.get("status", {}).get("podIP")
        ]
        ports = service["spec"]["ports"]
        made = endpoint_slice(
            service_name, *found, port=None, name=f"{service_name}-stand-in", namespace=namespace
        )
        made["ports"] = [
            {"name": port.get("name", ""), "port": int(port["targetPort"]), "protocol": "TCP"}
            for port in ports
        ]
        return made


async def _main(kubeconfig: str) -> None:
    api = KubeApi.from_config(Path(kubeconfig))
    try:
        await StandIn(api).run()
    finally:
        await api.aclose()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
