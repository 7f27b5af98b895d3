"""Where faults of the API server happen: a cluster, a proxy before it, and replicas that serve."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingc.controller.client import KubeApi
from ingc.controller.kinds import INGRESS
from ingc.nginx import Nginx
from tests import objects
from tests.cluster.backends import PORT, backends
from tests.cluster.kit import Cluster, new_cluster
from tests.cluster.network import PODS, own_network
from tests.cluster.program import Program
from tests.cluster.proxy import Proxy

NAMESPACE = "shop"
ADDRESS = "192.0.2.7"
"""What is published in statuses."""
_LIMIT = 120.0
"""Seconds; a machine that does other things too is slow."""
_AT_ONCE = 16


def shop(name: str, **given: Any) -> dict[str, Any]:
    """Return an Ingress for a host."""
    rule = objects.rule(f"{name}.test", objects.path("/", "web"))
    return objects.ingress(name, rule, namespace=NAMESPACE, **given)


@dataclass(slots=True)
class Ground:
    """Where a fault happens: an API server, a proxy before it, and replicas that serve."""

    cluster: Cluster
    api: KubeApi
    """Past the proxy."""
    proxy: Proxy
    replicas: list[Program]
    done: int = 0

    @property
    def last(self) -> Program:
        """The replica that has the load."""
        return self.replicas[-1]

    async def create(self, *given: Mapping[str, Any]) -> None:
        """Create Ingresses, many at once."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(item: Mapping[str, Any]) -> None:
            async with gate:
                await self.api.request("POST", INGRESS.path(NAMESPACE), body=item)

        await asyncio.gather(*map(one, given))

    async def delete(self, name: str) -> None:
        """Delete an Ingress."""
        await self.api.request("DELETE", INGRESS.path(NAMESPACE, name))

    async def change(self) -> None:
        """Add a host, and delete the one before it."""
        self.done += 1
        await self.create(shop(f"host{self.done}"))
        await self.delete(f"host{self.done - 1}")

    async def settled(self) -> float:
        """Wait until nginx serves all that the cluster holds; return how long that took."""
        began = time.monotonic()
        wanted = await asyncio.to_thread(self.last.expected_conf, self.cluster)
        new, old = f"host{self.done}.test", f"host{self.done - 1}.test"
        await self.until(lambda: self.last.conf == wanted)
        # The file may be there before nginx has read it.
        await self.until(lambda: self.last.answer(new) == (200, str(PODS[7])))
        await self.until(lambda: self.last.answer(old)[0] == 404)
        assert self.last.page("/readyz")[0] == 200
        return time.monotonic() - began

    async def until(self, holds: Callable[[], object]) -> float:
        """Wait until something holds; return how long that took."""
        began = time.monotonic()
        while not await asyncio.to_thread(holds):
            if time.monotonic() > began + _LIMIT:
                raise TimeoutError(f"it does not recover: {self.last.words()}")
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    def lease(self) -> dict[str, Any]:
        """Return the spec of the Lease."""
        found = self.cluster.kubectl("get", "lease", "ingc", "-o", "json")
        return dict(json.loads(found)["spec"])

    def published(self, name: str) -> bool:
        """Return whether the status of an Ingress has our address."""
        found = self.cluster.kubectl("get", "ingress", name, "-n", NAMESPACE, "-o", "json")
        return ADDRESS in json.dumps(json.loads(found)["status"])

    async def run(self, function: Callable[..., Any], *given: Any) -> Any:
        """Call something that waits."""
        return await asyncio.to_thread(function, *given)


@contextmanager
def ground_of_all(nginx: Nginx) -> Iterator[Cluster]:
    """Run what all faults share: a network, an API server, and backends."""
    with ExitStack() as stack:
        stack.enter_context(own_network())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingc-cluster-")))
        folder.chmod(0o755)
        stack.enter_context(backends(nginx, folder / "backends"))
        cluster = new_cluster(folder / "cluster")
        stack.callback(cluster.stop)
        cluster.start()
        lay(cluster)
        yield cluster


def lay(cluster: Cluster) -> None:
    """Make the namespace of the faults, with the Service that all hosts lead to."""
    port = {"port": 80, "targetPort": PORT}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        objects.service("web", port, namespace=NAMESPACE),
        objects.endpoint_slice("web", str(PODS[7]), port=PORT, namespace=NAMESPACE),
    )


@asynccontextmanager
async def ground(
    cluster: Cluster, folder: Path, nginx: Nginx, *, replicas: int, module: str
) -> AsyncIterator[Ground]:
    """Run a proxy and replicas on a cluster that has the host under load and one more."""
    cluster.kubectl("delete", "lease", "ingc", "--ignore-not-found")
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy(cluster.port, cluster.folder / "certs"))
        api = KubeApi.from_config(cluster.kubeconfig())
        stack.push_async_callback(api.aclose)
        on = Ground(cluster, api, proxy, [])
        await api.request("DELETE", INGRESS.path(NAMESPACE))
        await on.create(shop("untouched"), shop("host0"))
        config = cluster.kubeconfig(port=proxy.port)
        for number in range(replicas):
            more = ("--publish-status-address", ADDRESS)
            program = Program(folder / f"replica{number}", config, str(nginx.path), more, module)
            on.replicas.append(program)
            program.start()
            stack.push_async_callback(asyncio.to_thread, program.stop)
            await asyncio.to_thread(program.await_ready)
        yield on
