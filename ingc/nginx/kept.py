"""The nginx of a program that it outlives: what `masters` does, done by a `keeper`."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingc.nginx import calls
from ingc.nginx.find import FolderInUse, Nginx
from ingc.nginx.keeper import READY, address_argument
from ingc.nginx.process import NginxFailed
from ingc.nginx.sockets import KeptSockets

_CLAIM = 10.0
"""Seconds in which a program before may end."""
_BEYOND = 15.0
"""Seconds that the keeper has for its answer beyond the limit of what it does."""
_START = 20.0
"""Seconds in which a keeper starts."""
_SETTLED = 60.0
"""Seconds that a reload may take which a program before began."""
_ENDED = 5.0
"""Seconds in which a keeper ends when nginx has ended."""
_PAUSE = 0.1


class KeptMasters:
    """As `masters.Masters`, by calls to the keeper of the folder, which is started where needed.

    The folder is this program's alone from `claim` to `stop` or `drain`, by a lock that the kernel
    takes from one that is killed. The sockets are held here as well as by the keeper, so that one
    that is killed costs no connection either.
    """

    def __init__(self, binary: Nginx, folder: Path, *, most_old: int, keep_sockets: bool) -> None:
        """Claim and start nothing yet."""
        self._binary = binary
        self._folder = folder
        # As it is now: it may be replaced while it runs.
        self._kind = calls.kind_of(binary.path)
        self._arguments = (self._kind, str(most_old), "1" if keep_sockets else "0")
        self._held = KeptSockets()
        self._turn = threading.RLock()
        """Of whoever claims or starts."""
        self._lock = threading.RLock()
        """For the fields below, and short."""
        self._claim: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._keeper: int | None = None
        self._master: int | None = None
        self._pid: int | None = None
        self._sha256: str | None = None

    @property
    def alive(self) -> bool:
        """True while the master runs, and its keeper."""
        with self._lock:
            return _runs(self._master) and _runs(self._keeper)

    @property
    def pid(self) -> int | None:
        """The process id of the master; ``None`` where nothing runs."""
        return self._pid if self.alive else None

    @property
    def config_sha256(self) -> str | None:
        """The digest of the nginx.conf that the master read last and took."""
        return self._sha256 if self.alive else None

    def claim(self) -> bool:
        """Take the folder; return whether an nginx of a program before runs. Raises `FolderInUse`.

        What that one had begun is over then.
        """
        with self._turn:
            if self._claim is None:
                self._claim = _locked(self._folder / calls.LOCK)
            if not self.alive:
                with contextlib.suppress(calls.NoKeeper):
                    self._call("look", limit=_SETTLED)
            return self.alive

    def log(self, most: int) -> tuple[str, ...]:
        """Return the last lines of what nginx reports about itself, oldest first."""
        return tuple(map(str, self._if_there("log", most)))

    def start(self, timeout: float) -> None:
        """Start nginx, and its keeper where there is none."""
        with self._turn:
            if self.claim():
                return
            if not _runs(self._keeper):
                self._start_keeper()
            self._do("start", timeout)

    def reload(self, timeout: float) -> None:
        """Take over what the folder holds now."""
        self._do("reload", timeout)

    def end_stuck_workers(self, timeout: float) -> tuple[int, ...]:
        """Kill the workers that do not react within so many seconds; return them."""
        return tuple(map(int, self._if_there("stuck", timeout, limit=timeout)))

    def end_stopped_workers(self) -> tuple[int, ...]:
        """Kill the workers that a signal has stopped; return them."""
        return tuple(map(int, self._if_there("stopped")))

    def stop(self, timeout: float) -> None:
        """Stop nginx and its keeper at once, and give the folder back."""
        self._end("stop", timeout)

    def drain(self, limit: float) -> None:
        """Stop nginx gracefully, and its keeper then, and give the folder back."""
        self._end("drain", limit)

    def _end(self, call: str, limit: float) -> None:
        if self._claim is None:
            return  # What runs there is another program's.
        with self._lock:
            self._held.replace({})
        self._if_there(call, limit, limit=limit)
        with self._lock:
            if self._keeper is not None and not _ended(self._keeper, _ENDED):
                _kill(self._keeper)
            if self._child is not None:
                self._child.wait()
            for number in (self._master, self._keeper, self._claim):
                if number is not None:
                    os.close(number)
            self._child = self._master = self._keeper = self._claim = self._pid = None

    def _if_there(self, call: str, argument: float = 0, *, limit: float = 0.0) -> tuple[Any, ...]:
        """Call the keeper; nothing comes of it where there is none."""
        try:
            return tuple(self._call(call, argument, limit=limit) or ())
        except (calls.NoKeeper, NginxFailed):
            return ()

    def _do(self, call: str, timeout: float) -> None:
        try:
            self._call(call, timeout, limit=timeout)
        except calls.NoKeeper as error:
            raise NginxFailed(str(error)) from error

    def _call(self, call: str, argument: float = 0, *, limit: float) -> Any:
        """Raises `calls.NoKeeper`, and `NginxFailed` with nginx's words."""
        with calls.connect(self._folder, limit + _BEYOND) as connection:
            keeper = _opened(calls.peer(connection)[0])
            if keeper is None:
                raise calls.NoKeeper("the keeper of nginx has ended")
            try:
                calls.send(connection, {"call": call, "argument": argument})
                answer, held = calls.receive(connection)
            except calls.NoKeeper:
                _kill(keeper)  # One that hangs is as one that is lost.
                os.close(keeper)
                raise
        self._note(keeper, answer)
        if call in calls.WITH_SOCKETS:
            with self._lock:
                self._held.replace(held)
        if answer["kind"] != self._kind:
            _kill(keeper)
            raise calls.NoKeeper("the keeper of nginx was another version's")
        if answer["failure"] is not None:
            raise NginxFailed(answer["failure"])
        return answer["result"]

    def _note(self, keeper: int, answer: Mapping[str, Any]) -> None:
        """Note who the keeper and the master are, so that their ends are seen at once."""
        pid = answer["pid"]
        with self._lock:
            before = self._master, self._keeper
            self._keeper, self._pid, self._sha256 = keeper, pid, answer["sha256"]
            self._master = _opened(pid) if pid is not None else None
            for number in before:
                if number is not None:
                    os.close(number)

    def _start_keeper(self) -> None:
        handed = self._held.copies()
        command = [sys.executable, "-P", "-m", "ingc.nginx.keeper"]
        command += [str(self._folder), str(self._binary.path), *self._arguments]
        command += [address_argument(item, number) for item, number in handed.items()]
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                pass_fds=tuple(handed.values()),
                start_new_session=True,
            )
        except OSError as error:
            raise NginxFailed(f"the keeper of nginx does not start: {error}") from error
        _await_ready(child)
        if self._child is not None:
            self._child.wait()
        self._child = child


