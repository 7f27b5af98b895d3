"""A controller that is killed at each step of a swap: ``python -m tests.controller.killed BINARY``.

A step is whatever changes the folder or nginx: a file that is opened to be written, renamed,
linked or removed, a process that is started or gets a signal. For each of them a child applies a
change and is killed (SIGKILL) right before it; another start then has to serve the one
configuration or the other from the folder alone, and the change after that. Prints a line for each
step, and exits with 1 where something else happened.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import ingc
from ingc.nginx.find import ask
from tests.controller.scene import Scene, scene

_EVENTS = frozenset(
    {"os.rename", "os.link", "os.remove", "os.mkdir", "os.kill", "subprocess.Popen"}
)
_MOST = 200


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
        self._seen += 1
        if self._seen == self._last:
            what = next((arg for arg in args if isinstance(arg, str | Path)), "")
            print(f"{self._last:3} {event} {Path(str(what)).name}", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)


def _is_step(event: str, args: tuple[object, ...]) -> bool:
    if event == "open":
        flags = args[2]
        return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
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


async def _swap(at: Scene, killed_at: int) -> None:
    rollout = at.rollout()
    if not (at.folder / "nginx.conf").exists():
        await rollout.apply(at.objects("a.test"))
    else:
        await rollout.start()
    steps = _Steps(killed_at)
    steps.counting = True
    await rollout.apply(at.objects("a.test", f"b{killed_at}.test"))
    steps.counting = False
    await rollout.stop()


async def _start_again(at: Scene, number: int) -> None:
    rollout = at.rollout()
    try:
        assert await rollout.start(), "the last good configuration is not there"
        assert at.body("a.test") == b"served"
        outcome = await rollout.apply(at.objects("a.test", f"c{number}.test"))
        assert outcome.served, outcome.error
        assert at.body(f"c{number}.test") == b"served"
        left = [path.name for path in at.folder.rglob(".*new*")]
        assert not left, left
    finally:
        await rollout.stop()


def main(binary: str) -> int:
    """Kill at each step; return 1 where another start failed."""
    with tempfile.TemporaryDirectory(prefix="ingc-killed-") as name:
        Path(name).chmod(0o755)
        with scene(ask(Path(binary)), Path(name)) as at:
            ingc.compile(at.objects("a.test"), at.options)  # Children need not load it all anew.
            assert _apart(lambda: asyncio.run(_swap(at, 0))) == 0
            for number in range(1, _MOST):
                ended = _apart(lambda number=number: asyncio.run(_swap(at, number)))  # type: ignore[misc]
                if ended == 0:
                    print(f"{number - 1} steps")
                    return 0
                if ended != -signal.SIGKILL:
                    return 1
                if _apart(lambda number=number: asyncio.run(_start_again(at, number))) != 0:  # type: ignore[misc]
                    return 1
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
