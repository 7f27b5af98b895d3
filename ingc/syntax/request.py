"""A request as a client sends it: the input of the oracle, the model and whoever compares them.

A client is known in part, as a rule: of a log the address is known, of a URL that somebody types
nothing but the URL. What is not known is ``None``, and refuses nobody.
"""

from __future__ import annotations

from typing import NamedTuple

from ingc.syntax.host import BadHost, read_host
from ingc.syntax.uri import BadTarget, RequestTarget, check_bytes, read_authority, read_target

Headers = tuple[tuple[str, str], ...]
"""Names, in any case, with their values, in the order in which they are sent."""

REQUEST_LINE_BYTES = 8192
"""nginx's ``large_client_header_buffers``: a longer request line is answered with 414."""

CONNECT_AUTHORITY_SINCE = (1, 29, 3)
"""From this nginx on, CONNECT takes ``host:port`` and nothing else; both are refused with 405."""

_METHOD_CHARS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_-")


class Request(NamedTuple):
    """A request, and what is known of its client."""

    host: bytes
    """The Host header as sent."""
    target: bytes
    """The request target as sent: ``/a%20b?c``, or ``http://host/a``."""
    scheme: str = "http"
    """``http`` or ``https``, of the connection."""
    method: str = "GET"
    headers: Headers = ()
    """Without Host."""
    server_name: bytes | None = None
    """The name that TLS requests (SNI); ``b""``: none; ``None``: that of the Host header."""
    address: str | None = None
    """The IP address of the connection's peer, or the one that its PROXY line names; ``None``: not
    known, and no list of addresses is applied."""
    verified: bool | None = None
    """True where the client has a certificate that the server accepts, false where it has none.
    ``None``: not known; it counts as accepted, and its subject is not judged by the oracle."""
    subject: str = "CN=client"
    """Of that certificate, as ``$ssl_client_s_dn`` has it."""
    password: bool | None = None
    """True where the client sends a name and a password that the server knows, false where it
    sends none. ``None``: not known, and nobody is refused for it."""
    port: int | None = None
    """The port of the socket; ``None``: the only one that speaks the scheme. The oracle, whose
    hosts answer on every port alike, does not look at it."""
    balancer: str | None = None
    """The connection's peer, where a PROXY line names the client; ``None``: one that is trusted."""
    proxy_port: int | None = None
    """The port to which a PROXY line says that the client connects; ``None``: that of the
    socket."""

    def header(self, name: str) -> str:
        """Return a header as nginx holds it: names with ``_`` are dropped, lines are joined."""
        wanted = name.lower().replace("_", "-")
        return ", ".join(value for key, value in self.headers if key.lower() == wanted)

    def cookie(self, name: str) -> str:
        """Return a cookie as nginx finds it: the first of the name, whatever its case."""
        for line in (value for key, value in self.headers if key.lower() == "cookie"):
            for part in line.split(";"):
                key, equals, value = part.strip(" ").partition("=")
                if equals and key.lower() == name.lower():
                    return value
        return ""


def read_request(
    request: Request, version: tuple[int, int, int], most: int = REQUEST_LINE_BYTES
) -> tuple[bytes, RequestTarget]:
    """Return ``$host`` and the target of a request, as an nginx of a version reads them.

    ``most`` is how long a request line may be. Raises `BadTarget` for what nginx refuses, in its
    order: line, target, host, method.
    """
    raw, method = request.target, request.method
    check_line(raw, method, most)
    authority = method == "CONNECT" and version >= CONNECT_AUTHORITY_SINCE
    read = read_authority(raw) if authority else read_target(raw)
    try:
        name = read_host(request.host, version)
        if read.host is not None:
            name = read_host(read.host, version)
    except BadHost as error:
        raise BadTarget(400, str(error)) from error
    if method in ("TRACE", "CONNECT"):
        raise BadTarget(405, f"nginx does not take the method {method}")
    return name, read


def check_line(raw: bytes, method: str, most: int = REQUEST_LINE_BYTES) -> None:
    """Raise `BadTarget` for a request line that is too long, or whose method is none.

    nginx reads it byte by byte: what is wrong early counts before its length.
    """
    if not method or not _METHOD_CHARS.issuperset(method.encode("utf-8", "replace")):
        raise BadTarget(400, "the method is not in upper-case letters")
    if len(method) + len(raw) + len(" " + " HTTP/1.1" + "\r\n") > most:
        check_bytes(raw[: most - len(method) - len(" ")])
        raise BadTarget(414, "the request line is longer than nginx reads")


def tls_name(request: Request, version: tuple[int, int, int]) -> bytes:
    """Return the name that TLS requests as nginx reads it; ``b""``: none, or none that it takes."""
    try:
        if request.server_name is None:
            return read_host(request.host, version)
        return read_host(request.server_name, version) if request.server_name else b""
    except BadHost:
        return b""
