"""A server of UDP on the loopback; who derives from it says what it answers."""

from __future__ import annotations

import abc
import socket
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self


class Datagrams(abc.ABC):
    """A context manager; an empty datagram ends it."""

    def __init__(self) -> None:
        """Prepare only."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @abc.abstractmethod
    def answers(self, data: bytes) -> Iterator[bytes]:
        """Yield the datagrams that answer one."""

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ender:
            ender.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, asker = self._socket.recvfrom(2048)
            if not data:
                return
            for answer in self.answers(data):
                self._socket.sendto(answer, asker)
