"""The nginx of a program: on a folder that a result was written into."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ingc.diagnostics import Diagnostic
from ingc.diagnostics.catalogue.running import AddressTaken
from ingc.nginx.find import find
from ingc.nginx.messages import as_diagnostics, refused
from ingc.nginx.process import START_TIMEOUT, STOP_TIMEOUT, NginxFailed, Running, test
from ingc.nginx.sockets import (
    AddressInUse,
    KeptSockets,
    ListenAddress,
    bind_failure,
    listen_addresses,
)
from ingc.nginx.workers import WorkersUnknown, unprivileged
from ingc.target import format_version

CONF = "nginx.conf"
MOST_OLD = 16
"""Old configurations, see `Nginx`."""
DRAIN_LIMIT = 30.0
"""Seconds; the grace that Kubernetes gives a Pod (``terminationGracePeriodSeconds``)."""
LEAVE_LIMIT = 300.0
"""Seconds that requests of a master before have; ``worker_shutdown_timeout`` usually ends them."""
STUCK_TIMEOUT = 10.0
"""Seconds in which a worker comes to the end of one round of its event loop."""


class ConfRefused(NginxFailed):
    """nginx refuses a configuration; what ran before still runs."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        """nginx's words, each at its line."""
        super().__init__("\n".join(map(_said, self.diagnostics)) or "nginx -t failed")


