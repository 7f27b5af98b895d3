"""nginx's stream module, wherever it is, and servers of TCP and UDP behind it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from ingc.nginx import Nginx
from tests.nginx.datagrams import Datagrams
from tests.nginx.harness import version_of

_END = b"!"
_FILE = "ngx_stream_module.so"


def stream_module(nginx: Nginx) -> str | None:
    """Return the file of nginx's stream module; ``None``: it is built in. Skips without one.

    ``INGC_NGINX_MODULES`` may name a folder with a folder of modules for each version.
    """
    if "stream" in nginx.modules:
        return None
    named = os.environ.get("INGC_NGINX_MODULES")
    folders = [
        nginx.path.parent / "usr/lib/nginx/modules",  # laid by tests.nginx.binaries
        Path("/usr/lib/nginx/modules"),
        *([Path(named) / version_of(nginx)] if named else []),
    ]
    laid = nginx.path.parent.name != "sbin"
    for folder in folders if not laid else (folders[0], *folders[2:]):
        if (folder / _FILE).is_file():
            return str(folder / _FILE)
    pytest.skip(f"nginx {version_of(nginx)}: its stream module {_FILE} is not here")


class TcpServer:
    """Says its name on each connection, and then what it was told in one message of `talk`.

    A context manager; `heard` holds all bytes of each connection.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

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
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(ConnectionError):
            connection.settimeout(10)
            connection.sendall(self.name.encode() + b"\n")
            heard = b""
            while not heard.endswith(_END) and (data := connection.recv(4096)):
                heard += data
            self.heard.append(heard.removesuffix(_END))
            connection.sendall(heard.removesuffix(_END))


class UdpServer(Datagrams):
    """Answers each datagram with as many as it is told, each its name and the datagram."""

    def __init__(self, name: str, answers: int = 1) -> None:
        super().__init__()
        self.name = name
        self._count = answers

    def answers(self, data: bytes) -> Iterator[bytes]:
        """Yield the name, a number from 0 on and the datagram, for each answer."""
        for number in range(self._count):
            yield b"%s %d: %s" % (self.name.encode(), number, data)


def talk(port: int, data: bytes) -> bytes:
    """Send bytes over TCP and return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data + _END)  # nginx passes no end of one side on
        found = b""
        while more := connection.recv(4096):
            found += more
        return found


def ask(port: int, data: bytes, answers: int = 1, timeout: float = 10) -> list[bytes]:
    """Send a datagram and return its answers; fewer where they do not come in time."""
    found: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout)
        client.sendto(data, ("127.0.0.1", port))
        try:
            while len(found) < answers:
                found.append(client.recv(2048))
        except TimeoutError:
            pass
    return found
