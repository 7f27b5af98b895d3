"""Who the client is, as nginx has it or a proxy in front reports it: address, scheme and host."""

from __future__ import annotations

import re

from ingc.ir.policies import Front
from ingc.syntax.forwarded import reported_address
from ingc.syntax.request import Request

_FIRST_HOST = re.compile(r" *([A-Za-z0-9._-]+)(?::[0-9]*)?(?:[, ]|$)")
"""Of X-Forwarded-Host: what a redirect may name."""
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
    scheme, host = request.scheme, name
    prelude = request.prelude
    if front.proxy_protocol and prelude is not None and prelude.port == _HTTPS_PORT:
        scheme = "https"
    if front.believed:
        sent = {key.lower(): value for key, value in request.headers}
        first = _FIRST_HOST.match(sent.get("x-forwarded-host", ""))
        scheme = sent.get("x-forwarded-proto") or scheme
        host = first[1].encode("latin-1", "replace") if first else name
    return scheme, host


def own_host(request: Request, name: bytes) -> str:
    """Return the Host header where it names the host that was judged, else that host."""
    same = re.fullmatch(rb"%s\.?(?::[0-9]+)?" % re.escape(name), request.host, re.IGNORECASE)
    return (request.host if same else name).decode("latin-1")
