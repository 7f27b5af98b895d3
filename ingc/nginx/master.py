"""One nginx master process with all that belongs to it: its log, its end, and its watchdog."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingc.nginx.log import Log
from ingc.nginx.sockets import as_environment, without_sockets

# The shell outlives this process if that is killed, and then sees the end of the pipe.
_WATCHDOG = 'read -r _ || kill -s TERM "$1"'


@dataclass(frozen=True, slots=True)
class Master:
    """A started nginx. It leads a session of its own, so all its processes are one group."""

    process: subprocess.Popen[bytes]
    log: Log
    watchdog: subprocess.Popen[bytes] | None

    def alive(self) -> bool:
        """Return whether the master runs."""
        return self.process.poll() is None

    def end_worker(self, pid: int, how: signal.Signals = signal.SIGTERM) -> None:
        """Make a worker end at once, with the connections that it has."""
        with contextlib.suppress(ProcessLookupError):
            # Its log may not have been read to the end, and the number be another's by now.
            if os.getpgid(pid) == self.process.pid:
                os.kill(pid, how)

    def end(self, graceful: float, timeout: float) -> None:
        """Stop it with all of its workers, wait until they are gone, and close what we hold.

        SIGQUIT first if ``graceful`` is not 0, after so many seconds SIGTERM, and SIGKILL
        ``timeout`` seconds later. Where the master is gone, its workers get the signals. May be
        called again, also after an interrupt of the first call.
        """
        ended = graceful > 0 and self._signal_and_wait(signal.SIGQUIT, graceful)
        if not ended and not self._signal_and_wait(signal.SIGTERM, timeout):
            self._kill()
            self.process.wait()
        # The log ends when no process holds it open: a sign that works on every system.
        if not self.log.close(timeout=2.0):
            self._kill()
            self.log.close(timeout=2.0)
        if self.watchdog is not None:
            with contextlib.suppress(OSError, ValueError):
                self.watchdog.communicate(b"\n")

    def _signal_and_wait(self, how: signal.Signals, timeout: float) -> bool:
        if not self.alive():
            return self._end_orphans(how, timeout)
        self.process.send_signal(how)  # does nothing once the process was waited for
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _end_orphans(self, how: signal.Signals, timeout: float) -> bool:
        """Make workers end whose master is gone; False where some are left after ``timeout``."""
        if self.log.ended:
            return True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        ended = self.log.await_end(time.monotonic() + timeout)
        with contextlib.suppress(ChildProcessError):
            # As process 1 of a container we are their parent now.
            while os.waitpid(-self.process.pid, os.WNOHANG)[0]:
                pass
        return ended

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def launch(
    command: Sequence[str], folder: Path, stdout: int, sockets: Sequence[int] = ()
) -> Master:
    """Start nginx in ``folder``, with listening sockets that it takes over by their descriptors.

    Raises `OSError` where the program can't be started.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**without_sockets(), **as_environment(sockets)},
        pass_fds=sockets,
        start_new_session=True,
    )
    if process.stderr is None:
        raise OSError("no pipe for the log")
    log = Log(process.stderr)
    try:
        return Master(process, log, _watch(process.pid))
    except BaseException:
        Master(process, log, None).end(graceful=0.0, timeout=1.0)
        raise


def state_of(pid: int) -> str:
    """Return the state of a process by its letter in proc_pid_stat(5); ``""``: it is unknown."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(") ")[2][:1]
    except OSError:
        return ""


def _watch(pid: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCHDOG, "sh", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
