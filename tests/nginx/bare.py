"""A few lines of a test's own configuration on a real nginx, and many requests to it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from ingc.nginx import Nginx, Running
from tests.nginx.conf import conf, write
from tests.nginx.wire import Address, Connection, Response, Tls, Unanswered


@contextlib.contextmanager
def bare(nginx: Nginx, http: str, *, directives: str = "", connections: int = 64) -> Iterator[Path]:
    """Run nginx with ``http`` inside its ``http`` block, and give the path of a unix socket.

    ``LISTEN`` in it becomes the ``listen`` directive for that socket. ``directives`` stand outside
    of all blocks.
    """
    with tempfile.TemporaryDirectory(prefix="ingc-") as folder:
        prefix = Path(folder)
        prefix.chmod(0o755)
        socket = prefix / "nginx.sock"
        listening = http.replace("LISTEN", f"listen unix:{socket};")
        file = write(prefix, conf(listening, connections=connections))
        with Running(nginx, prefix, file, directives=directives):
            yield socket


class Talk:
    """Requests one after the other, on one connection for as long as the server keeps it."""

    def __init__(self, address: Address, *, tls: Tls | None = None) -> None:
        """Prepare only; the connection is made for the first request."""
        self._address = address
        self._tls = tls
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def ask(self, data: bytes) -> Response:
        """Send a request and read its response, on a new connection where the old one ended."""
        if self._connection is not None:
            try:
                return self._ask(self._connection, data)
            except (Unanswered, ConnectionError):
                self._close()
        self._connection = Connection(self._address, tls=self._tls)
        return self._ask(self._connection, data)

    def _ask(self, connection: Connection, data: bytes) -> Response:
        response = connection.request(data)
        if (response.header("Connection") or "").lower() == "close":
            self._close()
        return response

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
