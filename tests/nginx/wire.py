"""A client that sends bytes as they are; an HTTP library would tidy the request up before."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

Address = tuple[str, int] | Path
"""Host and port, or the path of a unix socket."""

TIMEOUT = 10.0  # seconds, for each read and write


class Unanswered(Exception):
    """The connection ended, or what came is not HTTP/1."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How to speak TLS. Certificates are checked only where ``trust`` (PEM) is given."""

    server_name: str | None = None
    """The SNI; None sends none."""
    trust: bytes | None = None
    alpn: tuple[str, ...] = ()
    identity: Path | None = None
    """A PEM file with the client's certificate and key."""

    def wrap(self, plain: socket.socket) -> ssl.SSLSocket:
        """Do the handshake. Raises `ssl.SSLError`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.trust is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_verify_locations(cadata=self.trust.decode("ascii"))
        if self.identity is not None:
            context.load_cert_chain(self.identity)
        if self.alpn:
            context.set_alpn_protocols(list(self.alpn))
        return context.wrap_socket(plain, server_hostname=self.server_name)


@dataclass(frozen=True, slots=True)
class Response:
    """A response; names and values of headers are the bytes received, read as Latin-1."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """Without the framing of chunks."""
    raw: bytes = field(repr=False)
    """All bytes of it, as received."""
    version: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever the case of ``name``."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        """Return every value of a header, in order."""
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def json(self) -> Any:
        """Return the body, read as JSON."""
        return json.loads(self.body)


class Connection:
    """One connection, for any number of requests, also several sent at once."""

    def __init__(
        self,
        address: Address,
        *,
        tls: Tls | None = None,
        timeout: float = TIMEOUT,
        source: str | None = None,
        before: bytes = b"",
    ):
        """Connect; ``source`` is the client's own address, ``before`` what it sends before TLS."""
        family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
        plain = socket.socket(family, socket.SOCK_STREAM)
        self.socket: socket.socket = plain
        try:
            plain.settimeout(timeout)
            if source is not None:
                plain.bind((source, 0))
            plain.connect(str(address) if isinstance(address, Path) else address)
            plain.sendall(before)
            if tls is not None:
                self.socket = tls.wrap(plain)
        except BaseException:
            plain.close()
            raise
        self._stream = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def read(self, method: str = "GET") -> Response:
        """Read one response; ``method`` is that of its request. 1xx are passed over, 101 is not.

        Raises `Unanswered`, and `OSError` from the socket.
        """
        while True:
            response = _read(self._stream, method)
            if not 100 <= response.status < 200 or response.status == 101:
                return response

    def request(self, data: bytes) -> Response:
        """Send one request and read its response."""
        self.send(data)
        return self.read(_method(data))

    def receive(self, most: int = 65536) -> bytes:
        """Read what comes next, without HTTP: after a 101. b"" at the end."""
        return self._stream.read1(most)

    def ended(self) -> bool:
        """Wait for the other side; True if it closes the connection, False if it sends more."""
        try:
            return self._stream.read(1) == b""
        except ConnectionResetError:
            return True


def raw_request(
    address: Address,
    data: bytes,
    *,
    tls: Tls | None = None,
    count: int = 1,
    timeout: float = TIMEOUT,
) -> bytes:
    """Send ``data`` on a new connection; return the bytes of the next ``count`` responses.

    ``data`` may hold several requests if all have the method of the first.
    """
    with Connection(address, tls=tls, timeout=timeout) as connection:
        connection.send(data)
        method = _method(data)
        return b"".join(connection.read(method).raw for _ in range(count))


def fetch(
    address: Address, data: bytes, *, tls: Tls | None = None, timeout: float = TIMEOUT
) -> Response:
    """Send one request on a new connection and return its response."""
    with Connection(address, tls=tls, timeout=timeout) as connection:
        return connection.request(data)


def get(
    target: str | bytes,
    host: str | bytes | None = "localhost",
    *extra: bytes,
    method: bytes = b"GET",
    body: bytes = b"",
) -> bytes:
    """Write a request. ``extra`` are whole header lines; ``host`` None leaves Host out."""
    target, name = _bytes(target), _bytes(host) if host is not None else None
    lines = [method + b" " + target + b" HTTP/1.1"]
    if name is not None:
        lines.append(b"Host: " + name)
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, *extra, b"", body])


def parse(data: bytes, method: str = "GET") -> list[Response]:
    """Read the responses in ``data``, all to requests of one method."""
    import io

    stream = io.BytesIO(data)
    return list(_all(stream, len(data), method))


def _all(stream: IO[bytes], size: int, method: str) -> Iterator[Response]:
    while stream.tell() < size:
        yield _read(stream, method)


def _bytes(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text


def _method(data: bytes) -> str:
    return data.split(b" ", 1)[0].decode("latin-1")


def _read(stream: IO[bytes], method: str) -> Response:
    seen: list[bytes] = []
    start = _line(stream, seen)
    version, _, rest = start.partition(" ")
    code, _, reason = rest.partition(" ")
    if not version.startswith("HTTP/1.") or not code.isdigit():
        raise Unanswered(f"not a status line: {start!r}")
    headers = []
    while line := _line(stream, seen):
        name, _, value = line.partition(":")
        headers.append((name, value.strip(" \t")))
    status = int(code)
    fields = {name.lower(): value for name, value in headers}
    body = b""
    if method != "HEAD" and status >= 200 and status not in (204, 304):
        body = _body(stream, fields, seen)
    return Response(status, reason, tuple(headers), body, b"".join(seen), version)


def _body(stream: IO[bytes], fields: dict[str, str], seen: list[bytes]) -> bytes:
    if "chunked" in fields.get("transfer-encoding", "").lower():
        pieces = []
        while size := int(_line(stream, seen).partition(";")[0], 16):
            pieces.append(_exactly(stream, size, seen))
            _line(stream, seen)
        while _line(stream, seen):
            pass
        return b"".join(pieces)
    if "content-length" in fields:
        return _exactly(stream, int(fields["content-length"]), seen)
    body = stream.read()
    seen.append(body)
    return body


def _line(stream: IO[bytes], seen: list[bytes]) -> str:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise Unanswered(f"the connection ended after {b''.join(seen)[-200:] + line!r}")
    seen.append(line)
    return line.decode("latin-1").rstrip("\r\n")


def _exactly(stream: IO[bytes], size: int, seen: list[bytes]) -> bytes:
    data = stream.read(size)
    seen.append(data)
    if len(data) < size:
        raise Unanswered(f"the connection ended {size - len(data)} bytes before the body's end")
    return data
