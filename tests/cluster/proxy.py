"""Stands before the API server, and does on purpose what a bad network or a busy server does.

It takes TLS with the API server's own key, and hands each request on over a connection of its own.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_CHUNK = 1 << 16
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is answered in the place of the API server."""

    status: int
    reason: str
    retry_after: int | None = None

    def to_bytes(self) -> bytes:
        """Return the answer, with a Status as the API server writes one."""
        code = self.status
        body = json.dumps(
            {
                "kind": "Status",
                "apiVersion": "v1",
                "status": "Failure",
                "code": code,
                "reason": self.reason,
                "message": "refused on purpose",
            }
        ).encode()
        after = f"Retry-After: {self.retry_after}\r\n" if self.retry_after is not None else ""
        head = (
            f"HTTP/1.1 {code} {self.reason}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{after}Connection: close\r\n\r\n"
        )
        return head.encode() + body


@dataclass(slots=True)
class Proxy:
    """An async context manager; its faults are set and taken back while it runs."""

    to: int
    """The port of the API server."""
    certs: Path
    """The folder of its certificate and key."""
    port: int = 0
    refusal: Refusal | None = None
    """Answers requests that `refuses` takes."""
    refuses: Callable[[str], bool] = lambda _line: True
    """Takes a request line."""
    delay: float = 0.0
    """Seconds before each request and each part of an answer."""
    away: bool = False
    """Whether nobody gets a connection."""
    cut_next: bool = False
    """Whether the next part of the answer to a watch is cut in its middle, and its connection."""
    refused: int = 0
    cuts: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        """Listen."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certs / "apiserver.crt", self.certs / "apiserver.key")
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Listen no more, and let nobody go on."""
        assert self._server is not None
        self._server.close()
        while self._tasks:
            self.cut()
            await asyncio.wait(self._tasks, timeout=0.1)

    def cut(self) -> None:
        """Reset every connection there is."""
        for writer in self._open:
            writer.transport.abort()

    def heal(self) -> None:
        """Take all faults back."""
        self.refusal, self.delay, self.away, self.cut_next = None, 0.0, False, False
        self.refuses = lambda _line: True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
                await self._answer(reader, writer)
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort() if self.away else writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.away:
            return
        head = await reader.readuntil(_END)
        line = head.split(b"\r\n", 1)[0].decode("latin-1")
        body = await reader.readexactly(_length(head))
        await asyncio.sleep(self.delay)
        if self.refusal is not None and self.refuses(line):
            self.refused += 1
            writer.write(self.refusal.to_bytes())
            await writer.drain()
            return
        await self._hand_on(_closing(head) + body, writer, watch="watch=true" in line)

    async def _hand_on(self, request: bytes, writer: asyncio.StreamWriter, *, watch: bool) -> None:
        context = ssl.create_default_context(cafile=str(self.certs / "apiserver.crt"))
        inner, outer = await asyncio.open_connection(
            "127.0.0.1", self.to, ssl=context, server_hostname="127.0.0.1"
        )
        self._open.add(outer)
        try:
            outer.write(request)
            while part := await inner.read(_CHUNK):
                await asyncio.sleep(self.delay)
                if watch and self.cut_next and b'"type"' in part:
                    self.cut_next = False
                    self.cuts += 1
                    writer.write(part[: len(part) // 2])
                    await writer.drain()
                    return
                writer.write(part)
                await writer.drain()
        finally:
            self._open.discard(outer)
            outer.transport.abort()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _closing(head: bytes) -> bytes:
    """Return the head of a request after whose answer the connection is closed."""
    lines = head.removesuffix(_END).split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + _END
