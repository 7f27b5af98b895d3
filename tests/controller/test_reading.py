"""Of Secrets and ConfigMaps only those are read that something names."""

from __future__ import annotations

import asyncio
from typing import Any

import ingc
from ingc.controller.api import ApiError
from ingc.controller.backoff import Backoff
from ingc.controller.gathering import Changes
from ingc.controller.kinds import CONFIG_MAP, SECRET
from ingc.controller.reading import NamedReading
from tests.controller.fake_server import FakeServer


def secret(name: str, namespace: str = "shop") -> ingc.ObjectKey:
    return ingc.ObjectKey("Secret", namespace, name)


def config_map(name: str, namespace: str = "shop") -> ingc.ObjectKey:
    return ingc.ObjectKey("ConfigMap", namespace, name)


WEB = ingc.ObjectKey("Ingress", "shop", "web")
OTHER = ingc.ObjectKey("Ingress", "shop", "other")


def ingress(*secrets: str, name: str = "web") -> dict[str, Any]:
    spec = {"tls": [{"secretName": item} for item in secrets]}
    return {"kind": "Ingress", "metadata": {"namespace": "shop", "name": name}, "spec": spec}


class Cluster:
    """A fake server, and what reads it."""

    def __init__(self, **options: Any) -> None:
        self.server = FakeServer()
        self.touched = 0
        self.backoff = Backoff(least=0.02, chance=lambda: 1.0)
        self.reading = NamedReading(
            self.server, ingc.Options(**options), self._touch, backoff=self.backoff
        )

    def _touch(self) -> None:
        self.touched += 1

    def put(self, key: ingc.ObjectKey, **fields: Any) -> None:
        kind = SECRET if key.kind == "Secret" else CONFIG_MAP
        item = self.server.put(kind.path(), key.name, key.namespace, **fields)
        self.reading.note(key, {"metadata": item["metadata"]})

    def delete(self, key: ingc.ObjectKey) -> None:
        kind = SECRET if key.kind == "Secret" else CONFIG_MAP
        self.server.delete(kind.path(), key.name, key.namespace)
        self.reading.note(key, None)

    async def after(self, changes: Changes) -> dict[str, bool]:
        """Return what was added to changes: whether it is there."""
        found = await self.reading.complete(changes)
        return {key.name: item is not None for key, item in found.items() if key not in changes}


def test_only_what_is_named_is_read_and_only_when_it_changes() -> None:
    async def run() -> None:
        cluster = Cluster()
        for name in ("cert", "unnamed", "helm"):
            cluster.put(secret(name))
        assert await cluster.after({WEB: ingress("cert", "absent")}) == {"cert": True}
        assert await cluster.after({WEB: ingress("cert", "absent")}) == {}
        assert cluster.server.asked["get"] == 1
        cluster.put(secret("helm"))
        assert cluster.touched == 0
        cluster.put(secret("cert"))
        assert cluster.touched == 1
        assert await cluster.after({}) == {"cert": True}
        cluster.put(secret("absent"))
        assert cluster.touched == 2
        assert await cluster.after({}) == {"absent": True}
        assert cluster.server.asked["get"] == 3

    asyncio.run(run())


def test_what_nobody_reads_is_not_kept() -> None:
    async def run() -> None:
        cluster = Cluster()
        bulky = "kubectl.kubernetes.io/last-applied-configuration"
        meta = {"managedFields": [{}], "annotations": {bulky: "{}", "a": "b"}}
        cluster.put(secret("cert"), metadata=meta, data={"tls.key": ""})
        item = (await cluster.reading.complete({WEB: ingress("cert")}))[secret("cert")]
        assert item is not None
        assert (item["kind"], item["apiVersion"], item["data"]) == ("Secret", "v1", {"tls.key": ""})
        assert item["metadata"]["annotations"] == {"a": "b"}
        assert "managedFields" not in item["metadata"]

    asyncio.run(run())


