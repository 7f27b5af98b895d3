"""The backend of every Service: it answers with what it was asked, on every local address.

``X-Echo-Status`` chooses the status and ``X-Echo-Header`` a header of the answer; in a path,
``/__auth401`` and ``/__status503`` choose the status too, and the first answers as an auth server.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PLAIN_PORTS = range(8080, 8090)
TLS_PORTS = range(8443, 8445)
_STATUS = re.compile(r"/__(?:auth|status)(\d{3})")
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    path: str
    version: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in reversed(self.headers) if key.lower() == name), "")


@contextmanager
def answering(certificate: Path, key: Path) -> Iterator[None]:
    """Answer on all ports while it lasts."""
    loop = asyncio.new_event_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop.run_until_complete(_listen(context))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


async def _listen(context: ssl.SSLContext) -> None:
    for port in (*PLAIN_PORTS, *TLS_PORTS):
        tls = context if port in TLS_PORTS else None
        await asyncio.start_server(_serve, "0.0.0.0", port, ssl=tls, limit=_LONGEST, backlog=1024)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            asked = await _read(reader)
            writer.write(_answer(asked, writer))
            await writer.drain()
            if asked.header("connection").lower() == "close" or asked.version == "HTTP/1.0":
                return
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, ValueError):
        return
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> _Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").removesuffix("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, _, rest = first.partition(" ")
    path, _, version = rest.rpartition(" ")
    pairs = (line.partition(":") for line in lines)
    asked = _Asked(method, path, version, tuple((n, v.strip()) for n, _, v in pairs), b"")
    if asked.header("transfer-encoding").lower() == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(asked.header("content-length") or 0))
    return _Asked(method, path, version, asked.headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).strip() or b"0", 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


def _answer(asked: _Asked, writer: asyncio.StreamWriter) -> bytes:
    address, port = writer.get_extra_info("sockname")[:2]
    in_path = _STATUS.search(asked.path)
    status = int(asked.header("x-echo-status") or (in_path[1] if in_path else 200))
    story = {
        "address": f"{address}:{port}",
        "tls": port in TLS_PORTS,
        "method": asked.method,
        "path": asked.path,
        "version": asked.version,
        "headers": asked.headers,
        "body": asked.body.decode("latin-1"),
    }
    body = b"" if status in (204, 304) or status < 200 else json.dumps(story).encode()
    lines = [
        f"HTTP/1.1 {status} Echo",
        "Content-Type: application/json",
        f"X-Backend: {address}:{port}",
        *(value for name, value in asked.headers if name.lower() == "x-echo-header"),
    ]
    if status != 204:
        lines.append(f"Content-Length: {len(body)}")
    if "__auth" in asked.path:
        lines += ["X-Auth-User: anna", "Set-Cookie: authc=1", f"X-Auth-Path: {asked.path}"]
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head if asked.method == "HEAD" else head + body
