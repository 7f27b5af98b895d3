"""A controller that is killed (SIGKILL), between swaps and at each step of one.

A step is whatever changes the folder, or calls for a change of nginx: a file that is opened to be
written, renamed, linked or removed, a process that is started, a connection to nginx's keeper;
and some times after such a call, in which nginx starts or reloads. For each of them a child applies
a change and is killed right before it. Another then goes on with what it finds, which serves the
one configuration or the other, and makes a change of its own. `at_each_step` does it under load,
with an nginx that goes on; ``python -m tests.controller.killed BINARY`` at a first start.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import ingc
from ingc.nginx.find import ask
from tests.controller.load import ROOT, Load
from tests.controller.row import Course
from tests.controller.scene import UNTOUCHED, Scene, scene

_EVENTS = frozenset(
    {"os.rename", "os.link", "os.remove", "os.mkdir", "os.kill", "subprocess.Popen"}
)
_CALL = "socket.connect"
_LATER = (0.003, 0.02, 0.06)
"""Seconds after a call, in which nginx does what it was called for."""
_MOST = 300
_STEADY = 0.5


class _Steps:
    """Counts steps in this process, and kills it right before one of them."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._seen = 0
        self.counting = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[object, ...]) -> None:
        if not self.counting or not _is_step(event, args):
            return
        what = next((arg for arg in args if isinstance(arg, str | Path)), "")
        words = f"{event} {Path(str(what)).name}"
        if self._is_last():
            _die(words)
        if event == _CALL:
            for later in _LATER:
                if self._is_last():
                    timer = threading.Timer(later, _die, [f"{words} + {later} s"])
                    timer.daemon = True
                    timer.start()

    def _is_last(self) -> bool:
        self._seen += 1
        return self._seen == self._last