def test_what_is_gone_or_no_longer_named_is_dropped() -> None:
    async def run() -> None:
        cluster = Cluster()
        cluster.put(secret("cert"))
        cluster.put(secret("shared"))
        both = {WEB: ingress("cert", "shared"), OTHER: ingress("shared")}
        assert await cluster.after(both) == {"cert": True, "shared": True}
        assert await cluster.after({WEB: ingress()}) == {"cert": False}
        cluster.delete(secret("shared"))
        assert await cluster.after({}) == {"shared": False}
        cluster.put(secret("shared"))
        assert await cluster.after({OTHER: None}) == {}, "nobody names it any more"
        assert cluster.server.asked["get"] == 2

    asyncio.run(run())


def test_the_configmap_of_settings_names_others() -> None:
    async def run() -> None:
        cluster = Cluster(configmap="system/settings")
        settings = config_map("settings", "system")
        cluster.put(settings, data={"ssl-dh-param": "system/dh"})
        cluster.put(secret("dh", "system"))
        cluster.put(secret("other", "system"))
        assert await cluster.after({}) == {"settings": True, "dh": True}
        cluster.put(settings, data={"ssl-dh-param": "system/other"})
        assert await cluster.after({}) == {"settings": True, "dh": False, "other": True}
        cluster.delete(settings)
        assert await cluster.after({}) == {"settings": False, "other": False}

    asyncio.run(run())


def test_what_cannot_be_read_holds_up_nobody_and_is_tried_again() -> None:
    async def run() -> None:
        cluster = Cluster()
        cluster.put(secret("broken"))
        cluster.put(secret("fine"))
        cluster.server.faults["get"] = [ApiError(500, "InternalError")]
        assert await cluster.after({WEB: ingress("broken", "fine")}) == {"fine": True}
        async with asyncio.timeout(5):
            while not cluster.touched:
                await asyncio.sleep(0.01)
        assert await cluster.after({}) == {"broken": True}

    asyncio.run(run())


def test_many_that_fail_at_once_are_one_failure() -> None:
    async def run() -> None:
        cluster = Cluster()
        names = [f"cert{number}" for number in range(20)]
        for name in names:
            cluster.put(secret(name))
        cluster.server.faults["get"] = [ApiError(503, "ServiceUnavailable") for _ in names[1:]]
        assert await cluster.after({WEB: ingress(*names)}) == {"cert9": True}
        assert cluster.backoff.failures == 1, "though one of them was read"
        async with asyncio.timeout(1):
            while not cluster.touched:
                await asyncio.sleep(0.005)
        assert cluster.touched == 1, "all are tried again together"
        cluster.server.faults["get"] = [ApiError(503, "ServiceUnavailable")]
        assert len(await cluster.after({})) == 18
        assert cluster.backoff.failures == 2
        async with asyncio.timeout(1):
            while cluster.touched == 1:
                await asyncio.sleep(0.005)
        assert len(await cluster.after({})) == 1
        assert cluster.backoff.failures == 0

    asyncio.run(run())


def test_the_longest_wait_that_the_server_wants_counts() -> None:
    async def run() -> None:
        cluster = Cluster()
        for name in ("one", "two", "three"):
            cluster.put(secret(name))
        waits: list[float | None] = [0.05, None, 0.3]
        cluster.server.faults["get"] = [ApiError(429, "TooManyRequests", wait) for wait in waits]
        begun = asyncio.get_running_loop().time()
        assert await cluster.after({WEB: ingress("one", "two", "three")}) == {}
        async with asyncio.timeout(2):
            while not cluster.touched:
                await asyncio.sleep(0.005)
        assert asyncio.get_running_loop().time() - begun > 0.29

    asyncio.run(run())


def test_what_goes_while_it_is_read_is_not_there() -> None:
    async def run() -> None:
        cluster = Cluster()
        cluster.put(secret("cert"))
        cluster.server.delete(SECRET.path(), "cert")
        assert await cluster.after({WEB: ingress("cert")}) == {}
        cluster.reading.note(secret("cert"), None)
        assert await cluster.after({}) == {}
        assert cluster.server.asked["get"] == 1

    asyncio.run(run())
