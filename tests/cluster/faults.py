"""Faults of the API server on purpose, through the whole program, under constant load.

    python -m tests.cluster.faults [NAME …]

Each line of the table: what was done, the load on a host that it does not touch, what of that was
lost, and how long after the fault until nginx serves all that the cluster holds: its nginx.conf is
then, byte for byte, what one compile of everything gives. Objects come and go during each fault.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingc.controller.client import KubeApi
from ingc.controller.kinds import INGRESS
from ingc.nginx import Nginx
from ingc.nginx.find import ask
from ingc.target import KEEPALIVE_MIN_TIMEOUT
from tests import objects
from tests.cluster.backends import PORT, backends
from tests.cluster.kit import Cluster, missing, new_cluster
from tests.cluster.network import PODS, own_network
from tests.cluster.program import Program
from tests.cluster.proxy import Proxy, Refusal
from tests.controller.load import Load, LostRequest
from tests.nginx.binaries import available

NAMESPACE = "shop"
UNTOUCHED = "untouched.test"
BURST = 1000
CUTS = 10
_STEADY = 1.0
"""Seconds of load before and after."""
_FAULT = 4.0
"""Seconds of a fault that has no end of its own."""
_LIMIT = 120.0
"""Seconds; a machine that does other things too is slow."""
_AT_ONCE = 16
_ADDRESS = "192.0.2.7"
_DURATION = 3
"""Seconds of the Lease that a thief writes."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    """What came of one fault."""

    fault: str
    requests: int
    per_second: float
    lost: tuple[LostRequest, ...]
    idle_cut: int
    """On kept connections that an old worker closed while they were idle: nginx before 1.27.4."""
    recovery: float
    """Seconds."""
    slowest: float
    """Seconds until the slowest answer."""

    def __str__(self) -> str:
        return (
            f"{self.fault:34} {self.requests:7} {self.per_second:6.0f}/s {len(self.lost):5} "
            f"{self.idle_cut:8} {self.recovery:10.2f} {self.slowest:7.2f}"
        )


HEAD = (
    f"{'fault':34} {'load':>7} {'':>8} {'lost':>5} "
    f"{'idle cut':>8} {'recovery s':>10} {'slowest':>7}"
)


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
        return _ADDRESS in json.dumps(json.loads(found)["status"])

    async def run(self, function: Callable[..., Any], *given: Any) -> Any:
        """Call something that waits."""
        return await asyncio.to_thread(function, *given)


Fault = Callable[[Ground], Coroutine[None, None, float]]
"""Does it, waits until all is as it should be, and returns how many seconds that took."""


async def restarted(on: Ground) -> float:
    """Kill the API server, and start it again."""
    await on.run(lambda: on.cluster.stop_api(kill=True))
    await asyncio.sleep(_FAULT)
    assert on.last.page("/readyz")[0] == 200, "what was read last goes on"
    await on.run(on.cluster.start_api)
    await on.change()
    return await on.settled()


async def slow(on: Ground) -> float:
    """Let each request, and each part of an answer, wait a second; nothing is taken back."""
    on.proxy.delay = 1.0
    await on.change()
    took = await on.settled()
    on.proxy.cut()
    await on.change()
    return max(took, await on.settled())


def refusing(refusal: Refusal, *, watches: bool = False) -> Fault:
    """Let everything, or watches alone, be refused."""

    async def refuse(on: Ground) -> float:
        on.proxy.refusal = refusal
        on.proxy.refuses = (lambda line: "watch=true" in line) if watches else (lambda _line: True)
        on.proxy.cut()
        await on.change()
        await asyncio.sleep(_FAULT)
        assert on.proxy.refused > 0
        on.proxy.heal()
        return await on.settled()

    return refuse


async def cut_in_the_middle(on: Ground) -> float:
    """Cut a watch in the middle of an event, again and again."""
    for _ in range(CUTS):
        count, on.proxy.cut_next = on.proxy.cuts, True
        await on.change()
        await on.until(lambda count=count: on.proxy.cuts > count)
    return await on.settled()


async def compacted(on: Ground) -> float:
    """Have etcd forget what the watches come back for; the API server has no copy left either."""
    on.proxy.away = True
    on.proxy.cut()
    await on.change()
    await on.change()
    await on.run(lambda: on.cluster.stop_api(kill=True))
    await on.run(on.cluster.compact)
    await on.run(on.cluster.start_api)
    on.proxy.heal()
    took = await on.settled()
    assert "too old resource version" in on.last.words(), on.last.words()
    return took


async def lease_stolen(on: Ground) -> float:
    """Write another holder into the Lease; its time ends without a renewal."""
    await on.until(lambda: on.published(f"host{on.done}"))
    ours = await on.run(lambda: on.lease()["holderIdentity"])
    stolen = {"spec": {"holderIdentity": "thief", "leaseDurationSeconds": _DURATION}}
    patch = ("patch", "lease", "ingc", "--type=merge", "-p", json.dumps(stolen))
    await on.run(lambda: on.cluster.kubectl(*patch))
    began = time.monotonic()
    await on.change()
    await on.settled()
    await on.until(lambda: on.lease()["holderIdentity"] == ours)
    await on.until(lambda: on.published(f"host{on.done}"))
    return time.monotonic() - began


async def leader_killed(on: Ground) -> float:
    """Kill the one of two replicas that holds the Lease; the load is on the other."""
    leader, other = on.replicas
    await on.until(lambda: "holds the Lease" in leader.words())
    await on.until(lambda: on.published(f"host{on.done}"))
    assert "holds the Lease" not in other.words()
    leader.stop(kill=True)
    _end_nginx_of(leader)
    began = time.monotonic()
    await on.change()
    await on.settled()
    await on.until(lambda: on.published(f"host{on.done}"))
    return time.monotonic() - began


def _end_nginx_of(program: Program) -> None:
    """End the nginx of a controller that was killed: in a cluster its container is gone, too."""
    pid = int((program.folder / "run" / "nginx.pid").read_text())
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


async def burst(on: Ground) -> float:
    """Apply many Ingresses at once, a bad one among them."""
    many = [shop(f"burst{number}") for number in range(BURST)]
    bad = objects.annotated(whitelist_source_range="10.0.0.0/99")
    many[BURST // 2] = shop(f"burst{BURST // 2}", annotations=bad)
    began = time.monotonic()
    await on.create(*many)
    await on.change()
    await on.settled()
    took = time.monotonic() - began
    assert on.last.answer(f"burst{BURST - 1}.test")[0] == 200
    assert on.last.answer(f"burst{BURST // 2}.test")[0] == 503
    return took


async def clock_jumps(on: Ground) -> float:
    """Let the controller's clock jump a day ahead, and back; its watches begin anew each time."""
    took = 0.0
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGUSR2, signal.SIGUSR1):
        os.kill(on.last.pid, number)
        on.proxy.cut()
        await on.change()
        took = max(took, await on.settled())
        await on.until(lambda: on.published(f"host{on.done}"))
    return took