class PortTaken(NginxFailed):
    """Another process has an address that nginx is to listen on, or only root may have it."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(dict.fromkeys(item.message for item in self.diagnostics)))


class Nginx:
    """A real nginx on a folder that `ingc.Result.write` writes.

    Every method blocks until what it is for has happened, or raises `ingc.NginxError` with a text
    for people; each has a limit in seconds. They may be called from any thread, and `stop` also
    while `reload` waits, so an event loop calls them by ``asyncio.to_thread``. A context manager:
    entering starts nginx, leaving stops it. What becomes of nginx when the process ends is as in
    `ingc.nginx.process`: it does not outlive it.

    Started by root, nginx's workers give up its rights.
    """

    def __init__(
        self,
        folder: str | Path,
        binary: str | None = None,
        *,
        most_old: int = MOST_OLD,
        keep_sockets: bool = False,
    ) -> None:
        """Find the binary; nothing is started.

        ``binary`` is a path, or a name on PATH. Without it: ``nginx`` on PATH, then in the usual
        ``sbin`` folders, then the one of ``ingc[nginx]``. ``most_old`` bounds how many earlier
        configurations may have workers whose requests are not over: where a reload makes it one
        more, the workers of the oldest end, and their connections. (In time they are bounded by
        ``worker_shutdown_timeout`` of the configuration, 240 s.)

        With ``keep_sockets`` this process opens the listening sockets and keeps them until `stop`
        or `drain`: where nginx's master is lost, `start` starts another on the same sockets, and
        who connects meanwhile is served late, not refused. A reload with new addresses starts
        another master too, and the one before ends like old workers do. Addresses that only root
        may have are nginx's own then, as without it.

        Raises `ingc.NginxNotFound`.
        """
        self.folder = Path(folder).absolute()
        self._binary = find(binary)
        self._most_old = most_old
        self._lock = threading.Lock()
        self._sockets = KeptSockets() if keep_sockets else None
        self._listens: frozenset[ListenAddress] = frozenset()
        self._running: Running | None = None
        self._leaving: list[Running] = []

    @property
    def path(self) -> Path:
        """The path of the binary."""
        return self._binary.path

    @property
    def version(self) -> str:
        """The version, as `ingc.Options.nginx_version` takes it: ``1.26.3``."""
        return format_version(self._binary.version)

    @property
    def alive(self) -> bool:
        """True while the master process runs."""
        return self._running is not None and self._running.alive

    @property
    def pid(self) -> int | None:
        """The process id of the master; ``None`` where nothing runs."""
        return self._running.pid if self._running is not None and self._running.alive else None

    def log(self, most: int = 50) -> tuple[str, ...]:
        """Return the last lines of what nginx reports about itself, oldest first."""
        return self._running.log(most) if self._running is not None else ()

    def test(self, *, timeout: float = START_TIMEOUT) -> tuple[Diagnostic, ...]:
        """Run ``nginx -t`` on the folder; return what nginx reports, each at its line.

        Errors among it: nginx refuses the folder. Raises `ingc.NginxError` where the binary does
        not run.
        """
        tested = test(self._binary, self.folder, self.folder / CONF, timeout=timeout)
        return as_diagnostics(tested.messages)

    def refuse(self, conf: Path) -> None:
        """Raise `ingc.ConfRefused` unless ``nginx -t`` takes a file of the folder.

        For `ingc.Result.write`: ``result.write(folder, tested_by=nginx)``.
        """
        tested = test(self._binary, conf.parent, conf)
        if not tested.ok:
            names = {conf.absolute(): conf.absolute().parent / CONF}
            raise ConfRefused(as_diagnostics(tested.messages, names))

    def start(self, *, timeout: float = START_TIMEOUT) -> None:
        """Start nginx; return once it takes connections. Does nothing where it runs.

        Workers that a lost master has left end: with kept sockets when the new ones take
        connections, and their requests too; else before. Raises `ingc.PortTaken`,
        `ingc.ConfRefused`, and `ingc.NginxFailed` for the rest.
        """
        with self._lock:
            if self.alive:
                return
            before = self._running
            if before is not None and self._sockets is None:
                before.stop()
            try:
                self._start_another(timeout)
            except PortTaken:
                if before is None:
                    raise
                before.stop()  # Its workers may have an address that is not kept.
                self._start_another(timeout)

    def reload(self, *, timeout: float = START_TIMEOUT) -> None:
        """Take over what the folder holds now; return once only new workers take connections.

        Requests under way are still answered by old ones. Raises as `start`; nginx goes on as
        before then.
        """
        with self._lock:
            running = self._running
            if running is None or not running.alive:
                raise NginxFailed("nginx is not running; start it first")
            wanted = self._wanted()
            if wanted - self._listens and self._can_share():
                self._start_another(timeout)
                return
            failure = running.reload(timeout)
            if failure is not None:
                raise _typed(failure)
            running.end_old(self._most_old)
            self._listen_only(wanted)

    def end_stuck_workers(self, timeout: float = STUCK_TIMEOUT) -> tuple[int, ...]:
        """Kill the workers that do not react; return their process ids. nginx starts others.

        nginx opens its logs again, as on SIGUSR1; a worker that does not within ``timeout``
        seconds handles no request either. Its connections are closed.
        """
        return self._kill_workers(lambda running: running.silent_workers(timeout))

    def end_stopped_workers(self) -> tuple[int, ...]:
        """Kill the workers that a signal has stopped (SIGSTOP); return their process ids."""
        return self._kill_workers(Running.stopped_workers)

    def _kill_workers(self, find_them: Callable[[Running], frozenset[int]]) -> tuple[int, ...]:
        running = self._running
        if running is None:
            return ()
        found = tuple(sorted(find_them(running)))
        for pid in found:
            running.kill_worker(pid)
        return found

    def stop(self, *, timeout: float = STOP_TIMEOUT) -> None:
        """Stop nginx at once, and wait until all of its processes are gone.

        Connections are closed. What is still there after ``timeout`` seconds is killed. Does
        nothing where nothing runs.
        """
        self._listen_only(frozenset())
        for running in self._all():
            running.stop(timeout=timeout)

    def drain(self, limit: float = DRAIN_LIMIT) -> None:
        """Stop nginx gracefully (SIGQUIT): no new connections, and requests under way end.

        After ``limit`` seconds what is left is cut off. Does nothing where nothing runs.
        """
        end = time.monotonic() + limit
        self._listen_only(frozenset())
        for running in self._all():
            running.stop(graceful=max(end - time.monotonic(), 0.0))

    def _all(self) -> tuple[Running, ...]:
        """Return the nginx that runs first, then those that end their requests."""
        return (*((self._running,) if self._running is not None else ()), *self._leaving)

    def _start_another(self, timeout: float) -> None:
        """Start a master, beside the one before where there is one, which then ends."""
        before, wanted = self._running, self._wanted()
        opened = self._open(wanted)
        self._running = running = Running(
            self._binary,
            self.folder,
            self.folder / CONF,
            directives=self._directives(),
            start_timeout=timeout,
            sockets=self._sockets.descriptors(wanted) if self._sockets else (),
        )
        if before is not None:
            self._leaving.append(before)
        try:
            running.start()
        except NginxFailed as error:
            if before is not None:
                self._leaving.remove(before)
                self._running = before
            if self._sockets is not None:
                self._sockets.close(opened)
            raise _typed(str(error)) from error
        self._listen_only(wanted)
        if before is not None:
            threading.Thread(target=self._leave, args=(before,), daemon=True).start()

    def _leave(self, before: Running) -> None:
        before.stop(graceful=LEAVE_LIMIT)
        self._leaving.remove(before)

    def _wanted(self) -> frozenset[ListenAddress]:
        """Return where the folder's configuration listens; nothing, where nginx opens it all."""
        if self._sockets is None:
            return frozenset()
        try:
            return listen_addresses((self.folder / CONF).read_text(encoding="utf-8"))
        except OSError:
            return frozenset()  # nginx has the words for it.

    def _can_share(self) -> bool:
        """Open what is lacking; return whether another master can listen beside the one before."""
        if self._sockets is None:
            return False
        wanted = self._wanted()
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
            raise _typed(bind_failure(error)) from error
        except OSError as error:
            raise NginxFailed(f"a listening socket can't be opened: {error}") from error

    def _listen_only(self, wanted: frozenset[ListenAddress]) -> None:
        self._listens = wanted
        if self._sockets is not None:
            self._sockets.close(self._sockets.addresses - wanted)

    def __enter__(self) -> Self:
        """Start nginx; see `start`."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop nginx; see `stop`."""
        self.stop()

    def _directives(self) -> str:
        if os.geteuid() != 0:
            return ""
        try:
            return unprivileged(self._binary).directive
        except WorkersUnknown as error:
            raise NginxFailed(f"nginx's workers can't give up root's rights: {error}") from error


def _typed(text: str) -> NginxFailed:
    """Return the error for what nginx wrote when it did not take a configuration."""
    found = refused(line for line in text.splitlines() if line.startswith("["))
    taken = [item for item in found if isinstance(item.entry, AddressTaken)]
    if taken:
        return PortTaken(taken)
    return ConfRefused(found) if found else NginxFailed(text)


def _said(found: Diagnostic) -> str:
    span = found.span
    place = f"{found.file}:{span.line}: " if span else ""
    return f"{place}{found.message}"
