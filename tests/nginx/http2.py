"""Just enough HTTP/2 to send one request and read its answer: no library tidies it up."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from tests.nginx.wire import Connection

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _GOAWAY = 0, 1, 3, 4, 7
_END_STREAM, _ACK, _END_HEADERS = 1, 1, 4
_STATUS = {8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500}
"""HPACK's static table, as far as it has statuses."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back on the stream."""

    status: int | None
    """None where it is Huffman-coded or the stream was reset."""
    body: bytes


def request(connection: Connection, headers: Mapping[str, str]) -> Answer:
    """Send a request without a body as stream 1, pseudo-headers first, and read the answer."""
    block = b"".join(_literal(name.encode(), value.encode()) for name, value in headers.items())
    connection.send(
        _PREFACE
        + _frame(_SETTINGS, 0, 0, b"")
        + _frame(_HEADERS, _END_HEADERS | _END_STREAM, 1, block)
    )
    status: int | None = None
    body = b""
    while True:
        kind, flags, payload = _read(connection)
        if kind == _SETTINGS and not flags & _ACK:
            connection.send(_frame(_SETTINGS, _ACK, 0, b""))
        elif kind == _HEADERS:
            status = _status(payload)
        elif kind == _DATA:
            body += payload
        if kind in (_RST_STREAM, _GOAWAY):
            return Answer(None, body)
        if kind in (_HEADERS, _DATA) and flags & _END_STREAM:
            return Answer(status, body)


_CODES = {"/": "011000", "%": "010101", "0": "00000", "2": "00010", "5": "011011"}
"""Of Huffman's code (RFC 7541, appendix B), for values of nothing else."""


def _literal(name: bytes, value: bytes) -> bytes:
    """A header field that is not indexed; a long value is Huffman-coded."""
    assert len(name) < 127
    field = b"\0" + bytes([len(name)]) + name
    if len(value) < 127:
        return field + bytes([len(value)]) + value
    bits = "".join(_CODES[char] for char in value.decode())
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return field + b"\xff" + _integer(len(coded) - 127) + coded


def _integer(number: int) -> bytes:
    """What follows a length that does not fit into its byte (RFC 7541, 5.1)."""
    if number < 128:
        return bytes([number])
    return bytes([number % 128 + 128]) + _integer(number // 128)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _read(connection: Connection) -> tuple[int, int, bytes]:
    head = _exactly(connection, 9)
    length = int.from_bytes(head[:3], "big")
    return head[3], head[4], _exactly(connection, length)


def _exactly(connection: Connection, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.receive(size - len(data))
        if not piece:
            raise EOFError("the connection ended inside a frame")
        data += piece
    return data


def _status(block: bytes) -> int | None:
    """Read ``:status``, which nginx puts first: indexed, or a literal that is not compressed."""
    while block and block[0] & 0xE0 == 0x20:  # a change of the table's size
        block = block[1:]
    first = block[0]
    if first & 0x80:
        return _STATUS.get(first & 0x7F)
    length = block[1]
    text = block[2 : 2 + (length & 0x7F)]
    return int(text) if not length & 0x80 and text.isdigit() else None
