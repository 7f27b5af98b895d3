"""The keeper: a small process that has nginx where it is to outlive a program that is killed.

``python -m ingc.nginx.keeper FOLDER BINARY KIND MOST_OLD KEEP [ADDRESS …]``, started by
`ingc.nginx.kept`. It does what the program calls for, one connection for each call, and goes on
when that is gone: a reload that was under way, too. It ends when it is to stop nginx or drain it,
by SIGTERM (it drains then), and where its folder is gone or nothing runs that anybody called for.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingc.nginx import calls
from ingc.nginx.find import NginxError, ask
from ingc.nginx.master import Ending
from ingc.nginx.masters import Masters
from ingc.nginx.process import STOP_TIMEOUT
from ingc.nginx.sockets import KeptSockets, ListenAddress

READY = b"ready\n"
_LOOK = 0.5
"""Seconds between two looks at whether it is still wanted."""
_IDLE = 60.0
"""Seconds without nginx and without a call."""
_PATIENCE = 10.0
"""Seconds that a caller has for its line."""
_DRAIN = 30.0
_ENDS = ("stop", "drain")


class Keeper:
    """Answers calls until it is to end."""

    def __init__(
        self, listening: socket.socket, kind: str, masters: Masters, held: KeptSockets
    ) -> None:
        """Take calls of a listening socket for an nginx; ``kind`` is as `calls.kind_of` has it."""
        self._kind = kind
        self._listening = listening
        self._masters = masters
        self._held = held
        self._called = time.monotonic()
        self._end = threading.Event()
        self._terminated = False
        self._file = _identity()
        self._done: dict[str, Callable[[Any], Any]] = {
            "look": lambda _: self._look(),
            "start": masters.start,
            "reload": masters.reload,
            "stuck": masters.end_stuck_workers,
            "stopped": lambda _: masters.end_stopped_workers(),
            "log": masters.log,
            "stop": masters.stop,
            "drain": masters.drain,
        }

    def terminate(self, *_: object) -> None:
        """End soon, and let requests under way end before."""
        self._terminated = True
        self._end.set()

    def run(self) -> None:
        """Answer calls; return when nothing of nginx is left."""
        self._listening.settimeout(_LOOK)
        while not self._end.is_set():
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                if _identity() != self._file or self._is_idle():
                    break
            except OSError:  # It was shut down, or there are too many open files.
                self._end.wait(_LOOK)
            else:
                self._begin(connection)
        self._listening.close()
        if _identity() == self._file:
            Path(calls.SOCKET).unlink(missing_ok=True)
        if self._terminated:
            self._masters.drain(_DRAIN)
        self._masters.stop(STOP_TIMEOUT)

    def _begin(self, connection: socket.socket) -> None:
        threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _is_idle(self) -> bool:
        if self._masters.alive:
            self._called = time.monotonic()
        return time.monotonic() - self._called > _IDLE

    def _answer(self, connection: socket.socket) -> None:
        # Whoever called may be gone by now: nobody needs the answer then.
        with connection, contextlib.suppress(OSError, calls.NoKeeper):
            connection.settimeout(_PATIENCE)
            if calls.peer(connection)[1] != os.geteuid():
                return
            message, _ = calls.receive(connection)
            self._called = time.monotonic()
            answer = self._do(message)
            if message["call"] in _ENDS:
                self._end.set()
                self._listening.shutdown(socket.SHUT_RDWR)  # Whoever waits in accept is woken.
            if message["call"] not in calls.WITH_SOCKETS:
                calls.send(connection, answer)
                return
            with self._masters.settled():
                calls.send(connection, answer, self._held.copies())

    def _look(self) -> None:
        """Wait for what another program may have begun."""
        with self._masters.settled():
            pass

    def _do(self, message: calls.Message) -> calls.Message:
        result, failure = None, None
        try:
            result = self._done[message["call"]](message["argument"])
        except (NginxError, OSError, RuntimeError, KeyError) as error:
            failure = str(error)
        return {
            "kind": self._kind,
            "result": result,
            "failure": failure,
            "pid": self._masters.pid,
            "sha256": self._masters.config_sha256,
        }


def _identity() -> tuple[int, int] | None:
    try:
        found = Path(calls.SOCKET).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _listen() -> socket.socket:
    """Listen in the folder that we are in, for its owner alone."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    Path(calls.SOCKET).unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        made.bind(calls.SOCKET)
    finally:
        os.umask(before)
    made.listen()
    return made


def address_argument(item: ListenAddress, number: int) -> str:
    """Return how a socket that is handed down is written as an argument."""
    return f"{number} {int(item.udp)} {item.port} {item.host}"


def _held(arguments: list[str]) -> dict[ListenAddress, int]:
    found: dict[ListenAddress, int] = {}
    for number, udp, port, host in (item.split(" ") for item in arguments):
        found[ListenAddress(host, int(port), udp == "1")] = int(number)
        os.set_inheritable(int(number), False)
    return found


def main(arguments: list[str]) -> int:
    """Be the keeper of a folder."""
    folder, binary, kind, most_old, keep, *handed = arguments
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        os.chdir(folder)
        held = KeptSockets()
        held.replace(_held(handed))
        masters = Masters(
            ask(Path(binary)),
            Path(folder),
            most_old=int(most_old),
            sockets=held if keep == "1" else None,
            ending=Ending.LATE,
        )
        keeper = Keeper(_listen(), kind, masters, held)
        signal.signal(signal.SIGTERM, keeper.terminate)
    except (OSError, NginxError, ValueError) as error:
        os.write(out, f"{error}\n".encode())
        return 1
    os.write(out, READY)
    os.close(out)
    keeper.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
