"""Reads HTTP/1 requests byte for byte, as a backend behind nginx receives them.

The standard library's server is no use here: it rewrites targets that begin with ``//``, and
its header parser repairs what it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

LINE_MOST = 1 << 20
"""Bytes in a request line or a header line."""
HEAD_MOST = 1 << 20
"""Bytes in all header lines of a request."""
BODY_MOST = 1 << 30
"""Bytes in a body. Bodies are counted, never kept."""

_PIECE = 1 << 16


class BadRequest(Exception):
    """The request can't be read; the text states why. The connection can't be used further."""

    def __init__(self, reason: str, status: str = "400 Bad Request") -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Received:
    """A request. All text is the bytes received, read as Latin-1: one character a byte."""

    method: str
    target: str
    version: str
    headers: tuple[tuple[str, str], ...]
    """In the order received; names as written, values without the space around them."""
    body_bytes: int
    """Without the framing of chunks."""
    keep: bool
    """True where the connection may carry another request."""

    def header(self, name: str) -> str | None:
        """Return the first value of a header; ``name`` in lower case."""
        return next((v for n, v in self.headers if n.lower() == name), None)


class Reader:
    """Reads requests from one connection, one after the other."""

    def __init__(self, stream: IO[bytes], send: Callable[[bytes], object]) -> None:
        """``send`` is for the interim answer to ``Expect: 100-continue``."""
        self._stream = stream
        self._send = send

    def read(self) -> Received | None:
        """Read a request with its body; None at a clean end of the connection.

        Raises `BadRequest`, and `OSError` from the connection.
        """
        line = self._line()
        if line == b"" and (line := self._line()) == b"":  # one empty line before is allowed
            raise BadRequest("an empty line in the place of a request")
        if line is None:
            return None
        method, target, version = _request_line(line)
        headers = self._headers()
        fields = _combined(headers)
        if "100-continue" in fields.get("expect", "").lower():
            self._send(b"HTTP/1.1 100 Continue\r\n\r\n")
        count = self._body(fields)
        tokens = {token.strip() for token in fields.get("connection", "").lower().split(",")}
        keep = "keep-alive" in tokens if version == "HTTP/1.0" else "close" not in tokens
        return Received(method, target, version, headers, count, keep)

    def _line(self) -> bytes | None:
        line = self._stream.readline(LINE_MOST + 1)
        if not line:
            return None
        if len(line) > LINE_MOST:
            raise BadRequest("a line is too long", "431 Request Header Fields Too Large")
        if not line.endswith(b"\n"):
            raise BadRequest("the connection ended inside a line")
        return line[:-2] if line.endswith(b"\r\n") else line[:-1]

    def _headers(self) -> tuple[tuple[str, str], ...]:
        headers: list[tuple[str, str]] = []
        total = 0
        while line := self._line():
            total += len(line)
            if total > HEAD_MOST:
                raise BadRequest("too many headers", "431 Request Header Fields Too Large")
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or not name:
                raise BadRequest("a header line without a name and a colon")
            headers.append((name, value.strip(" \t")))
        if line is None:
            raise BadRequest("the connection ended inside the headers")
        return tuple(headers)

    def _body(self, fields: dict[str, str]) -> int:
        coding = fields.get("transfer-encoding", "").strip().lower()
        if coding == "chunked":
            return self._chunks()
        if coding:
            raise BadRequest(f"transfer coding {coding!r} is not known", "501 Not Implemented")
        length = fields.get("content-length", "0").strip()
        if not (length.isascii() and length.isdigit() and len(length) <= 18):
            raise BadRequest(f"content length {length!r} is not a number")
        return self._skip(_bounded(int(length)))

    def _chunks(self) -> int:
        total = 0
        while True:
            size, _, _ = (self._line() or b"").partition(b";")
            try:
                length = int(size.strip(), 16)
            except ValueError:
                raise BadRequest("a chunk without a size") from None
            if length < 0:
                raise BadRequest("a chunk without a size")
            if length == 0:
                while self._line():  # trailers
                    pass
                return total
            total = _bounded(total + length)
            self._skip(length)
            if self._line() != b"":
                raise BadRequest("a chunk that is longer than its size")

    def _skip(self, length: int) -> int:
        left = length
        while left:
            piece = self._stream.read(min(left, _PIECE))
            if not piece:
                raise BadRequest("the connection ended inside the body")
            left -= len(piece)
        return length


def _bounded(length: int) -> int:
    if length > BODY_MOST:
        raise BadRequest("the body is too large", "413 Content Too Large")
    return length


def _request_line(line: bytes) -> tuple[str, str, str]:
    method, _, rest = line.decode("latin-1").partition(" ")
    target, _, version = rest.rpartition(" ")  # a target may hold a space, if a proxy lets it pass
    if not method or not target or version not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequest("not an HTTP/1 request line")
    return method, target, version


def _combined(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        fields[key] = f"{fields[key]}, {value}" if key in fields else value
    return fields
