"""A backend that answers with the request line it received, byte for byte, whatever it is."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
_END = b"\r\nHost: "
"""nginx writes this header first; the line before it may hold anything."""


@contextlib.contextmanager
def sent_lines(path: Path) -> Iterator[None]:
    """Listen on a unix socket until the end of the block. Every request has to be a GET."""
    threads: list[threading.Thread] = []
    opened: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o777)
        listener.listen(64)

        def accept() -> None:
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                opened.append(connection)
                threads.append(threading.Thread(target=_answer, args=(connection,), daemon=True))
                threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in opened:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def _answer(connection: socket.socket) -> None:
    got = b""
    with connection:
        while data := connection.recv(65536):
            got += data
            while b"\r\n\r\n" in got and _END in got:
                line, _, rest = got.partition(_END)
                got = rest.partition(b"\r\n\r\n")[2]
                connection.sendall(_OK % len(line) + line)
