"""A backend of a test's own: it counts its connections, and can be told what to answer."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

from ingc.serve.received import BadRequest, Reader, Received

_ANSWER = "HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n{}\r\n{}"


class Backend:
    """Answers every request with its own name, on a port of 127.0.0.1 or another address.

    A context manager. `connections` and `requests` tell what has arrived so far.
    """

    def __init__(
        self,
        name: str,
        address: str = "127.0.0.1",
        headers: str = "",
        status: str = "200 OK",
        port: int = 0,
    ) -> None:
        """Prepare only. ``headers`` are more header lines of the answer, each with its CRLF."""
        self.name = name
        self.requests: list[Received] = []
        self.connections = 0
        self._answer = _ANSWER.format(status, len(name), headers, name).encode()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, port), family=family, backlog=64)
        self.address = address
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and wait for all threads."""
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._threads[0].join()
        self._listener.close()
        for connection in self._open:
            connection.close() if connection.fileno() < 0 else connection.shutdown(2)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._open.append(connection)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                reader = Reader(stream, connection.sendall)
                while received := reader.read():
                    with self._lock:
                        self.requests.append(received)
                    connection.sendall(self._answer)
        except (BadRequest, OSError):
            pass  # nginx closed the connection, or the test is over
