"""How long from a change to its being served, and what memory many changes take.

    python -m tests.cluster.figures [--ingresses 1000,5000] [--changes 30] [--limit 300]
    python -m tests.cluster.figures --memory 10000 [--together 10] [--limit 1200]

Through the whole program: a real API server, `ingc controller`, a real nginx, and backends on
addresses of Pods. A change is one more Ingress, from before the API server is requested to create
it until its host answers. A machine that does other things too makes them long: its load
average is printed, and the processor time of the controller with its nginx -t for one change.
The proof is part of ``compile``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingc.controller.client import KubeApi
from ingc.controller.kinds import ENDPOINT_SLICE, INGRESS, NAMESPACE, SERVICE, WatchedKind
from ingc.nginx.find import ask
from tests import objects
from tests.cluster.backends import PORT, backends
from tests.cluster.kit import Cluster, missing, new_cluster
from tests.cluster.network import PODS, own_network
from tests.cluster.program import Program
from tests.nginx.binaries import available
from tests.nginx.processes import group

PATHS = 5
NAMESPACES = 50
STEPS = ("compile", "write", "test", "reload")
MOST_GROWTH = 1.05
"""Of the mean memory, from the second quarter of many changes to the last."""
_AT_ONCE = 16
_START = 900.0
"""Seconds until all objects are served."""
_SERVED = 300.0
"""Seconds until one change is."""
_QUIET = 2.0
_SMALL = 100
"""So many Ingresses are there when memory is measured."""


def shop(number: int) -> list[tuple[WatchedKind, Mapping[str, Any]]]:
    """Return a Service, its EndpointSlice, and an Ingress with paths to it."""
    namespace = f"team-{number % NAMESPACES}"
    name = f"app-{number}"
    address = str(PODS[7 + number % 60000])
    paths = (objects.path(f"/svc/{path}", name) for path in range(PATHS))
    made = objects.ingress(name, objects.rule(f"{name}.test", *paths), namespace=namespace)
    port = {"port": 80, "targetPort": PORT}
    return [
        (SERVICE, objects.service(name, port, namespace=namespace)),
        (ENDPOINT_SLICE, objects.endpoint_slice(name, address, port=PORT, namespace=namespace)),
        (INGRESS, made),
    ]


@dataclass(slots=True)
class Ground:
    """A cluster with many Ingresses, and a controller on it."""

    cluster: Cluster
    api: KubeApi
    program: Program
    started: float = 0.0
    """Seconds until all that was there is served."""
    count: int = 0
    added: int = 0

    async def fill(self, ingresses: int) -> None:
        """Create Ingresses with what belongs to them."""
        spaces = [{"metadata": {"name": f"team-{number}"}} for number in range(NAMESPACES)]
        await self._create((NAMESPACE, item) for item in spaces)
        await self._create(item for number in range(ingresses) for item in shop(number))
        self.count = ingresses

    async def start(self) -> None:
        """Start the controller, and wait until all is served."""
        began = time.monotonic()
        self.program.start()
        await asyncio.to_thread(self.program.await_ready, _START)
        await self._until(f"app-{self.count - 1}.test")
        self.started = time.monotonic() - began

    async def add(self) -> float:
        """Create one more Ingress, to a known Service; return the seconds until it answers."""
        name = f"more-{self.added}"
        _, (_, service), _ = shop(0)
        to = service["metadata"]["labels"]["kubernetes.io/service-name"]
        paths = (objects.path(f"/svc/{path}", to) for path in range(PATHS))
        rule = objects.rule(f"{name}.test", *paths)
        ingress = objects.ingress(name, rule, namespace=service["metadata"]["namespace"])
        began = time.monotonic()
        await self._create([(INGRESS, ingress)])
        await self._until(f"{name}.test")
        self.added += 1
        return time.monotonic() - began

    async def _until(self, host: str) -> None:
        end = time.monotonic() + _SERVED
        while (await asyncio.to_thread(self.program.answer, host, "/svc/0"))[0] != 200:
            if time.monotonic() > end:
                raise TimeoutError(self.program.words())
            await asyncio.sleep(0.005)

    async def _create(self, items: Iterable[tuple[WatchedKind, Mapping[str, Any]]]) -> None:
        waiting = iter(items)

        async def some() -> None:
            for kind, item in waiting:
                namespace = str(item["metadata"].get("namespace", ""))
                await self.api.request("POST", kind.path(namespace), body=item)

        await asyncio.gather(*(some() for _ in range(_AT_ONCE)))

    def steps(self) -> dict[str, float]:
        """Return the seconds that each step has taken so far."""
        name = 'step_seconds_sum{step="%s"}'
        return {step: self.program.metric(name % step) for step in STEPS}

    def processor_time(self) -> float:
        """Return the seconds of a processor that the controller has taken, and each nginx -t."""
        fields = Path(f"/proc/{self.program.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> tuple[float, float]:
        """Return the MB of the controller, and of nginx: proportional set size."""
        pid = int((self.program.folder / "run" / "nginx.pid").read_text())
        return _pss(self.program.pid), sum(map(_pss, group(pid)))


def _pss(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):  # An old worker that has just ended.
        return 0.0
    (line,) = (line for line in text.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024


@asynccontextmanager
async def ground(ingresses: int, version: str) -> AsyncIterator[Ground]:
    """Run a cluster with so many Ingresses, and the controller that serves them."""
    path = [path for number, path in available().items() if number.startswith(version)][-1]
    async with AsyncExitStack() as stack:
        stack.enter_context(own_network())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingc-figures-")))
        folder.chmod(0o755)
        stack.enter_context(backends(ask(path), folder / "backends"))
        cluster = new_cluster(folder / "cluster")
        stack.callback(cluster.stop)
        cluster.start()
        api = KubeApi.from_config(cluster.kubeconfig())
        stack.push_async_callback(api.aclose)
        more = ("--publish-status-address", "192.0.2.7")
        program = Program(folder / "program", cluster.kubeconfig(), str(path), more)
        made = Ground(cluster, api, program)
        await made.fill(ingresses)
        stack.push_async_callback(asyncio.to_thread, program.stop)
        await made.start()
        yield made


@dataclass(slots=True)
class Changes:
    """What came of changes, one after another."""

    seconds: list[float] = field(default_factory=list)
    steps: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))

    def percentile(self, share: float) -> float:
        """Return the time that so many of the changes stay within."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def share(self, step: str) -> float:
        """Return which share of the time a step has taken."""
        return self.steps[step] / sum(self.seconds)


