"""A backend that does what a test says with each connection: nothing at all, say, or slowly."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Script = Callable[[socket.socket], None]


class Scripted:
    """Calls a function with every connection, each in a thread, on a port of 127.0.0.1.

    A context manager. What the function raises as `OSError` ends its connection alone.
    """

    def __init__(self, script: Script) -> None:
        """Prepare only."""
        self.connections = 0
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = "127.0.0.1"
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        """Begin to accept."""
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every connection, and wait for all threads."""
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._threads[0].join()
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):  # the other side was faster
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # nginx closed it, or the test is over
            self._script(connection)


def head_of(connection: socket.socket) -> bytes:
    """Read up to the end of a request's headers, and perhaps a little of its body."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65536)
        if not piece:
            return read
        read += piece
    return read


def silent(connection: socket.socket) -> None:
    """Take everything and never answer."""
    while connection.recv(65536):
        pass


def answering(response: bytes) -> Script:
    """Answer the one request of each connection with these bytes."""

    def script(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(response)
        connection.shutdown(socket.SHUT_WR)
        silent(connection)

    return script
