"""Who the client is, as nginx has it or a proxy in front reports it: address, scheme and host."""

from __future__ import annotations

import re

from ingc.ir.policies import Front
from ingc.syntax.forwarded import reported_address
from ingc.syntax.request import Request

_FIRST = re.compile(" *([^, ]+)").match
"""Of X-Forwarded-Host."""
_NAME = re.compile("([A-Za-z0-9._-]+)(?::[0-9]*)?").fullmatch
"""What a redirect may name."""
_PLAIN = re.compile(rb"[a-z0-9._:\[\]-]+", re.IGNORECASE).fullmatch
_HTTPS_PORT = 443


def with_address(front: Front, request: Request) -> Request:
    """Return a request with its client's address in place of that of the proxy in front."""
    if not front.address_header or request.address is None:
        return request
    if front.proxy_protocol:
        said = request.prelude.address if request.prelude is not None else ""
    else:
        said = request.header(front.address_header)
    if not said:
        return request
    address = reported_address(request.address, said, front.proxies, recursive=True)
    return request._replace(address=address)


def reported_client(front: Front, request: Request, name: bytes) -> tuple[str, bytes]:
    """Return the client's scheme, and the host that a redirect to https names."""
    scheme, prelude = request.scheme, request.prelude
    if front.proxy_protocol and prelude is not None and prelude.port == _HTTPS_PORT:
        scheme = "https"
    if not front.believed:
        return scheme, name
    sent = {key.lower(): value for key, value in request.headers}
    first = _FIRST(sent.get("x-forwarded-host", ""))
    named = _NAME(first[1] if first else own_host(request.host, name))
    host = named[1].encode("latin-1", "replace") if named else name
    return sent.get("x-forwarded-proto") or scheme, host


def own_host(sent: bytes, name: bytes) -> str:
    """Return the Host header where it names the host that was judged, else that host."""
    same = re.fullmatch(rb"%s\.?(?::[0-9]+)?" % re.escape(name), sent, re.IGNORECASE)
    return (sent if same and _PLAIN(name) else name).decode("latin-1")
