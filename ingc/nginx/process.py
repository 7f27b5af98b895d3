"""Runs nginx: test a configuration, start it in the foreground, reload it, stop it.

What becomes of nginx when this process ends:

- `Running.stop`, the end of the ``with`` block, an exception in it, ``sys.exit``: stopped, and
  waited for, workers included.
- This process is killed (SIGTERM without a handler, SIGKILL, a crash): a small ``sh`` that holds
  the other end of a pipe sees the pipe close, and sends SIGTERM to the master, which ends its
  workers. Nothing waits for it then, and the prefix folder stays.
- Ctrl-C in the terminal does not reach nginx, which has a session of its own; it reaches this
  process, and the ``with`` block ends.
"""

from __future__ import annotations

import atexit
import contextlib
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ingc.nginx.find import Nginx, NginxError
from ingc.nginx.log import is_grave, plain
from ingc.nginx.master import Ending, Master, launch, state_of
from ingc.nginx.sockets import without_sockets

START_TIMEOUT = 60.0
"""Seconds. nginx queries the DNS for every name in the configuration before it starts."""
STOP_TIMEOUT = 10.0
"""Seconds between SIGTERM, on which nginx takes a second at most, and SIGKILL."""

# `-g` comes before the file: its log is written beside those that the file names.
_FOREGROUND = "daemon off; error_log stderr notice;"

_STOPPED = "T"  # not "t": somebody is debugging it
_SUMMARIES = ("syntax is ok", "test is successful", "test failed")


class NginxFailed(NginxError):
    """nginx did not start; the text is its own."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """What ``nginx -t`` reported."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    ok: bool
    messages: tuple[str, ...]
    """Warnings and errors in nginx's words, such as ``[emerg] unknown directive "x" in F:3``."""


def test(nginx: Nginx, prefix: Path, conf: Path, *, timeout: float = START_TIMEOUT) -> TestResult:
    """Run ``nginx -t`` on a configuration.

    nginx makes the temp folders and opens the logs that it names, and binds no address that
    is in use. ``timeout`` is in seconds; running out of it is a failed test. Raises `NginxFailed`
    where the binary does not start at all.
    """
    arguments = [*_command(nginx, prefix, conf), "-t"]
    try:
        done = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=without_sockets(),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        messages = _messages(_text(error.stderr or b""))
        late = f"nginx -t did not end within {timeout:g} s; does it wait for the DNS?"
        return TestResult(False, (*messages, late))
    except OSError as error:
        raise NginxFailed(f"{nginx.path} does not run: {error.strerror or error}") from error
    messages = _messages(_text(done.stderr))
    if done.returncode != 0 and not messages:
        messages = (f"nginx -t ended with exit code {done.returncode} and said nothing",)
    return TestResult(done.returncode == 0, messages)


