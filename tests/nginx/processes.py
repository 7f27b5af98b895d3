"""Watches processes, for tests that none stays."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable


def group(leader: int) -> list[int]:
    """Return the processes of a process group that have not ended."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True
    )
    rows = (line.split() for line in listed.stdout.splitlines())
    return [int(pid) for pid, pgid, stat in rows if int(pgid) == leader and stat[0] != "Z"]


def soon(holds: Callable[[], bool], within: float = 5.0) -> bool:
    """Wait until ``holds()``; False if it does not within so many seconds."""
    until = time.monotonic() + within
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def gone(leader: int) -> bool:
    """Wait for the end of a process group."""
    return soon(lambda: not group(leader))
