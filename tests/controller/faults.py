"""Faults on purpose, under constant load: ``python -m tests.controller.faults [NAME …]``.

Each line of the table: what was done, to which nginx, the load on a host that it does not touch,
what of that was lost, and how long until all is as it should be.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest import mock

import ingc
from ingc.controller.rollout import Outcome, Rollout
from ingc.nginx import Nginx
from ingc.nginx.find import ask
from ingc.serve.selfsigned import self_signed
from tests.controller import killed
from tests.controller.load import Load
from tests.controller.row import HEAD, Course, Row, row
from tests.controller.scene import UNTOUCHED, Scene, scene
from tests.controller.workers import ports_of, spin, stop
from tests.nginx.binaries import available
from tests.nginx.processes import group
from tests.nginx.wire import Connection, Tls
from tests.objects import Object

BURST = 1000
RELOADS = 20
CERTIFICATES = 10
DISK, HTTPS = "disk full", f"{CERTIFICATES} certificates rotated"
LOOP = "worker in an endless loop"
_STEADY = 0.5
"""Seconds of load before and after."""


@dataclass(slots=True)
class Ground:
    """Where a fault happens: a rollout that serves, with its watch."""

    at: Scene
    rollout: Rollout
    killed_at: float | None = None
    """When processes were killed or began to hang."""
    ports: frozenset[int] = frozenset()
    """Of the connections that they had."""

    @property
    def pid(self) -> int:
        """The master's process id; 0 where there is none."""
        return self.rollout._nginx.pid or 0

    def workers(self) -> list[int]:
        """The workers of the master."""
        return sorted(set(group(self.pid)) - {self.pid})

    def stop(self, *pids: int) -> None:
        """Stop processes, and note which connections they have."""
        for pid in pids:
            stop(pid)
        self.note(*pids)

    def note(self, *pids: int) -> None:
        """Note that processes do nothing any more, and which connections they have."""
        self.killed_at = time.monotonic()
        self.ports = frozenset().union(*map(ports_of, pids))

    async def until(self, holds: Callable[[], bool], within: float = 60.0) -> None:
        """Wait until something holds."""
        end = time.monotonic() + within
        while not await asyncio.to_thread(holds):
            if time.monotonic() > end:
                raise TimeoutError("it does not recover")
            await asyncio.sleep(0.02)

    async def served(self, objects: list[Object]) -> Outcome:
        """Apply objects, which have to be served."""
        outcome = await self.rollout.apply(objects)
        if not outcome.served:
            raise AssertionError(outcome.error)
        return outcome


Fault = Callable[[Ground], Coroutine[None, None, float]]
"""Does it, waits until all is as it should be, and returns how many seconds that took."""


async def many_reloads(on: Ground) -> float:
    """Reload many times, half a second apart: the mean time of a change."""
    took = 0.0
    for number in range(RELOADS):
        outcome = await on.served(on.at.objects(f"more{number}.test"))
        took += sum(outcome.seconds.values())
        await asyncio.sleep(0.3)
    return took / RELOADS


async def master_killed(on: Ground) -> float:
    """Kill nginx's master; its workers go on."""
    lost, began = on.pid, time.monotonic()
    os.kill(lost, signal.SIGKILL)
    await on.until(lambda: on.pid not in (0, lost) and not group(lost))
    return time.monotonic() - began


async def keeper_killed(on: Ground) -> float:
    """Kill the process that keeps nginx for the controller."""
    lost, began = on.pid, time.monotonic()
    os.kill(_parent(lost), signal.SIGKILL)
    await on.until(lambda: on.pid not in (0, lost) and not group(lost))
    return time.monotonic() - began


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()[1])


async def all_killed(on: Ground) -> float:
    """Kill nginx's master and all workers at once."""
    lost, began = on.pid, time.monotonic()
    on.stop(lost, *on.workers())
    os.killpg(lost, signal.SIGKILL)
    await on.until(lambda: on.pid not in (0, lost) and on.rollout.serving)
    return time.monotonic() - began


async def worker_killed(on: Ground) -> float:
    """Kill a worker."""
    began, (first, *_), count = time.monotonic(), on.workers(), len(on.workers())
    on.stop(first)
    os.kill(first, signal.SIGKILL)
    await on.until(lambda: first not in on.workers() and len(on.workers()) == count)
    return time.monotonic() - began


async def worker_stopped(on: Ground) -> float:
    """Stop a worker by SIGSTOP, which /proc shows."""
    began, (first, *_), count = time.monotonic(), on.workers(), len(on.workers())
    on.stop(first)
    await on.until(lambda: first not in on.workers() and len(on.workers()) == count)
    return time.monotonic() - began


async def worker_loops(on: Ground) -> float:
    """Put a worker into an endless loop, which only its silence shows."""
    began, (first, *_), count = time.monotonic(), on.workers(), len(on.workers())
    await asyncio.to_thread(spin, first)
    on.note(first)
    await on.until(lambda: first not in on.workers() and len(on.workers()) == count)
    return time.monotonic() - began


async def hangs_in_a_reload(on: Ground) -> float:
    """Stop a worker, and reload: the stuck one does not end as old workers do."""
    began, (first, *_) = time.monotonic(), on.workers()
    on.stop(first)
    await on.served(on.at.objects("more.test"))
    await on.until(lambda: first not in group(on.pid))
    return time.monotonic() - began


async def disk_full(on: Ground) -> float:
    """Fill the disk (a tmpfs for root, else by RLIMIT_FSIZE), apply, and then have room again."""
    with _full(on.at.folder):
        outcome = await on.rollout.apply(on.at.objects("more.test"))
    assert not outcome.served
    began = time.monotonic()
    await on.served([])
    return time.monotonic() - began


