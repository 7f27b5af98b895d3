"""A stand-in for the load balancer before nginx: it names the client in a PROXY line.

nginx reads that line where ``use-proxy-protocol`` is set, and answers no connection without it.
Source: the PROXY protocol, version 1 (haproxy's proxy-protocol.txt, 2.1).
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self

_CHUNK = 1 << 16


class Balancer:
    """Listens on a free port of the loopback, and passes connections on to a port of nginx.

    A context manager; also `start` and `stop`.
    """

    def __init__(self, address: tuple[str, int], named: int) -> None:
        """Prepare only; ``named`` is the port to which the line says that the client connects."""
        self.adds_line = True
        """False while nginx reads no PROXY line."""
        self.port = 0
        self._address = address
        self._named = named
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Start; see `start`."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop; see `stop`."""
        self.stop()

    def start(self) -> None:
        """Listen. Raises `OSError` where no port is free."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening, and close all connections."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            listener.close()
        with self._lock:
            left = tuple(self._open)
        for connection in left:
            _end(connection)

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                client, peer = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client, peer), daemon=True).start()

    def _pass_on(self, client: socket.socket, peer: tuple[str, int]) -> None:
        try:
            nginx = socket.create_connection(self._address)
        except OSError:
            client.close()
            return
        both = {client, nginx}
        with self._lock:
            self._open |= both
        try:
            if self.adds_line:
                host, port = peer
                line = f"PROXY TCP4 {host} 127.0.0.1 {port} {self._named}\r\n"
                nginx.sendall(line.encode("ascii"))
            back = threading.Thread(target=_copy, args=(nginx, client), daemon=True)
            back.start()
            _copy(client, nginx)
            back.join()
        finally:
            with self._lock:
                self._open -= both
            client.close()
            nginx.close()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    """Copy bytes until one side ends, and end the other's."""
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
