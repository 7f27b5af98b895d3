"""A worker of nginx that is made to hang, and whose connections it had."""

from __future__ import annotations

import os
import platform
import signal
import time
from pathlib import Path

_ENDLESS = {"x86_64": b"\xeb\xfe", "aarch64": b"\x00\x00\x00\x14"}
"""A jump to itself."""


def ports_of(pid: int) -> frozenset[int]:
    """Return the clients' ports of the TCP connections that a process has over IPv4."""
    found: set[str] = set()
    for name in Path(f"/proc/{pid}/fd").iterdir():
        target = str(name.readlink())
        if target.startswith("socket:["):
            found.add(target[len("socket:[") : -1])
    rows = (line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:])
    return frozenset(int(row[2].rpartition(":")[2], 16) for row in rows if row[9] in found)


def stop(pid: int) -> None:
    """Stop a process, and return when it is."""
    os.kill(pid, signal.SIGSTOP)
    while _state(pid) not in "TZ":
        time.sleep(0.001)


def spin(pid: int) -> None:
    """Put a process into an endless loop, by a jump to itself where it waits now.

    Return when it is there. Raises `OSError` where it may not be done, `KeyError` for a machine
    that is not known.
    """
    jump = _ENDLESS[platform.machine()]
    stop(pid)
    try:
        place = int(Path(f"/proc/{pid}/syscall").read_text("ascii").split()[-1], 16)
        with Path(f"/proc/{pid}/mem").open("r+b", buffering=0) as memory:
            memory.seek(place)
            memory.write(jump)
    finally:
        os.kill(pid, signal.SIGCONT)
    end = time.monotonic() + 5.0
    while time.monotonic() < end:  # It may wait for a connection first.
        before = _ticks(pid)
        time.sleep(0.05)
        if _state(pid) == "R" and _ticks(pid) > before:
            return
    raise TimeoutError("the worker does not spin")


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()


def _state(pid: int) -> str:
    return _fields(pid)[0]


def _ticks(pid: int) -> int:
    return int(_fields(pid)[11])
