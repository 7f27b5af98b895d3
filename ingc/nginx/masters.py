"""The nginx of one folder: the master that runs, those before it that end, and kept sockets."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingc.nginx.find import Nginx
from ingc.nginx.master import Ending
from ingc.nginx.process import NginxFailed, Running
from ingc.nginx.sockets import (
    AddressInUse,
    KeptSockets,
    ListenAddress,
    bind_failure,
    listen_addresses,
)
from ingc.nginx.workers import WorkersUnknown, unprivileged

CONF = "nginx.conf"
_NO_LIMIT = 86400.0
"""Seconds that requests of a master before have, where its configuration sets none."""
_LEAVE_GRACE = 10.0
"""Seconds beyond ``worker_shutdown_timeout``, after which nginx itself ends them."""
_SHUTDOWN = re.compile(r"^\s*worker_shutdown_timeout\s+([0-9smhdwMy]+);", re.MULTILINE)
_PID = re.compile(r"^\s*pid\s+([^\s;]+);", re.MULTILINE)
_PART = re.compile(r"(\d+)(ms|[smhdwMy]?)")
_UNITS = {
    "": 1.0,
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 7 * 86400.0,
    "M": 30 * 86400.0,
    "y": 365 * 86400.0,
}
"""Seconds; https://nginx.org/en/docs/syntax.html"""


@dataclass(frozen=True, slots=True)
class ReadConf:
    """What a master reads, as far as it matters here."""

    sha256: str
    """Of nginx.conf; empty where there is none."""
    listens: frozenset[ListenAddress]
    leave_limit: float
    """Seconds that requests under way have once another master is there."""
    pid_file: str | None


def read_conf(text: str) -> ReadConf:
    """Look up in a configuration what a master of it needs."""
    pid = _PID.search(text)
    return ReadConf(
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        listens=listen_addresses(text),
        leave_limit=_leave_limit(text),
        pid_file=pid[1] if pid else None,
    )


def _leave_limit(text: str) -> float:
    match = _SHUTDOWN.search(text)
    seconds = sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(match[1])) if match else 0
    return min(seconds + _LEAVE_GRACE, _NO_LIMIT) if seconds else _NO_LIMIT


_NOTHING = ReadConf("", frozenset(), _NO_LIMIT, None)


