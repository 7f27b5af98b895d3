"""A request as nginx reads it, and the variables that it decides."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from ingc.model.outcome import NotModelled
from ingc.model.scopes import inherited, setting
from ingc.model.servers import Socket
from ingc.model.tree import Statement
from ingc.syntax.address import read_address
from ingc.syntax.forwarded import client_address
from ingc.syntax.header_rules import HeaderRules, rules_of
from ingc.syntax.request import Prelude, Request
from ingc.syntax.uri import RequestTarget

_OF_TLS = ("client_verify", "client_s_dn", "client_i_dn", "client_escaped_cert", "protocol")
SOME_CLIENT = "198.18.0.1"
"""The address of a client that nothing is known of: of a network that nobody lists."""


def header_rules(scopes: tuple[Statement, ...]) -> HeaderRules:
    """Return which headers are read, and how long they may be."""
    return rules_of(lambda name: setting(scopes, name))


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


def with_address(request: Request, scopes: tuple[Statement, ...]) -> Request:
    """Return a request with the client's address that a proxy in front reports, where it does.

    ``scopes`` end with the server: nginx finds the address before it looks for a location.
    """
    trusted = inherited(scopes, "set_real_ip_from")
    networks = [item.args[0] for item in trusted if item.args[0] != "unix:"]
    if not networks:
        return request
    header = (setting(scopes, "real_ip_header") or ("X-Real-IP",))[0]
    recursive = setting(scopes, "real_ip_recursive") == ("on",)
    try:
        address = client_address(request, header, networks, recursive=recursive)
    except ValueError as error:  # a name
        raise NotModelled(f"set_real_ip_from: {error}", trusted[0].line) from error
    return request._replace(address=address)


def known(
    request: Request,
    read: RequestTarget,
    name: bytes,
    server: Statement,
    socket: Socket,
    http: Statement,
    *,
    peer: str | None = None,
) -> dict[str, bytes]:
    """Return the variables that a request decides.

    The request has the headers that nginx reads. ``peer`` is the address of the connection, where
    the request has the one that a proxy reports.
    """
    first = server.first("server_name")
    client = request.address or SOME_CLIENT
    prelude = request.prelude or Prelude(peer or "", socket.port)
    found = {
        "host": name or (first.args[0].encode() if first else b""),
        "http_host": request.host,
        "request_uri": read.sent,
        "scheme": request.scheme.encode(),
        "https": b"on" if request.scheme == "https" else b"",
        "request_method": request.method.encode(),
        "remote_addr": client.encode(),
        "binary_remote_addr": read_address(client).packed,
        "server_port": str(socket.port).encode(),
        "server_name": first.args[0].encode() if first else b"",
        "proxy_protocol_server_port": str(prelude.port or "").encode(),
    }
    if peer is not None:
        found["realip_remote_addr"] = peer.encode()
        found["proxy_protocol_addr"] = prelude.address.encode()
    if request.scheme != "https":
        found.update((f"ssl_{name}", b"") for name in _OF_TLS)
    else:
        found.update(_of_certificate(request, setting((http, server), "ssl_verify_client")))
    for header, value in request.headers:
        key, line = header.lower().replace("-", "_"), value.encode("latin-1", "replace")
        joint = b"; " if key == "cookie" else b", "
        before = found.get(f"http_{key}")
        found[f"http_{key}"] = line if before is None else before + joint + line
        if key == "cookie":
            for cookie, crumb in _cookies(value):
                found.setdefault(cookie, crumb)
    return found


def _of_certificate(request: Request, mode: tuple[str, ...] | None) -> Iterator[tuple[str, bytes]]:
    """Yield what nginx says of a client's certificate; ``mode`` is of ``ssl_verify_client``."""
    requested = mode not in (None, ("off",))
    accepted = requested and request.verified is not False
    rejected = requested and not accepted and bool(request.rejected)
    yield "ssl_client_verify", b"SUCCESS" if accepted else b"FAILED" if rejected else b"NONE"
    yield "ssl_client_s_dn", request.subject.encode() if accepted or rejected else b""


def _cookies(header: str) -> Iterator[tuple[str, bytes]]:
    for item in header.split(";"):
        name, equals, value = item.strip().partition("=")
        if equals:
            yield f"cookie_{name.lower()}", value.encode("latin-1", "replace")