@contextmanager
def _full(folder: Path) -> Iterator[None]:
    if folder.is_mount():
        filler = folder / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as stream:
            while True:
                stream.write(b"x" * 256)
        try:
            yield
        finally:
            filler.unlink()
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def certificates_rotated(on: Ground) -> float:
    """Give a host another certificate again and again; the load is https, on another host."""
    took = 0.0
    for _ in range(CERTIFICATES):
        made = self_signed(["rotated.test"])
        began = time.monotonic()
        await on.served(on.at.secured("rotated.test", made))
        took = max(took, time.monotonic() - began)
        shown = await asyncio.to_thread(certificate_of, on.at.https, "rotated.test")
        assert shown.encode() == made[0], "another certificate is shown"
        await asyncio.sleep(0.2)
    return took


def certificate_of(address: tuple[str, int], name: str) -> str:
    """Return the certificate that is shown for a name, in PEM."""
    with Connection(address, tls=Tls(name)) as connection:
        assert isinstance(connection.socket, ssl.SSLSocket)
        der = connection.socket.getpeercert(binary_form=True)
    assert der is not None
    return ssl.DER_cert_to_PEM_cert(der)


async def fails_once(on: Ground, step: str) -> float:
    """Let a step of `ingc.Nginx` fail for one configuration, then go on."""
    words = ingc.NginxFailed("refused on purpose")
    with mock.patch.object(ingc.Nginx, step, side_effect=words):
        outcome = await on.rollout.apply(on.at.objects("more.test"))
    assert not outcome.served
    began = time.monotonic()
    await on.served([])
    return time.monotonic() - began


async def burst(on: Ground) -> float:
    """Apply many Ingresses at once, a bad one among them."""
    objects = on.at.objects(*(f"burst{number}.test" for number in range(BURST)))
    objects[BURST // 2]["spec"]["rules"][0]["http"]["paths"][0]["path"] = "bad"
    began = time.monotonic()
    outcome = await on.served(objects)
    assert outcome.change.result.errors
    assert on.at.body(f"burst{BURST - 1}.test") == b"served"
    return time.monotonic() - began


async def clock_jumps(on: Ground) -> float:
    """Let the clock jump a day ahead and back, with a change at each time."""
    took, real = 0.0, time.time
    for number, jump in enumerate((86400.0, -86400.0, 0.0)):
        with mock.patch("time.time", lambda jump=jump: real() + jump):
            outcome = await on.served(on.at.objects(f"more{number}.test"))
            took = max(took, sum(outcome.seconds.values()))
            await asyncio.sleep(1.5)
            assert on.rollout.serving
    return took


FAULTS: Mapping[str, Fault] = {
    f"{RELOADS} reloads": many_reloads,
    "master killed": master_killed,
    "master and workers killed": all_killed,
    "worker killed": worker_killed,
    "worker stopped": worker_stopped,
    LOOP: worker_loops,
    "worker stopped, reload": hangs_in_a_reload,
    "keeper killed": keeper_killed,
    DISK: disk_full,
    HTTPS: certificates_rotated,
    "nginx -t refuses": partial(fails_once, step="refuse"),
    "reload refused": partial(fails_once, step="reload"),
    f"{BURST} Ingresses, one bad": burst,
    "clock jumps by a day": clock_jumps,
}


CONTROLLER: Mapping[str, Callable[[Scene], Course]] = {
    "controller killed": killed.between_swaps,
    "controller killed, nobody for 3 s": partial(killed.between_swaps, nobody=3.0),
    "controller killed at each step": killed.at_each_step,
}
"""Faults of the controller itself, which is a process of its own then."""
ALL = (*FAULTS, *CONTROLLER)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ingc-faults-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """Lay a small file system on a folder, where root may."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def _under_load(fault: Fault, at: Scene, *, secured: bool) -> Course:
    ground = Ground(at, at.rollout())
    await ground.served(at.objects(UNTOUCHED))
    if secured:
        await ground.served(at.secured(UNTOUCHED, self_signed([UNTOUCHED])))
    watching = asyncio.create_task(ground.rollout.watch_over())
    load = Load(at.https if secured else at.address, UNTOUCHED, at.error_log, tls=secured)
    try:
        await asyncio.to_thread(load.__enter__)
        try:
            await asyncio.sleep(_STEADY)
            recovery = await fault(ground)
            await asyncio.sleep(_STEADY)
        finally:
            await asyncio.to_thread(load.__exit__, None, None, None)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await ground.rollout.stop()
    return Course(load, recovery, ground.killed_at, ground.ports)


def measure(name: str, nginx: Nginx) -> Row:
    """Let a fault happen under load."""
    with _folder() as folder, scene(nginx, folder) as at:
        if name in CONTROLLER:
            return row(name, nginx, CONTROLLER[name](at))
        disk = _disk(at.folder) if name == DISK else nullcontext()
        with disk:
            course = _under_load(FAULTS[name], at, secured=name == HTTPS)
            return row(name, nginx, asyncio.run(course))


def main() -> int:
    """Print the table; 1 where a request of the untouched host was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.controller.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ALL))
    parser.add_argument("--nginx", help="only this version, such as 1.31")
    given = parser.parse_args()
    lost = 0
    print(HEAD)
    for version, path in available().items():
        if given.nginx and not version.startswith(given.nginx):
            continue
        for name in given.names or ALL:
            row = measure(name, ask(path))
            print(row, flush=True)
            for item in row.lost[:5]:
                print(f"    {item}")
            lost += len(row.lost)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
