"""The backend behind every upstream: it says who was asked for, and with which request target.

A program of its own, so that it works while the test computes: ``python responder.py SOCKET``.
It reads any bytes as a request, also those that no real backend would take, and reads no bodies.

What it answers the client says: as a backend with the status in X-Reply, not at all where there is
an X-Hold; as an auth service with the status in X-Verdict. A request for an error page is answered
with 200.
"""

from __future__ import annotations

import asyncio
import re
import sys

_TOLD = re.compile(
    rb"\r\n(X-Ingc-Upstream|X-Ingc-Route|X-Code|X-Reply|X-Verdict|X-Sent-From|X-Hold"
    rb"|X-Real-IP|X-Forwarded-For|X-Forwarded-Proto|X-Forwarded-Host|X-Forwarded-Port"
    rb"|X-Original-Forwarded-For|X-User|ssl-client-verify|ssl-client-subject-dn|ssl-client-cert)"
    rb": ([^\r]*)",
    re.IGNORECASE,
)
_ABOUT = frozenset((b"x-real", b"x-forw", b"x-orig", b"x-user", b"ssl-cl"))
"""What the names of headers about the client begin with."""
_ANSWER = b"HTTP/1.1 %b Said\r\nContent-Length: 0\r\n%b\r\n\r\n"
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
    """Return the response to a request; empty: there is none.

    ``X-Seen`` holds upstream, route, the line in hex, the status, the headers about the client in
    hex. The line ends at the protocol, as a line feed may stand in a request target.
    """
    found = _TOLD.findall(head)
    told = {name.lower(): value for name, value in found}
    if b"x-sent-from" in told:
        return _ANSWER % (told.get(b"x-verdict", b"200"), b"X-User: joe")
    if b"x-hold" in told and b"x-code" not in told:
        return b""
    status = b"200" if b"x-code" in told else told.get(b"x-reply", b"200")
    line = head.rpartition(b" HTTP/1.")[0]
    about = [b"%b: %b" % (name.lower(), of) for name, of in found if name[:6].lower() in _ABOUT]
    seen = b"X-Seen: %b|%b|%b|%b|%b" % (
        told.get(b"x-ingc-upstream", b""),
        told.get(b"x-ingc-route", b""),
        line.hex().encode(),
        status,
        b"\n".join(about).hex().encode(),
    )
    return _ANSWER % (status, seen)


async def serve(path: str) -> None:
    """Listen on a unix socket until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(Answering, path, backlog=512)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
