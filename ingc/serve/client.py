"""One HTTP request to a local nginx, sent as it is written."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass

from ingc.syntax.url import Url

_TIMEOUT = 30.0
BODY_MOST = 8 << 20
"""Bytes of a body that are read; a server may send them without end."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What nginx answered."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """No more than `BODY_MOST` bytes of it."""
    loopback: bool = False
    """True where this machine itself answered."""

    def header(self, name: str) -> str | None:
        """Return a header's first value."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)


class HandshakeRefused(Exception):
    """nginx refused the TLS handshake; the text is the TLS library's."""


def send(
    url: Url,
    port: int,
    *,
    address: str = "127.0.0.1",
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
) -> HttpAnswer:
    """Send a request for a URL to a port of an address, whatever host the URL names.

    On the loopback certificates are not verified: the local nginx may have a self-signed one.
    Raises `HandshakeRefused`, and `OSError` or `http.client.HTTPException` where no answer comes.
    """
    stream: socket.socket = socket.create_connection((address, port), timeout=_TIMEOUT)
    loopback = is_loopback(stream.getpeername()[0])
    if url.scheme == "https":
        stream = _wrap(stream, url.host, verified=not loopback)
    with stream:
        stream.sendall(_request(url, method, headers))
        response = http.client.HTTPResponse(stream, method=method)
        response.begin()
        body = response.read(BODY_MOST)
        headers = tuple(response.getheaders())
        return HttpAnswer(response.status, response.reason, headers, body, loopback)


def _request(url: Url, method: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Write a request byte by byte: http.client would refuse what nginx takes.

    Raises `ValueError` for what would end its line.
    """
    given = list(headers)
    if not any(name.lower() == "host" for name, _ in given):
        given.insert(0, ("Host", url.authority))
    lines = [f"{method} {url.target} HTTP/1.1", *(f"{name}: {value}" for name, value in given)]
    for line in lines:
        if "\r" in line or "\n" in line or "\0" in line:
            raise ValueError(f"{line!r} holds a line break or a NUL")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("utf-8", "surrogateescape")


def is_loopback(address: str) -> bool:
    """Return whether an IP address is this machine itself."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _wrap(stream: socket.socket, host: str, *, verified: bool) -> ssl.SSLSocket:
    context = ssl.create_default_context() if verified else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(stream, server_hostname=host)
    except ssl.SSLError as error:
        stream.close()
        raise HandshakeRefused(str(error.reason or error)) from error
