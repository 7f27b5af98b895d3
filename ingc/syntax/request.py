"""A request as a client sends it: the input of the oracle, the model and whoever compares them.

A client is known in part, as a rule: of a log the address is known, of a URL that somebody types
nothing but the URL. What is not known is ``None``, and refuses nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from ingc.syntax.host import BadHost, read_host
from ingc.syntax.size import bytes_of
from ingc.syntax.uri import BadTarget, RequestTarget, check_bytes, read_authority, read_target

Headers = tuple[tuple[str, str], ...]
"""Names, in any case, with their values, in the order in which they are sent."""

REQUEST_LINE_BYTES = 8192
"""nginx's ``large_client_header_buffers``: a longer request line is answered with 414."""

_BUFFERS = frozenset({"client_header_buffer_size", "large_client_header_buffers"})

CONNECT_AUTHORITY_SINCE = (1, 29, 3)
"""From this nginx on, CONNECT takes ``host:port`` and nothing else; both are refused with 405."""

JOINED_SINCE = (1, 23, 0)
"""From this nginx on, a header with several lines has the values of all of them."""
_LISTS = frozenset({"cookie", "x-forwarded-for"})

_METHOD_CHARS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_-")


class Prelude(NamedTuple):
    """What the PROXY protocol says on a connection, before TLS and the request."""

    address: str = ""
    """The client's IP address; empty: it names nobody."""
    port: int = 0
    """The port that the client connected to; 0: it names none."""
    sent: bool = True
    """False where the connection begins without it."""


NO_PRELUDE = Prelude(sent=False)


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
    """The IP address of the connection's peer: of the client, or of a proxy in front. ``None``: not
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
    prelude: Prelude | None = None
    """Where nginx speaks the PROXY protocol. ``None``: not known; it counts as one that names
    `address` and the port of the socket."""
    rejected: Literal["", "unvouched", "invalid"] = ""
    """Of a client that is not `verified`: ``unvouched`` where it has a certificate of nobody that
    the server knows, or of whom it would know too far up; ``invalid`` where its certificate has
    another fault: it has expired, say."""
    verdict: int | None = None
    """The status with which an auth service answers about the request; ``None``: not known, and
    nobody is refused for it."""
    reply: int | None = None
    """The status with which the route's own backend answers; ``None``: not known, and no error page
    takes its place."""
    recent: int | None = None
    """How many requests the client has made just before, by the count of the route's limits;
    ``None``: not known, and nobody is refused for it."""
    parallel: int | None = None
    """How many other requests of the client are being answered, counted and known likewise."""

    def header(self, name: str) -> str:
        """Return a header as nginx holds it: names with ``_`` are dropped, and of several lines
        the first counts; see `with_whole_headers`.
        """
        wanted = name.lower().replace("_", "-")
        return next((value for key, value in self.headers if key.lower() == wanted), "")

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
    name: bytes | None = None
    try:
        if read.host is not None:
            name = read_host(read.host, version)
        sent = read_host(request.host, version)
    except BadHost as error:
        raise BadTarget(400, str(error), name) from error
    name = sent if name is None else name
    if method in ("TRACE", "CONNECT"):
        raise BadTarget(405, f"nginx does not take the method {method}", name)
    return name, read


def with_whole_headers(request: Request, version: tuple[int, int, int]) -> Request:
    """Return a request with one line for each header, as an nginx of a version has it.

    Before `JOINED_SINCE` the first line counts, but for the headers that have always been lists.
    """
    if len({name.lower() for name, _ in request.headers}) == len(request.headers):
        return request
    lines: dict[str, list[tuple[str, str]]] = {}
    for name, value in request.headers:
        lines.setdefault(name.lower(), []).append((name, value))
    headers = []
    for name, found in lines.items():
        whole = found if version >= JOINED_SINCE or name in _LISTS else found[:1]
        joint = "; " if name == "cookie" else ", "
        headers.append((found[0][0], joint.join(value for _, value in whole)))
    return request._replace(headers=tuple(headers))


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


def longest_uri(tunings: Iterable[tuple[str, tuple[object, ...]]]) -> int:
    """Return the bytes of the longest URI that nginx takes with these directives of ``http``.

    A request line has to fit into one buffer; so has a field of HTTP/2, but in Huffman's code of
    5 bits a character at least (RFC 7541, appendix B).
    """
    sizes = [bytes_of(str(args[-1])) for name, args in tunings if name in _BUFFERS]
    return max([REQUEST_LINE_BYTES, *sizes]) * 8 // 5