class Masters:
    """What `ingc.Nginx` does, in this process. Failures are `NginxFailed` in nginx's own words.

    The methods may be called from any thread.
    """

    def __init__(
        self,
        binary: Nginx,
        folder: Path,
        *,
        most_old: int,
        sockets: KeptSockets | None,
        ending: Ending = Ending.AT_ONCE,
    ) -> None:
        """Start nothing yet; ``ending`` is what nginx does where this process is killed."""
        self._binary = binary
        self._folder = folder
        self._most_old = most_old
        self._lock = threading.Lock()
        self._sockets = sockets
        self._ending = ending
        self._read = _NOTHING
        self._running: Running | None = None
        self._leaving: list[Running] = []

    @property
    def alive(self) -> bool:
        """True while the master process runs."""
        return self._running is not None and self._running.alive

    @property
    def pid(self) -> int | None:
        """The process id of the master; ``None`` where nothing runs."""
        return self._running.pid if self._running is not None and self._running.alive else None

    @property
    def config_sha256(self) -> str | None:
        """The digest of the nginx.conf that the master read last and took."""
        return self._read.sha256 if self.alive else None

    def log(self, most: int) -> tuple[str, ...]:
        """Return the last lines of what nginx reports about itself, oldest first."""
        return self._running.log(most) if self._running is not None else ()

    @contextlib.contextmanager
    def settled(self) -> Iterator[None]:
        """Wait until no start and no reload is under way, and let none begin meanwhile."""
        with self._lock:
            yield

    def start(self, timeout: float) -> None:
        """Start nginx; see `ingc.Nginx.start`."""
        with self._lock:
            if self.alive:
                return
            before = self._running
            if before is not None and self._sockets is None:
                before.stop()
            try:
                self._start_another(timeout)
            except NginxFailed as error:
                if before is None or "bind() to" not in str(error):
                    raise
                before.stop()  # Its workers may have an address that is not kept.
                self._start_another(timeout)

    def reload(self, timeout: float) -> None:
        """Take over what the folder holds now; see `ingc.Nginx.reload`."""
        with self._lock:
            running = self._running
            if running is None or not running.alive:
                raise NginxFailed("nginx is not running; start it first")
            wanted = self._wanted()
            if wanted.listens - self._read.listens and self._can_share(wanted.listens):
                self._start_another(timeout)
                return
            failure = running.reload(timeout)
            if failure is not None:
                raise NginxFailed(failure)
            running.end_old(self._most_old)
            self._take(wanted)

    def end_stuck_workers(self, timeout: float) -> tuple[int, ...]:
        """Kill the workers that do not react within so many seconds; return them."""
        return self._kill_workers(lambda running: running.silent_workers(timeout))

    def end_stopped_workers(self) -> tuple[int, ...]:
        """Kill the workers that a signal has stopped; return them."""
        return self._kill_workers(Running.stopped_workers)

    def _kill_workers(self, find_them: Callable[[Running], Iterable[int]]) -> tuple[int, ...]:
        running = self._running
        if running is None:
            return ()
        found = tuple(sorted(find_them(running)))
        for pid in found:
            running.kill_worker(pid)
        return found

    def stop(self, timeout: float) -> None:
        """Stop nginx at once; see `ingc.Nginx.stop`."""
        self._take(_NOTHING)
        for running in self._all():
            running.stop(timeout=timeout)

    def drain(self, limit: float) -> None:
        """Stop nginx gracefully; see `ingc.Nginx.drain`."""
        end = time.monotonic() + limit
        self._take(_NOTHING)
        for running in self._all():
            running.stop(graceful=max(end - time.monotonic(), 0.0))

    def _all(self) -> tuple[Running, ...]:
        """Return the nginx that runs first, then those that end their requests."""
        return (*((self._running,) if self._running is not None else ()), *self._leaving)

    def _start_another(self, timeout: float) -> None:
        """Start a master, beside the one before where there is one, which then ends."""
        before, wanted, limit = self._running, self._wanted(), self._read.leave_limit
        opened = self._open(wanted.listens)
        self._running = running = Running(
            self._binary,
            self._folder,
            self._folder / CONF,
            directives=self._directives(),
            start_timeout=timeout,
            sockets=self._sockets.descriptors(wanted.listens) if self._sockets else (),
            ending=self._ending,
        )
        if before is not None:
            self._leaving.append(before)
        try:
            running.start()
        except NginxFailed:
            if before is not None:
                self._leaving.remove(before)
                self._running = before
            if self._sockets is not None:
                self._sockets.close(opened)
            raise
        self._take(wanted)
        if before is not None:
            threading.Thread(target=self._leave, args=(before, limit), daemon=True).start()

    def _leave(self, before: Running, limit: float) -> None:
        before.stop(graceful=limit)
        self._leaving.remove(before)
        with self._lock:
            self._write_pid_file()

    def _write_pid_file(self) -> None:
        """Write what nginx's pid file said: a master that ends removes it, whosever it is."""
        pid, name = self.pid, self._read.pid_file
        if pid is None or name is None or (self._folder / name).exists():
            return
        with contextlib.suppress(OSError):
            beside = (self._folder / name).with_suffix(".pid-new")
            beside.write_text(f"{pid}\n", encoding="ascii")
            beside.replace(self._folder / name)

    def _wanted(self) -> ReadConf:
        try:
            return read_conf((self._folder / CONF).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return _NOTHING  # nginx has the words for it.

    def _can_share(self, wanted: frozenset[ListenAddress]) -> bool:
        """Open what is lacking; return whether another master can listen beside the one before."""
        if self._sockets is None:
            return False
        try:
            opened = self._sockets.open(wanted)
        except OSError:
            return False
        if wanted <= self._sockets.addresses:
            return True
        self._sockets.close(opened)
        return False

    def _open(self, wanted: frozenset[ListenAddress]) -> frozenset[ListenAddress]:
        if self._sockets is None:
            return frozenset()
        try:
            return self._sockets.open(wanted)
        except AddressInUse as error:
            raise NginxFailed(bind_failure(error)) from error
        except OSError as error:
            raise NginxFailed(f"a listening socket can't be opened: {error}") from error

    def _take(self, read: ReadConf) -> None:
        """Note what is read now, and let go of the sockets where nobody listens any more."""
        self._read = read
        if self._sockets is not None:
            self._sockets.close(self._sockets.addresses - read.listens)

    def _directives(self) -> str:
        if os.geteuid() != 0:
            return ""
        try:
            return unprivileged(self._binary).directive
        except WorkersUnknown as error:
            raise NginxFailed(f"nginx's workers can't give up root's rights: {error}") from error