async def change_to_served(ingresses: int, changes: int, limit: float, version: str) -> None:
    """Print how long changes take at one size."""
    async with ground(ingresses, version) as on:
        end, found = time.monotonic() + limit, Changes()
        await on.add()
        await asyncio.sleep(_QUIET)
        before, worked = on.steps(), on.processor_time()
        while len(found.seconds) < changes and (not found.seconds or time.monotonic() < end):
            found.seconds.append(await on.add())
        await asyncio.sleep(_QUIET)  # What is served may not be counted yet.
        after = on.steps()
        worked = (on.processor_time() - worked) / len(found.seconds)
        found.steps = {step: after[step] - before[step] for step in STEPS}
        controller, nginx = on.memory()
        size = len(on.program.conf) / 1e6
        rest = 1 - sum(map(found.share, STEPS))
        shares = "  ".join(f"{found.share(step):6.0%}" for step in STEPS)
        times = found.percentile(0.5), found.percentile(0.99), worked
        columns = (
            f"{ingresses:6} x {PATHS} {on.started:8.1f} {len(found.seconds):8}",
            " ".join(f"{item:7.2f}" for item in times),
            f"  {shares}  {rest:6.0%}",
            f"{size:8.1f} {controller:10.0f} {nginx:6.0f} {os.getloadavg()[0]:6.1f}",
        )
        print(*columns, flush=True)


HEAD = (
    f"{'Ingresses':10} {'start s':>8} {'changes':>8} {'p50 s':>7} {'p99 s':>7} {'cpu s':>7}   "
    + "  ".join(f"{step:>6.6}" for step in STEPS)
    + f"  {'rest':>6} {'conf MB':>8} {'control MB':>10} {'nginx':>6} {'load':>6}"
)


async def memory(changes: int, together: int, limit: float, version: str) -> bool:
    """Print the memory of many changes by quarter; return whether it stays what it is."""
    async with ground(_SMALL, version) as on:
        found: list[tuple[float, float]] = []
        end = time.monotonic() + limit
        done = 0
        while done < changes and time.monotonic() < end:
            done += 1
            await _turn(on, done, served=done % together == 0)
            if done % together == 0:
                found.append(on.memory())
        count = len(found)
        print(f"{done} changes, {together} at a time, of {changes} wanted")
        quarters = [found[count * n // 4 : count * (n + 1) // 4] for n in range(4)]
        means = [[statistics.mean(row[at] for row in part) for at in (0, 1)] for part in quarters]
        for number, (controller, nginx) in enumerate(means, 1):
            print(f"quarter {number}: controller {controller:7.1f} MB, nginx {nginx:7.1f} MB")
        ratios = [last / second for second, last in zip(means[1], means[3], strict=True)]
        print(f"last to second: controller {ratios[0]:.3f}, nginx {ratios[1]:.3f}")
        print(f"reloads: {on.program.metric('reloads_total')}")
        return max(ratios) <= MOST_GROWTH and done == changes


async def _turn(on: Ground, number: int, *, served: bool) -> None:
    """Make one change: another path of an Ingress. Wait until it is ``served``, or do not."""
    of = number % _SMALL
    (_, ingress) = shop(of)[2]
    name, namespace = ingress["metadata"]["name"], ingress["metadata"]["namespace"]
    path = f"/turn/{number}"
    rules = [objects.rule(f"{name}.test", objects.path(path, name))]
    await on.api.request(
        "PATCH",
        INGRESS.path(namespace, name),
        body={"spec": {"rules": rules}},
        content_type="application/merge-patch+json",
    )
    end = time.monotonic() + _SERVED
    while served and (await asyncio.to_thread(on.program.answer, f"{name}.test", path))[0] != 200:
        if time.monotonic() > end:
            raise TimeoutError(on.program.words())
        await asyncio.sleep(0.01)


def main() -> int:
    """Print the figures; 1 where memory grows."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.figures", description=__doc__)
    parser.add_argument("--ingresses", default="1000,5000", help="sizes, with commas between")
    parser.add_argument("--changes", type=int, default=30, help="at each size")
    parser.add_argument(
        "--limit", type=float, default=300.0, help="seconds for all changes of a size"
    )
    parser.add_argument("--memory", type=int, metavar="CHANGES", help="so many, and memory alone")
    parser.add_argument(
        "--together", type=int, default=10, help="so many changes before one is waited for"
    )
    parser.add_argument("--nginx", default="", help="this version, such as 1.22; else the newest")
    given = parser.parse_args()
    if lacking := missing():
        parser.error(lacking)
    if given.memory:
        flat = asyncio.run(memory(given.memory, given.together, given.limit, given.nginx))
        return 0 if flat else 1
    print(HEAD, flush=True)
    for size in map(int, given.ingresses.split(",")):
        asyncio.run(change_to_served(size, given.changes, given.limit, given.nginx))
    return 0


if __name__ == "__main__":
    sys.exit(main())
