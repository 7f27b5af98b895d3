"""Runs a program and says what it took: time, and peak memory as the kernel counted it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a program."""

    code: int
    out: str
    err: str
    wall: float
    """Seconds by the clock."""
    total: float
    """Seconds of processor time, user and system."""
    peak: int
    """The most memory it used, in bytes. At least as much as the caller had, so stay small."""


def run(command: Sequence[str]) -> Outcome:
    """Run a program to its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Outcome(
            process.returncode,
            out.read().decode(errors="replace"),
            err.read().decode(errors="replace"),
            wall,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss * 1024,
        )


def run_apart(command: Sequence[str]) -> Outcome:
    """Run a program from a small process, for a caller that is large itself."""
    done = run([sys.executable, "-S", __file__, *command])
    return Outcome(**json.loads(done.out))


if __name__ == "__main__":
    print(json.dumps(asdict(run(sys.argv[1:]))))
