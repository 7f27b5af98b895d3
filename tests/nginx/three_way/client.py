"""A client for thousands of requests: pipelined, on a few connections that nginx keeps."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tests.nginx.three_way.clients import context_of

_ENDING = b"\r\n\r\n"
_TIMEOUT = 20.0  # seconds, for each read and write
_BATCHES = (100, 10, 1)
"""Requests on one connection, whose answers fit into the buffers of its socket; fewer on each new
try, for what was not answered because of others on its connection."""
_WAVE = 8
"""Connections at a time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, as far as it matters here."""

    status: int | None
    """``None``: TLS was refused; 0: the connection was closed without a word."""
    location: str | None = None
    seen: str | None = None
    """What the backend says; ``None`` where it was not asked."""
    last: bool = False
    """True where nginx closes the connection after it."""


REFUSED = Reply(None)
UNANSWERED = Reply(0)


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach nginx; requests of one way may share a connection."""

    port: int
    source: str
    """The client's own address."""
    tls: bool = False
    server_name: str | None = None
    certificate: str = ""
    """Which of the certificates of `tests.nginx.three_way.clients` is shown."""
    prelude: bytes = b""
    """What is sent before anything else."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One request on the wire."""

    number: int
    way: Way
    data: bytes
    head: bool
    """True for the method HEAD, which has no body in its answer."""
    closes: bool
    """True where nginx probably closes the connection; a wrong guess only costs time."""


def exchange(sendings: Sequence[Sending], meanwhile: Callable[[int], object]) -> dict[int, Reply]:
    """Send everything; return the replies by number.

    ``meanwhile`` is called once for the number of each request while nginx works.
    """
    replies: dict[int, Reply] = {}
    left: Iterable[Sending] = sendings
    computed: set[int] = set()
    for size in _BATCHES:
        waves = _waves(_batches(left, size))
        left = []
        for wave in waves:
            open_ones = [(batch, open_to(batch)) for batch in wave]
            for item in (item for batch in wave for item in batch):
                if item.number not in computed:
                    computed.add(item.number)
                    meanwhile(item.number)
            for batch, connection in open_ones:
                answered = _receive(batch, connection)
                replies.update(zip((item.number for item in batch), answered, strict=False))
                left.extend(batch[len(answered) :])
        if not left:
            break
    replies.update((item.number, UNANSWERED) for item in left)
    return replies


def _batches(sendings: Iterable[Sending], size: int) -> Iterator[list[Sending]]:
    """Put together what may share a connection; what closes it comes last."""
    by_way: dict[Way, list[list[Sending]]] = {}
    for item in sendings:
        kept, closing = by_way.setdefault(item.way, [[], []])
        (closing if item.closes else kept).append(item)
    for kept, closing in by_way.values():
        usual, last = iter(kept), iter(closing)
        if size == 1:
            yield from ([item] for item in (*usual, *last))
        while batch := [*islice(usual, size), *islice(last, 1)]:
            yield batch


def _waves(batches: Iterator[list[Sending]]) -> Iterator[list[list[Sending]]]:
    while wave := list(islice(batches, _WAVE)):
        yield wave


def open_to(batch: list[Sending]) -> socket.socket | None:
    """Connect and send; ``None``: refused."""
    way = batch[0].way
    try:
        connection = socket.create_connection(
            ("127.0.0.1", way.port), _TIMEOUT, source_address=(way.source, 0)
        )
    except ConnectionRefusedError:
        return None  # no host answers on https, so nobody listens there
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        connection.sendall(way.prelude)
        if way.tls:
            context = context_of(way.certificate)
            connection = context.wrap_socket(connection, server_hostname=way.server_name)
    except (ssl.SSLError, ConnectionError):
        connection.close()
        return None
    with contextlib.suppress(ConnectionError):  # nginx closed early; its answers can be read
        connection.sendall(b"".join(item.data for item in batch))
    return connection


def _receive(batch: list[Sending], connection: socket.socket | None) -> list[Reply]:
    if connection is None:
        return [REFUSED] * len(batch)
    replies: list[Reply] = []
    with connection:
        buffer = b""
        for item in batch:
            found = _read(connection, buffer, item.head)
            if found is None:
                break
            reply, buffer = found
            replies.append(reply)
            if reply.last:
                break
    return replies


def _read(connection: socket.socket, buffer: bytes, head: bool) -> tuple[Reply, bytes] | None:
    while _ENDING not in buffer:
        more = _more(connection)
        if not more:
            return None
        buffer += more
    top, _, rest = buffer.partition(_ENDING)
    start, *lines = top.split(b"\r\n")
    fields: dict[bytes, bytes] = {}
    for line in lines:
        name, _, value = line.partition(b": ")
        fields.setdefault(name.lower(), value)
    status = int(start[9:12])
    size = 0 if head or status in (204, 304) else int(fields.get(b"content-length", b"0"))
    while len(rest) < size:
        more = _more(connection)
        if not more:
            return None
        rest += more
    location, seen = fields.get(b"location"), fields.get(b"x-seen")
    reply = Reply(
        status,
        None if location is None else location.decode("latin-1"),
        None if seen is None else seen.decode("latin-1"),
        last=fields.get(b"connection") == b"close",
    )
    return reply, rest[size:]


def _more(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1 << 18)
    except (ConnectionError, ssl.SSLError):
        return b""
