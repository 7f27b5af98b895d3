"""A name server on the loopback that knows a few names, and may be told others."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

from tests.nginx.datagrams import Datagrams

_A, _TTL = 1, 1


class NameServer(Datagrams):
    """Answers every question for a known name with its IPv4 address; others do not exist.

    A context manager. ``names`` may be changed while it runs; answers hold for one second.
    Without ``names`` every name is this machine. `asked` holds the names that were asked for.
    """

    def __init__(self, names: dict[str, str] | None = None) -> None:
        self.names = names
        self.asked: set[str] = set()
        super().__init__()

    @property
    def address(self) -> str:
        """The address as nginx's ``resolver`` takes it."""
        return f"127.0.0.1:{self.port}"

    def answers(self, data: bytes) -> Iterator[bytes]:
        """Yield the one answer to a question."""
        yield self._answer(data)

    def _answer(self, message: bytes) -> bytes:
        labels = []
        at = 12
        while length := message[at]:
            labels.append(message[at + 1 : at + 1 + length].decode("ascii"))
            at += 1 + length
        kind = struct.unpack_from(">H", message, at + 1)[0]
        question = message[12 : at + 5]
        name = ".".join(labels).lower()
        self.asked.add(name)
        address = "127.0.0.1" if self.names is None else self.names.get(name)
        answers = b""
        if address is not None and kind == _A:
            record = socket.inet_aton(address)
            answers = struct.pack(">HHHIH", 0xC00C, _A, 1, _TTL, len(record)) + record
        code = 0 if address is not None else 3
        head = struct.pack(">HHHHH", 0x8180 | code, 1, 1 if answers else 0, 0, 0)
        return message[:2] + head + question + answers
