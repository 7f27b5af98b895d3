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
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingc.nginx import Nginx
from ingc.nginx.find import ask
from ingc.target import KEEPALIVE_MIN_TIMEOUT
from tests import objects
from tests.cluster.ground import Ground, ground, ground_of_all, shop
from tests.cluster.kit import Cluster, missing
from tests.cluster.program import Program
from tests.cluster.proxy import Refusal
from tests.controller.load import Load, LostRequest
from tests.nginx.binaries import available

UNTOUCHED = "untouched.test"
BURST = 1000
CUTS = 10
_STEADY = 1.0
"""Seconds of load before and after."""
_FAULT = 4.0
"""Seconds of a fault that has no end of its own."""
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


async def _under_load(
    name: str, cluster: Cluster, folder: Path, nginx: Nginx
) -> tuple[Load, float]:
    fault = FAULTS[name]
    replicas = 2 if fault is leader_killed else 1
    module = "tests.cluster.jumping" if fault is clock_jumps else "ingc"
    async with ground(cluster, folder, nginx, replicas=replicas, module=module) as on:
        # nginx's log goes with the controller's: when workers began to end is not known here.
        load = Load(("127.0.0.1", on.last.http_port), UNTOUCHED, Path(os.devnull))
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
