"""A request as nginx reads it, and the variables that it decides."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from ingc.model.outcome import NotModelled
from ingc.model.scopes import inherited, setting
from ingc.model.servers import Socket
from ingc.model.tree import Statement
from ingc.syntax.forwarded import forwarded_address, is_trusted
from ingc.syntax.header_rules import HeaderRules, read_headers, rules_of
from ingc.syntax.request import Request
from ingc.syntax.uri import RequestTarget

_OF_TLS = ("client_verify", "client_s_dn", "client_i_dn", "client_escaped_cert", "protocol")
SOME_CLIENT = "198.18.0.1"
"""The address of a client that nothing is known of: of a network that nobody lists."""
_EVERY_IPV4 = "0.0.0.0/0"


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


def client_address(request: Request, scopes: tuple[Statement, ...]) -> str | None:
    """Return the client's address, as nginx has it after its realip module; ``None``: not known.

    Source: ``set_real_ip_from``, ``real_ip_header`` and ``real_ip_recursive``.
    """
    trusted = [item.args[0] for item in inherited(scopes, "set_real_ip_from")]
    peer = request.address
    if not trusted:
        return peer
    try:
        header = (setting(scopes, "real_ip_header") or ("x-real-ip",))[0].lower()
        if header == "proxy_protocol":
            balancer = request.balancer
            return peer if balancer is None or is_trusted(balancer, trusted) else balancer
        lines = [value for name, value in request.headers if name.lower() == header]
        lines = lines if header == "x-forwarded-for" else lines[:1]
        if not lines or (peer is None and _EVERY_IPV4 not in trusted):
            return peer
        recursive = setting(scopes, "real_ip_recursive") == ("on",)
        found = forwarded_address(peer or SOME_CLIENT, lines, trusted, recursive=recursive)
    except ValueError as error:  # a name, or ``unix:``
        raise NotModelled(f"set_real_ip_from: {error}", 0) from error
    return peer if peer is None and found == SOME_CLIENT else found


def known(
    request: Request,
    read: RequestTarget,
    name: bytes,
    scopes: tuple[Statement, Statement],
    socket: Socket,
    version: tuple[int, int, int],
    client: str | None = None,
) -> dict[str, bytes]:
    """Return the variables that a request decides.

    ``scopes`` are ``http`` and the server, ``client`` is its `client_address`.
    """
    http, server = scopes
    rules = header_rules((http, socket.first))
    first = server.first("server_name")
    found = {
        "host": name or (first.args[0].encode() if first else b""),
        "http_host": request.host,
        "request_uri": read.sent,
        "scheme": request.scheme.encode(),
        "https": b"on" if request.scheme == "https" else b"",
        "request_method": request.method.encode(),
        "remote_addr": (client or request.address or SOME_CLIENT).encode(),
        "server_port": str(socket.port).encode(),
        "server_name": first.args[0].encode() if first else b"",
        "proxy_protocol_server_port": str(request.proxy_port or socket.port).encode(),
    }
    if request.scheme != "https":
        found.update((f"ssl_{name}", b"") for name in _OF_TLS)
    else:
        mode = setting((http, server), "ssl_verify_client")
        sent = request.verified is not False and mode not in (None, ("off",))
        found["ssl_client_verify"] = b"SUCCESS" if sent else b"NONE"
        found["ssl_client_s_dn"] = request.subject.encode() if sent else b""
    for header, value in read_headers(request.headers, rules, version):
        key, line = header.lower().replace("-", "_"), value.encode("latin-1", "replace")
        joint = b"; " if key == "cookie" else b", "
        before = found.get(f"http_{key}")
        found[f"http_{key}"] = line if before is None else before + joint + line
        if key == "cookie":
            for cookie, crumb in _cookies(value):
                found.setdefault(cookie, crumb)
    return found


def _cookies(header: str) -> Iterator[tuple[str, bytes]]:
    for item in header.split(";"):
        name, equals, value = item.strip().partition("=")
        if equals:
            yield f"cookie_{name.lower()}", value.encode("latin-1", "replace")
