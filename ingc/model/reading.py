"""A request as nginx reads it, and the variables that it decides."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from ingc.model.outcome import NotModelled
from ingc.model.scopes import setting
from ingc.model.servers import Socket
from ingc.model.tree import Statement
from ingc.syntax.request import REQUEST_LINE_BYTES, Request
from ingc.syntax.size import bytes_of
from ingc.syntax.uri import RequestTarget

_OF_TLS = ("client_verify", "client_s_dn", "client_i_dn", "client_escaped_cert", "protocol")
SOME_CLIENT = "198.18.0.1"
"""The address of a client that nothing is known of: of a network that nobody lists."""


def line_bytes(http: Statement) -> int:
    """Return how long a request line may be."""
    set_to = http.first("large_client_header_buffers")
    try:
        return bytes_of(set_to.args[-1]) if set_to else REQUEST_LINE_BYTES
    except ValueError:
        return REQUEST_LINE_BYTES


def check_slashes(scopes: tuple[Statement, ...], read: RequestTarget) -> None:
    """Raise `NotModelled` where doubled slashes are kept: that is no `RequestTarget`."""
    path = read.sent.partition(b"?")[0]
    if b"//" not in (unquote_to_bytes(path) if b"%" in path else path):
        return
    for scope in reversed(scopes):
        found = scope.first("merge_slashes")
        if found is not None and found.args == ("off",):
            raise NotModelled("merge_slashes off, for a path with doubled slashes", found.line)
        if found is not None:
            return


def known(
    request: Request,
    read: RequestTarget,
    name: bytes,
    server: Statement,
    socket: Socket,
    http: Statement,
) -> dict[str, bytes]:
    """Return the variables that a request decides."""
    scopes = (http, socket.first)
    underscores = setting(scopes, "underscores_in_headers") == ("on",) or setting(
        scopes, "ignore_invalid_headers"
    ) == ("off",)
    first = server.first("server_name")
    found = {
        "host": name or (first.args[0].encode() if first else b""),
        "http_host": request.host,
        "request_uri": read.sent,
        "scheme": request.scheme.encode(),
        "https": b"on" if request.scheme == "https" else b"",
        "request_method": request.method.encode(),
        "remote_addr": (request.address or SOME_CLIENT).encode(),
        "server_port": str(socket.port).encode(),
        "server_name": first.args[0].encode() if first else b"",
        "proxy_protocol_server_port": str(socket.port).encode(),
    }
    if request.scheme != "https":
        found.update((f"ssl_{name}", b"") for name in _OF_TLS)
    else:
        mode = setting((http, server), "ssl_verify_client")
        sent = request.verified is not False and mode not in (None, ("off",))
        found["ssl_client_verify"] = b"SUCCESS" if sent else b"NONE"
        found["ssl_client_s_dn"] = request.subject.encode() if sent else b""
    for header, value in request.headers:
        if "_" in header and not underscores:
            continue  # nginx ignores it
        key = header.lower().replace("-", "_")
        found.setdefault(f"http_{key}", value.encode("latin-1", "replace"))
        if key == "cookie":
            for cookie, text in _cookies(value):
                found.setdefault(cookie, text)
    return found


def _cookies(header: str) -> Iterator[tuple[str, bytes]]:
    for item in header.split(";"):
        name, equals, value = item.strip().partition("=")
        if equals:
            yield f"cookie_{name.lower()}", value.encode("latin-1", "replace")
