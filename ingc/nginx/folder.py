"""The nginx of a program: on a folder that a result was written into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ingc.diagnostics import Diagnostic
from ingc.diagnostics.catalogue.running import AddressTaken
from ingc.nginx.find import find
from ingc.nginx.masters import CONF, Masters
from ingc.nginx.messages import as_diagnostics, refused
from ingc.nginx.process import START_TIMEOUT, STOP_TIMEOUT, NginxFailed, test
from ingc.nginx.sockets import KeptSockets
from ingc.target import format_version

if TYPE_CHECKING:
    from ingc.nginx.kept import KeptMasters

MOST_OLD = 16
"""Old configurations, see `Nginx`."""
DRAIN_LIMIT = 30.0
"""Seconds; the grace that Kubernetes gives a Pod (``terminationGracePeriodSeconds``)."""
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
    `ingc.nginx.process`: it does not outlive it, unless ``outlives`` is set.

    Started by root, nginx's workers give up its rights.
    """

    def __init__(
        self,
        folder: str | Path,
        binary: str | None = None,
        *,
        most_old: int = MOST_OLD,
        keep_sockets: bool = False,
        outlives: bool = False,
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

        With ``outlives`` nginx goes on where this process ends without `stop` or `drain`, also
        where it is killed: a small process beside it keeps it, and the next program on the same
        folder takes it over by `claim` or `start`. Two can't have it at a time. Linux from 5.3 on.

        Raises `ingc.NginxNotFound`.
        """
        self.folder = Path(folder).absolute()
        self._binary = find(binary)
        self._masters: Masters | KeptMasters
        if outlives:
            # Not loaded by programs that do not need it, or where there is no Unix.
            from ingc.nginx.kept import KeptMasters

            self._masters = KeptMasters(
                self._binary, self.folder, most_old=most_old, keep_sockets=keep_sockets
            )
        else:
            sockets = KeptSockets() if keep_sockets else None
            self._masters = Masters(self._binary, self.folder, most_old=most_old, sockets=sockets)

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
        return self._masters.alive

    @property
    def pid(self) -> int | None:
        """The process id of the master; ``None`` where nothing runs."""
        return self._masters.pid

    @property
    def config_sha256(self) -> str | None:
        """The SHA-256 of the nginx.conf that nginx read last and took; ``None``: nothing runs."""
        return self._masters.config_sha256

    def log(self, most: int = 50) -> tuple[str, ...]:
        """Return the last lines of what nginx reports about itself, oldest first."""
        return self._masters.log(most)

    def claim(self) -> bool:
        """With ``outlives``, take the folder for this program; return whether nginx runs there.

        A program before that still ends is waited for, ten seconds. `start` does this, too; it is
        for whoever writes the folder first. Raises `ingc.FolderInUse`.
        """
        if isinstance(self._masters, Masters):
            return self.alive
        return self._masters.claim()

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
        with _words():
            self._masters.start(timeout)

    def reload(self, *, timeout: float = START_TIMEOUT) -> None:
        """Take over what the folder holds now; return once only new workers take connections.

        Requests under way are still answered by old ones. Raises as `start`; nginx goes on as
        before then.
        """
        with _words():
            self._masters.reload(timeout)

    def end_stuck_workers(self, timeout: float = STUCK_TIMEOUT) -> tuple[int, ...]:
        """Kill the workers that do not react; return their process ids. nginx starts others.

        nginx opens its logs again, as on SIGUSR1; a worker that does not within ``timeout``
        seconds handles no request either. Its connections are closed.
        """
        return self._masters.end_stuck_workers(timeout)

    def end_stopped_workers(self) -> tuple[int, ...]:
        """Kill the workers that a signal has stopped (SIGSTOP); return their process ids."""
        return self._masters.end_stopped_workers()

    def stop(self, *, timeout: float = STOP_TIMEOUT) -> None:
        """Stop nginx at once, and wait until all of its processes are gone.

        Connections are closed. What is still there after ``timeout`` seconds is killed. Does
        nothing where nothing runs.
        """
        self._masters.stop(timeout)

    def drain(self, limit: float = DRAIN_LIMIT) -> None:
        """Stop nginx gracefully (SIGQUIT): no new connections, and requests under way end.

        After ``limit`` seconds what is left is cut off. Does nothing where nothing runs.
        """
        self._masters.drain(limit)

    def __enter__(self) -> Self:
        """Start nginx; see `start`."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop nginx; see `stop`."""
        self.stop()


@contextmanager
def _words() -> Iterator[None]:
    """Give nginx's words on a failure the types that they have for a program."""
    try:
        yield
    except NginxFailed as error:
        raise _typed(str(error)) from error


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
