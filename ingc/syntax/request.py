"""A request as a client sends it: the input of the oracle, the model and whoever compares them.

A client is known in part, as a rule: of a log the address is known, of a URL that somebody types
nothing but the URL. What is not known is ``None``, and refuses nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from ingc.syntax.header_rules import HeaderRules, Headers
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.size import bytes_of
from ingc.syntax.uri import BadTarget, RequestTarget, check_bytes, read_authority, read_target

_USUAL = HeaderRules()
_LINE = len("Host: \r\n")

_BUFFERS = frozenset({"client_header_buffer_size", "large_client_header_buffers"})

CONNECT_AUTHORITY_SINCE = (1, 29, 3)
"""From this nginx on, CONNECT takes ``host:port`` and nothing else; both are refused with 405."""

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


def headers_as_sent(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return headers that a person writes, as a client sends them: in UTF-8."""
    return tuple((name, value if value.isascii() else _as_sent(value)) for name, value in headers)


def _as_sent(value: str) -> str:
    return value.encode("utf-8", "surrogateescape").decode("latin-1")


class Presented(NamedTuple):
    """What a client presents beside its request, and what services say of it, as far as it is
    known; the fields of `Request`."""

    verified: bool | None = None
    subject: str = "CN=client"
    password: bool | None = None
    prelude: Prelude | None = None
    rejected: Literal["", "unvouched", "invalid"] = ""
    verdict: int | None = None
    reply: int | None = None
    recent: int | None = None
    parallel: int | None = None


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
    """Without Host; a character of a value for each byte that is sent."""
    server_name: bytes | None = None
    """The name that TLS requests (SNI); ``b""``: none; ``None``: that of the Host header."""
    address: str | None = None
    """The IP address of the connection's peer: of the client, or of a proxy in front. ``None``: not
    known, and no list of addresses is applied; a PROXY line is believed then."""
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
        """Return a header as ``$http_name`` has it, of those that `read_headers` gives."""
        wanted = name.lower().replace("_", "-")
        if wanted == "host":
            return self.host.decode("latin-1")
        found = (v for key, v in self.headers if key.lower().replace("_", "-") == wanted)
        return ", ".join(found)

    def cookie(self, name: str) -> str:
        """Return a cookie as nginx finds it: the first of the name, whatever its case."""
        for line in (value for key, value in self.headers if key.lower() == "cookie"):
            for part in line.split(";"):
                key, equals, value = part.strip(" ").partition("=")
                if equals and key.lower() == name.lower():
                    return value
        return ""


def read_request(
    request: Request, version: tuple[int, int, int], rules: HeaderRules = _USUAL
) -> tuple[bytes, RequestTarget]:
    """Return ``$host`` and the target of a request, as an nginx of a version reads them.

    ``rules`` say how long lines may be. Raises `BadTarget` for what nginx refuses, in its order:
    line, target, host, headers, method.
    """
    raw, method = request.target, request.method
    check_line(raw, method, rules.longest)
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
    _check_headers(request, rules, name)
    if method in ("TRACE", "CONNECT"):
        raise BadTarget(405, f"nginx does not take the method {method}", name)
    return name, read


def _check_headers(request: Request, rules: HeaderRules, name: bytes) -> None:
    """Raise `BadTarget` where the headers do not fit into nginx's buffers."""
    lines = [
        _line_bytes(request.method, request.target),
        len(request.host) + _LINE,
        *(
            len(f"{name}: {value}".encode("utf-8", "replace")) + 2
            for name, value in request.headers
        ),
        2,
    ]
    if sum(lines) > rules.first and not rules.fit(lines):
        raise BadTarget(400, "the headers are longer than nginx reads", name)


def _line_bytes(method: str, target: bytes) -> int:
    return len(method) + len(target) + len(" " + " HTTP/1.1" + "\r\n")


def check_line(raw: bytes, method: str, most: int = _USUAL.longest) -> None:
    """Raise `BadTarget` for a request line that is too long, or whose method is none.

    nginx reads it byte by byte: what is wrong early counts before its length.
    """
    if not method or not _METHOD_CHARS.issuperset(method.encode("utf-8", "replace")):
        raise BadTarget(400, "the method is not in upper-case letters")
    if _line_bytes(method, raw) > most:
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
    return max([_USUAL.size, *sizes]) * 8 // 5
