"""The backend behind every upstream: it says who was asked for, and with which request target.

A program of its own, so that it works while the test computes: ``python responder.py SOCKET``.
It reads any bytes as a request, also those that no real backend would take, and reads no bodies.
"""

from __future__ import annotations

import asyncio
import re
import sys

_TOLD = re.compile(rb"\r\nX-Ingc-(Upstream|Route): ([^\r]*)")
ENDING = b"\r\n\r\n"


class Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._left = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        *complete, self._left = (self._left + data).split(ENDING)
        assert self._transport is not None
        for head in complete:
            self._transport.write(answer(head))


def answer(head: bytes) -> bytes:
    """Return the response to a request: ``X-Seen`` holds upstream, route and the line in hex.

    The line ends at the protocol, as a line feed may stand in a request target.
    """
    line = head.rpartition(b" HTTP/1.")[0]
    told = dict(_TOLD.findall(head))
    seen = b"%b|%b|%b" % (told.get(b"Upstream", b""), told.get(b"Route", b""), line.hex().encode())
    return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Seen: %b\r\n\r\n" % seen


async def serve(path: str) -> None:
    """Listen on a unix socket until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(Answering, path, backlog=512)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