def _await_ready(child: subprocess.Popen[bytes]) -> None:
    """Wait until a keeper answers. Raises `NginxFailed`."""
    words = b"it said nothing"
    if child.stdout is not None:
        ready, _, _ = select.select([child.stdout], [], [], _START)
        words = (child.stdout.readline() or words) if ready else b"it takes too long"
        child.stdout.close()
    if words != READY:
        child.kill()
        child.wait()
        text = words.decode("utf-8", "replace").strip()
        raise NginxFailed(f"the keeper of nginx does not start: {text}")


def _environment() -> dict[str, str]:
    """Return our environment, in which Python finds the ingc that runs here."""
    root = str(Path(__file__).parents[2])
    places = [item for item in (os.environ.get("PYTHONPATH"), root) if item]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}


def _locked(path: Path) -> int:
    """Return a file that this process alone has locked. Raises `FolderInUse`."""
    end = time.monotonic() + _CLAIM
    try:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise NginxFailed(f"{path} can't be locked: {error.strerror}") from error
    while not _lock(opened):
        if time.monotonic() > end:
            owner = os.pread(opened, 20, 0).decode("ascii", "replace").strip()
            os.close(opened)
            raise FolderInUse(f"process {owner} has the nginx of {path.parent}")
        time.sleep(_PAUSE)
    with contextlib.suppress(OSError):  # It is for people, and the disk may be full.
        os.ftruncate(opened, 0)
        os.pwrite(opened, f"{os.getpid()}\n".encode("ascii"), 0)
    return opened


def _lock(opened: int) -> bool:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    except OSError as error:
        raise NginxFailed(f"processes can't be watched here: {error.strerror}") from error


def _runs(process: int | None) -> bool:
    return process is not None and not _ended(process, 0.0)


def _ended(process: int, within: float) -> bool:
    """Return whether a process, by its descriptor, ends within so many seconds."""
    poll = select.poll()
    poll.register(process, select.POLLIN)
    return bool(poll.poll(within * 1000))


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, signal.SIGKILL)
    _ended(process, _ENDED)
