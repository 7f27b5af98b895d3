"""What the kubelet and Prometheus request: ``/healthz``, ``/readyz`` and ``/metrics``, by asyncio.

Three constant paths need no web framework: a request is one line and headers that nobody reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

from ingc.controller.metrics import Metrics

_TEXT = "text/plain; charset=utf-8"
_PATIENCE = 5.0
"""Seconds that a client has for its request."""
_MOST_BYTES = 16 << 10
"""Of a request line or a header line."""
_MOST_HEADERS = 100

Checks = Mapping[str, Callable[[], bool]]
"""By what has to hold, whether it does."""


@dataclass(slots=True)
class Health:
    """A small server of its own, so that it answers while nginx does not."""

    host: str
    """``""``: every address."""
    port: int
    metrics: Metrics
    ready: Checks
    """What has to hold for new clients: the cluster is read, nginx answers, no end in sight."""
    notes: Callable[[], Iterable[str]] = tuple
    """What somebody should look at who reads ``/readyz``; it takes no readiness."""
    _server: asyncio.Server | None = field(default=None, init=False)

    async def start(self) -> None:
        """Listen. Raises `OSError`."""
        self._server = await asyncio.start_server(
            self._serve, self.host or None, self.port, limit=_MOST_BYTES
        )

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens. Raises `RuntimeError` before `start`."""
        if self._server is None:
            raise RuntimeError("not started")
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def run(self) -> None:
        """Listen until cancelled."""
        await self.start()
        try:
            await asyncio.Event().wait()
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            async with asyncio.timeout(_PATIENCE):
                line = (await reader.readline()).decode("latin-1").split()
                for _ in range(_MOST_HEADERS):
                    if (await reader.readline()).strip() == b"":
                        break
                writer.write(self._answer(line))
                await writer.drain()
        writer.close()

    def _answer(self, line: list[str]) -> bytes:
        if len(line) != 3 or not line[2].startswith("HTTP/1."):
            return _response(HTTPStatus.BAD_REQUEST, _TEXT, b"not an HTTP/1 request\n")
        method, target, _ = line
        if method not in ("GET", "HEAD"):
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, _TEXT, b"only GET and HEAD\n")
        status, kind, body = self._page(target.partition("?")[0])
        return _response(status, kind, body, bare=method == "HEAD")

    def _page(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        if path == "/metrics":
            return (HTTPStatus.OK, *self.metrics.render())
        if path == "/healthz":
            return HTTPStatus.OK, _TEXT, b"ok\n"  # A loop that does not answer is noticed.
        if path != "/readyz":
            return HTTPStatus.NOT_FOUND, _TEXT, b"/healthz, /readyz, /metrics\n"
        found = {name: check() for name, check in self.ready.items()}
        holds = all(found.values())
        text = "".join(f"[{'+' if good else '-'}] {name}\n" for name, good in found.items())
        text += "".join(f"[!] {note}\n" for note in self.notes())
        status = HTTPStatus.OK if holds else HTTPStatus.SERVICE_UNAVAILABLE
        return status, _TEXT, (text + ("ok\n" if holds else "not ok\n")).encode()


def _response(status: HTTPStatus, kind: str, body: bytes, *, bare: bool = False) -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if bare else body)
