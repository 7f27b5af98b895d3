"""A name server that knows every name: each is this machine."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Self

_A = 1
_HEADER = struct.Struct("!6H")
_QUESTION = struct.Struct("!2H")
_ANSWER = struct.Struct("!3HIH4B")
_RESPONSE = 0x8180  # an answer to a query that wanted recursion, without error
_FIRST_NAME = 0xC00C  # points at the question's name
_SECONDS = 60


class Names:
    """Answers ``A`` with 127.0.0.1 and all else with nothing, on a UDP port of 127.0.0.1.

    A context manager; `asked` holds the names that were asked for.
    """

    def __init__(self) -> None:
        """Take a port; questions wait there until the start."""
        self.asked: set[str] = set()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="names", daemon=True)

    @property
    def address(self) -> str:
        """The address as nginx's ``resolver`` takes it."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

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
        """Stop, and wait for the thread."""
        # A datagram to itself wakes the thread; closing the socket would not.
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, peer = self._socket.recvfrom(512)
            if not query:
                return
            with contextlib.suppress(struct.error, IndexError, OSError):
                self._socket.sendto(self._answer(query), peer)

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], _HEADER.size
        while size := query[at]:
            labels.append(query[at + 1 : at + 1 + size].decode("ascii", "replace"))
            at += 1 + size
        kind, _ = _QUESTION.unpack_from(query, at + 1)
        question = query[_HEADER.size : at + 1 + _QUESTION.size]
        self.asked.add(".".join(labels))
        answers = _ANSWER.pack(_FIRST_NAME, _A, 1, _SECONDS, 4, 127, 0, 0, 1) if kind == _A else b""
        number = _HEADER.unpack_from(query)[0]
        return _HEADER.pack(number, _RESPONSE, 1, bool(answers), 0, 0) + question + answers