class Running:
    """An nginx in the foreground, with its own prefix and configuration.

    A context manager: entering starts it and waits until it takes connections, leaving stops it.
    It is started once. The methods may be called from any thread.
    """

    def __init__(
        self,
        nginx: Nginx,
        prefix: Path,
        conf: Path,
        *,
        directives: str = "",
        stdout: int = subprocess.DEVNULL,
        start_timeout: float = START_TIMEOUT,
        sockets: Sequence[int] = (),
        ending: Ending = Ending.AT_ONCE,
    ) -> None:
        """Prepare only.

        ``directives`` are more directives of the main context, for this run alone, such as
        ``user www-data;``. ``stdout`` is a file descriptor for what the configuration sends to
        ``/dev/stdout``. ``start_timeout`` is in seconds. ``sockets`` are descriptors of listening
        sockets that nginx takes over, see `ingc.nginx.sockets`. ``ending`` is what nginx does where
        this process is killed.
        """
        self._nginx = nginx
        self._prefix = prefix.absolute()
        always = f"{_FOREGROUND} {directives}".rstrip()
        self._command = [*_command(nginx, prefix, conf), "-g", always]
        self._stdout = stdout
        self._start_timeout = start_timeout
        self._sockets = tuple(sockets)
        self._ending = ending
        self._lock = threading.RLock()
        self._master: Master | None = None

    def __enter__(self) -> Self:
        """Start nginx; see `start`."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop nginx; see `stop`."""
        self.stop()

    def start(self) -> None:
        """Start nginx and return once its sockets listen and a worker runs.

        Raises `NginxFailed` with the text of its error log where it does not come to that.
        """
        with self._lock:
            if self._master is not None:
                raise RuntimeError("this nginx was started before")
            try:
                self._master = launch(
                    self._command, self._prefix, self._stdout, self._sockets, self._ending
                )
            except OSError as error:
                raise NginxFailed(f"{self._nginx.path} does not run: {error}") from error
            atexit.register(self.stop)
            try:
                self._await_start(self._master)
            except BaseException:
                self.stop()
                raise

    def _await_start(self, master: Master) -> None:
        if master.log.await_start(time.monotonic() + self._start_timeout):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            master.process.wait(1)
        code = master.process.poll()
        how = f"nginx did not start within {self._start_timeout:g} s"
        if code is not None:
            how = f"nginx ended with {_ending(code)}"
        raise NginxFailed("\n".join([how, *_messages(master.log.lines())]))

    @property
    def pid(self) -> int:
        """The process id of the master. Raises `RuntimeError` before the start."""
        if self._master is None:
            raise RuntimeError("this nginx was not started")
        return self._master.process.pid

    @property
    def alive(self) -> bool:
        """True while the master runs."""
        return self._master is not None and self._master.alive()

    @property
    def workers(self) -> frozenset[int]:
        """The process ids of the workers that take new connections, as far as its log shows."""
        return self._master.log.workers() if self._master else frozenset()

    def log(self, most: int = 50) -> tuple[str, ...]:
        """Return the last lines of the error log (level ``notice``), oldest first."""
        return self._master.log.lines()[-most:] if self._master else ()

    def reload(self, timeout: float = START_TIMEOUT) -> str | None:
        """Make nginx read its configuration again; return its error text, or None if it took it.

        On success no worker with the old configuration takes new connections any more; requests
        under way are still answered by it. On failure nginx goes on as before. ``timeout`` is in
        seconds.
        """
        with self._lock:
            master = self._master
            if master is None or not master.alive():
                return "nginx is not running"
            before = master.log.generation()
            master.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + timeout
            if master.log.await_reload(before, deadline, master.alive):
                return None
            if failures := master.log.failures():
                return "\n".join(failures)
            if not master.alive():
                return "nginx ended while it read the configuration"
            return f"nginx did not take the configuration within {timeout:g} s"

    def silent_workers(self, timeout: float) -> frozenset[int]:
        """Make nginx open its logs again; return the workers that do not within ``timeout``.

        A worker does so between two rounds of its event loop (SIGUSR1,
        https://nginx.org/en/docs/control.html#logs), so one that does not is stuck. Empty where
        the master does not run, starts, or reloads meanwhile.
        """
        master = self._master
        # nginx takes signals once it has read its configuration; before, SIGUSR1 ends it.
        if master is None or not master.alive() or not master.log.workers():
            return frozenset()
        before = master.log.forget_reopened()
        master.process.send_signal(signal.SIGUSR1)
        return master.log.await_reopened(before, time.monotonic() + timeout)

    def stopped_workers(self) -> frozenset[int]:
        """Return the workers that a signal has stopped; none where the system does not tell."""
        found = self.workers | frozenset(self._master.log.older(0) if self._master else ())
        return frozenset(pid for pid in found if state_of(pid) == _STOPPED)

    def kill_worker(self, pid: int) -> None:
        """Kill a worker; its master starts another."""
        if self._master is not None:
            self._master.end_worker(pid, signal.SIGKILL)

    def end_old(self, most: int) -> None:
        """End the oldest workers, so that those of ``most`` earlier configurations are left."""
        master = self._master
        if master is not None and master.alive():
            for pid in master.log.older(most):
                master.end_worker(pid)

    def stop(self, *, graceful: float = 0.0, timeout: float = STOP_TIMEOUT) -> None:
        """Stop nginx with all of its workers, and wait until they are gone.

        With ``graceful`` requests under way get that many seconds to end. What is still there
        ``timeout`` seconds after SIGTERM is killed. Does nothing where nothing runs.
        """
        # No lock: a reload that waits in another thread must not hold this up; it ends with nginx.
        if self._master is not None:
            self._master.end(graceful, timeout)
        atexit.unregister(self.stop)


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on now.

    Taken below the range from which systems choose ports for outgoing connections, so that none
    of those takes it before it is used.
    """
    for _ in range(100):
        port = 20000 + secrets.randbelow(10000)
        with contextlib.suppress(OSError):
            return _bound(port)
    return _bound(0)


def free_ports(count: int) -> tuple[int, ...]:
    """Return so many different ports; see `free_port`."""
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return tuple(found)


def _bound(port: int) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", port))
        return int(probe.getsockname()[1])


def _command(nginx: Nginx, prefix: Path, conf: Path) -> list[str]:
    folder, file = str(prefix.absolute()), str(conf.absolute())
    return [str(nginx.path), "-p", folder, "-c", file, "-e", "stderr"]


def _text(output: bytes) -> list[str]:
    return output.decode("utf-8", "replace").splitlines()


def _messages(lines: Sequence[str]) -> tuple[str, ...]:
    wanted = (line for line in lines if line and not line.endswith(_SUMMARIES))
    return tuple(plain(line) for line in wanted if is_grave(line))


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
