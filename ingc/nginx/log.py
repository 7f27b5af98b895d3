"""Follows the error log of a running nginx, and keeps what it reports about its workers."""

from __future__ import annotations

import errno
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

_KEPT_LINES = 1000
_LINE = re.compile(
    r"(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d |nginx: )\[(?P<level>\w+)\] "
    r"(?:(?P<pid>\d+)#\d+: )?(?:\*\d+ )?(?P<text>.*)"
)
_STARTED = re.compile(r"start worker process (\d+)")
_EXITED = re.compile(r"worker process (\d+) exited")
_RECONFIGURING = "reconfiguring"
_DRAINING = "gracefully shutting down"
_REOPENING = "reopening logs"

_GRAVE = frozenset({"emerg", "alert", "crit", "error", "warn"})
_QUIET = 0.2  # seconds without another line, after which a failure's text is complete
_BIND_QUIET = 1.0  # nginx tries a busy address five times, half a second apart
_GLANCE = 0.5  # seconds between two looks at whether the master is there
_BUSY = f"({errno.EADDRINUSE}:"


def plain(line: str) -> str:
    """Return a log line without time, process and connection: ``[emerg] unknown directive …``."""
    match = _LINE.fullmatch(line)
    return f"[{match['level']}] {match['text']}" if match else line


def is_grave(line: str) -> bool:
    """True for a warning or worse, and for a line that is not in the form of nginx's log."""
    match = _LINE.fullmatch(line)
    return match is None or match["level"] in _GRAVE


@dataclass(frozen=True, slots=True)
class Reopening:
    """The workers that are expected to open their logs again."""

    generation: int
    workers: frozenset[int]


class Log:
    """Reads the log in a thread until its end, which comes when the last nginx process is gone.

    The log must have the level ``notice``: the lines about workers are of that level, and they
    are the only sign that nginx gives of a reload that is complete. Workers are counted in
    generations, separated by the line that the master writes before it reads its configuration
    again: what it wrote about the workers of before stands above that line, however late it is
    read here.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._changed = threading.Condition()
        self._generation = 0
        self._workers: dict[int, int] = {}
        self._old: dict[int, int] = {}
        self._reopened: set[int] = set()
        self._failures: list[str] = []
        self._ended = False
        self._thread = threading.Thread(target=self._follow, name="nginx log", daemon=True)
        self._thread.start()

    def lines(self) -> tuple[str, ...]:
        """Return the last lines, oldest first, as nginx wrote them."""
        with self._changed:
            return tuple(self._lines)

    def workers(self) -> frozenset[int]:
        """Return the process ids of the workers that take new connections, as far as logged."""
        with self._changed:
            return frozenset(self._workers)

    def older(self, most: int) -> tuple[int, ...]:
        """Return the process ids of workers that only end their requests, of all generations but
        the last ``most``; as far as logged.
        """
        with self._changed:
            kept = sorted(set(self._old.values()))[-most:] if most > 0 else []
            return tuple(pid for pid, born in self._old.items() if born not in kept)

    def generation(self) -> int:
        """Return how often nginx began to read its configuration again."""
        with self._changed:
            return self._generation

    def failures(self) -> tuple[str, ...]:
        """Return the master's ``[emerg]`` lines since the last reload began, in plain form."""
        with self._changed:
            return tuple(self._failures)

    def await_start(self, deadline: float) -> bool:
        """Wait for the first worker; False at the deadline, or when the log has ended.

        nginx forks its workers after all sockets listen. ``deadline`` is a time of
        `time.monotonic`.
        """
        with self._changed:
            while not self._workers:
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def await_reload(self, before: int, deadline: float, alive: Callable[[], bool]) -> bool:
        """Wait until all workers are of a later generation than ``before``.

        False at the deadline, when the log has ended, once an ``[emerg]`` line was written and
        nothing followed (see `failures`), or when the master is not ``alive``: the workers of one
        that was killed keep the log open.
        """
        with self._changed:
            failed_at, seen = 0.0, 0
            while not self._renewed(before):
                now, until = time.monotonic(), deadline
                if self._generation > before and self._failures:
                    if len(self._failures) > seen:
                        failed_at, seen = now, len(self._failures)
                    until = min(deadline, failed_at + _patience(self._failures[-1]))
                if self._ended or now >= until or not alive():
                    return False
                self._changed.wait(min(until - now, _GLANCE))
            return True

    def forget_reopened(self) -> Reopening:
        """Begin to note anew which workers open their logs again."""
        with self._changed:
            self._reopened.clear()
            return Reopening(self._generation, frozenset(self._workers))

    def await_reopened(self, began: Reopening, deadline: float) -> frozenset[int]:
        """Wait until the workers of then have opened their logs again; return those that have not.

        Empty where another generation began meanwhile: those are new.
        """
        with self._changed:
            while True:
                missing = frozenset(began.workers & self._workers.keys() - self._reopened)
                left = deadline - time.monotonic()
                if self._ended or self._generation != began.generation or not missing:
                    return frozenset()
                if left <= 0:
                    return missing
                self._changed.wait(left)

    @property
    def ended(self) -> bool:
        """Whether no process holds the log open any more."""
        with self._changed:
            return self._ended

    def await_end(self, deadline: float) -> bool:
        """Wait until no process holds the log open; False at the deadline."""
        with self._changed:
            while not self._ended:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def _renewed(self, before: int) -> bool:
        return bool(self._workers) and all(born > before for born in self._workers.values())

    def close(self, timeout: float) -> bool:
        """Wait for the end of the log; False if a process still holds it open after that."""
        self._thread.join(timeout)
        if self._thread.is_alive():
            return False
        self._stream.close()
        return True

    def _follow(self) -> None:
        for raw in self._stream:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            with self._changed:
                self._take(line)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _take(self, line: str) -> None:
        # A configuration with its own `error_log stderr` makes nginx write each line twice.
        if self._lines and self._lines[-1] == line:
            return
        self._lines.append(line)
        match = _LINE.fullmatch(line)
        if match is None:
            return
        text = match["text"]
        pid = int(match["pid"] or 0)
        if match["level"] == "emerg":
            # A worker's has nothing to do with a reload: it may not open a log again.
            if pid not in self._workers and pid not in self._old:
                self._failures.append(plain(line))
        elif text == _RECONFIGURING:
            self._generation += 1
            self._failures.clear()
        elif started := _STARTED.fullmatch(text):
            self._workers[int(started[1])] = self._generation
        elif exited := _EXITED.match(text):
            self._workers.pop(int(exited[1]), None)
            self._old.pop(int(exited[1]), None)
        elif text == _REOPENING:
            self._reopened.add(pid)
        elif text == _DRAINING and pid:
            self._old[pid] = self._workers.pop(pid, self._generation)


def _patience(failure: str) -> float:
    return _BIND_QUIET if "bind()" in failure and _BUSY in failure else _QUIET