FAULTS: Mapping[str, Fault] = {
    "API server restarted": restarted,
    "API server slow": slow,
    "410 for watches": refusing(Refusal(410, "Expired"), watches=True),
    "429 for all": refusing(Refusal(429, "TooManyRequests", 1)),
    "500 for all": refusing(Refusal(500, "InternalError")),
    f"{CUTS} watches cut in the middle": cut_in_the_middle,
    "etcd compacted": compacted,
    "Lease stolen": lease_stolen,
    "two replicas, the leader killed": leader_killed,
    f"{BURST} Ingresses, one bad": burst,
    "clock jumps by a day": clock_jumps,
}


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
async def _ground(
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
            more = ("--publish-status-address", _ADDRESS)
            program = Program(folder / f"replica{number}", config, str(nginx.path), more, module)
            on.replicas.append(program)
            program.start()
            stack.push_async_callback(asyncio.to_thread, program.stop)
            await asyncio.to_thread(program.await_ready)
        yield on


async def _under_load(
    name: str, cluster: Cluster, folder: Path, nginx: Nginx
) -> tuple[Load, float]:
    fault = FAULTS[name]
    replicas = 2 if fault is leader_killed else 1
    module = "tests.cluster.jumping" if fault is clock_jumps else "ingc"
    async with _ground(cluster, folder, nginx, replicas=replicas, module=module) as on:
        load = Load(("127.0.0.1", on.last.http_port), UNTOUCHED)
        await asyncio.to_thread(load.__enter__)
        try:
            await asyncio.sleep(_STEADY)
            recovery = await fault(on)
            await asyncio.sleep(_STEADY)
        finally:
            await asyncio.to_thread(load.__exit__, None, None, None)
    return load, recovery


def measure(name: str, cluster: Cluster, nginx: Nginx) -> FaultRow:
    """Let a fault happen under load."""
    with tempfile.TemporaryDirectory(prefix="ingc-replicas-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        load, recovery = asyncio.run(_under_load(name, cluster, folder, nginx))
    old = nginx.version < KEEPALIVE_MIN_TIMEOUT
    cut = [item for item in load.lost if item.reused and old]
    lost = tuple(item for item in load.lost if item not in cut)
    rate = load.requests / load.seconds
    return FaultRow(name, load.requests, rate, lost, len(cut), recovery, load.slowest)


def main() -> int:
    """Print the table; 1 where a request of the untouched host was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FAULTS))
    parser.add_argument("--nginx", default="", help="this version, such as 1.22; else the newest")
    given = parser.parse_args()
    if lacking := missing():
        parser.error(lacking)
    path = [path for version, path in available().items() if version.startswith(given.nginx)][-1]
    nginx, lost = ask(path), 0
    print(f"nginx {'.'.join(map(str, nginx.version))}; load average {os.getloadavg()[0]:.1f}")
    print(HEAD)
    with ground_of_all(nginx) as cluster:
        for name in given.names or FAULTS:
            try:
                row = measure(name, cluster, nginx)
            except (AssertionError, TimeoutError) as error:
                print(f"{name:34} {error!r}", flush=True)
                lost += 1
                continue
            print(row, flush=True)
            for item in row.lost[:5]:
                print(f"    {item}")
            lost += len(row.lost)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