def _die(words: str) -> None:
    os.write(1, f"{words}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


def _is_step(event: str, args: tuple[object, ...]) -> bool:
    if event == "open":
        flags = args[2]
        return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if event == _CALL:
        return isinstance(args[1], str)  # A Unix socket's address.
    return event in _EVENTS


def _apart(course: Callable[[], None]) -> int:
    """Run something in a child; return its exit code, or the signal that ended it as negative."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            course()
            code = 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


async def _swap(at: Scene, last: int, out: int, *, stops: bool) -> None:
    """Go on with what there is, make a change, and be killed at a step of the next one.

    Write when the first was served, by `time.monotonic`.
    """
    rollout = at.rollout()
    if await rollout.start():
        assert at.body(UNTOUCHED) == b"served"
    outcome = await rollout.apply(at.objects(UNTOUCHED, f"c{last}.test"))
    assert outcome.served, outcome.error
    assert at.body(f"c{last}.test") == b"served"
    left = [path.name for path in at.folder.rglob(".*new*")]
    assert not left, left
    os.write(out, f"{time.monotonic()}\n".encode())
    steps = _Steps(last)
    steps.counting = True
    outcome = await rollout.apply(at.objects(UNTOUCHED, f"b{last}.test"))
    if _LATER:
        await asyncio.sleep(max(_LATER))
    steps.counting = False
    assert outcome.served, outcome.error
    if stops:
        await rollout.stop()


def _each_step(at: Scene, *, first: int = 1) -> Iterator[float]:
    """Be killed at each step of a swap; yield how long each successor took."""
    reader, writer = os.pipe()
    killed_at = time.monotonic()
    with os.fdopen(reader, "rb", buffering=0) as served:
        for last in range(first, _MOST):
            ended = _apart(
                lambda last=last: asyncio.run(_swap(at, last, writer, stops=False))  # type: ignore[misc]
            )
            yield float(served.readline()) - killed_at
            killed_at = time.monotonic()
            if ended == 0:
                print(f"{last - first} steps", flush=True)
                break
            assert ended == -signal.SIGKILL, ended
        else:
            raise AssertionError("there is no end of steps")
    os.close(writer)


def in_a_process(at: Scene, name: str) -> subprocess.Popen[str]:
    """Start a controller of a scene that serves a host of that name; wait until it does."""
    options = (at.options.http_port, at.options.https_port, at.backend_port)
    command = [sys.executable, "-m", "tests.controller.killed", str(at.nginx.path)]
    command += [str(at.folder), *map(str, options), name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "served\n"
    return process


async def _serve(at: Scene, name: str) -> None:
    rollout = at.rollout()
    await rollout.start()
    outcome = await rollout.apply(at.objects(UNTOUCHED, name))
    assert outcome.served, outcome.error
    assert at.body(name) == b"served"
    print("served", flush=True)
    await rollout.watch_over()


@contextmanager
def _load(at: Scene) -> Iterator[Load]:
    with Load(at.address, UNTOUCHED, at.error_log) as load:
        time.sleep(_STEADY)
        yield load
        time.sleep(_STEADY)


def between_swaps(at: Scene, *, nobody: float = 0.0) -> Course:
    """Kill a controller, and start another, so many seconds later.

    Recovery is the time until that one, a Python process from its start on, serves a change.
    """
    first = in_a_process(at, "one.test")
    with _load(at) as load:
        began = time.monotonic()
        first.kill()
        first.communicate()
        time.sleep(nobody)
        second = in_a_process(at, "two.test")
        recovery = time.monotonic() - began
    second.kill()
    second.communicate()
    return Course(load, recovery)


def at_each_step(at: Scene) -> Course:
    """Kill a controller at each step of a swap. In a process of its own: it forks."""
    first = in_a_process(at, "one.test")
    first.kill()
    first.communicate()
    with _load(at) as load:
        options = (at.options.http_port, at.options.https_port, at.backend_port)
        command = [sys.executable, "-m", "tests.controller.killed", str(at.nginx.path)]
        command += [str(at.folder), *map(str, options)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        recovery = float(done.stdout.splitlines()[-1])
    return Course(load, recovery)


def _from_the_first_start(binary: Path) -> None:
    """Be killed at each step of a controller's first swap, and then of the others."""
    for last in range(1, _MOST):
        with (
            tempfile.TemporaryDirectory(prefix="ingc-killed-") as name,
            scene(ask(binary), Path(name)) as at,
        ):
            Path(name).chmod(0o755)
            ingc.compile(at.objects(UNTOUCHED), at.options)  # Children need not load it all anew.
            ended = _apart(lambda at=at, last=last: asyncio.run(_first(at, last)))  # type: ignore[misc]
            assert _apart(lambda at=at: asyncio.run(_serve_once(at))) == 0  # type: ignore[misc]
            if ended == 0:
                print(f"{last - 1} steps of the first start", flush=True)
                return
            assert ended == -signal.SIGKILL, ended
    raise AssertionError("there is no end of steps")


async def _first(at: Scene, last: int) -> None:
    rollout = at.rollout()
    steps = _Steps(last)
    steps.counting = True
    assert (await rollout.apply(at.objects(UNTOUCHED))).served
    await asyncio.sleep(max(_LATER))
    steps.counting = False


async def _serve_once(at: Scene) -> None:
    rollout = at.rollout()
    await rollout.start()
    outcome = await rollout.apply(at.objects(UNTOUCHED, "after.test"))
    assert outcome.served, outcome.error
    assert at.body("after.test") == b"served"
    await rollout.stop()


def main(binary: str, *rest: str) -> int:
    """Kill at each step; with a folder and ports of a scene, only what is called for there."""
    if not rest:
        _from_the_first_start(Path(binary))
        return 0
    folder, http, https, backend, *host = rest
    at = Scene.again(ask(Path(binary)), Path(folder), int(http), int(https), int(backend))
    ingc.compile(at.objects(UNTOUCHED), at.options)
    if host:
        asyncio.run(_serve(at, host[0]))
    print(max(_each_step(at)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
