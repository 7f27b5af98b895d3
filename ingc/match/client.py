"""Who a client is, as nginx sees it: by its connection, or by the word of a proxy in front."""

from __future__ import annotations

import re
from typing import NamedTuple

from ingc.ir import Settings
from ingc.syntax.forwarded import forwarded_address, is_trusted
from ingc.syntax.header_rules import HeaderRules, rules_of
from ingc.syntax.request import Request
from ingc.syntax.url import DEFAULT_PORTS

_FIRST_HOST = re.compile(r" *([^, ]+)").match
_BARE_HOST = re.compile(r"([A-Za-z0-9._-]+)(?::[0-9]*)?").fullmatch
"""What a redirect may name."""
_PORT = re.compile(r"[0-9]{1,5}").fullmatch
_EVERY_IPV4 = "0.0.0.0/0"
_ANY_PEER = "192.0.2.1"
"""Stands for a peer that is not known, where every peer is trusted."""
_BY_LINE = "proxy_protocol"


def header_rules(settings: Settings) -> HeaderRules:
    """Return which headers nginx reads, and how long they may be."""
    set_to = {name: tuple(map(str, args)) for name, args in settings.tunings}
    return rules_of(set_to.get)


class SeenClient(NamedTuple):
    """What a redirect may repeat of a client."""

    scheme: str
    host: bytes
    port: int | str
    """The port that the client connects to."""


def client_address(request: Request, settings: Settings) -> str | None:
    """Return the address of a client, as nginx's ``$remote_addr`` has it; ``None``: not known.

    Behind a proxy that is trusted it is the one that the proxy names: in a header, or in the PROXY
    line that begins the connection. `Request.address` is the one of that line.
    """
    front, peer = settings.policies.front, request.address
    if front.proxy_protocol:
        if request.balancer is None or is_trusted(request.balancer, front.proxies):
            return peer
        return request.balancer
    header = front.address_header
    if not header or header == _BY_LINE or settings.inner_ports is not None:
        return peer
    wanted = header.lower()
    lines = [value for name, value in request.headers if name.lower() == wanted]
    if wanted != "x-forwarded-for":
        lines = lines[:1]  # of any other header nginx takes the first
    if not lines or (peer is None and _EVERY_IPV4 not in front.proxies):
        return peer
    found = forwarded_address(peer or _ANY_PEER, lines, front.proxies)
    return peer if peer is None and found == _ANY_PEER else found


def own_host(request: Request, name: bytes) -> bytes:
    """Return the Host as it was sent where it is the one that was judged, else that one.

    ``name`` is ``$host``: the host of a request line with a whole URL outweighs the header.
    """
    sent = request.host
    same = re.fullmatch(rb"%s\.?(?::[0-9]+)?" % re.escape(name), sent, re.IGNORECASE)
    return sent if same else name


def client_of(request: Request, name: bytes, settings: Settings) -> SeenClient:
    """Return a client's scheme, host and port; ``name`` is ``$host``."""
    front = settings.policies.front
    secure = request.scheme == "https"
    port: int | str = settings.https_port if secure else settings.http_port
    if request.proxy_port is not None and not (secure and settings.inner_ports is not None):
        port = request.proxy_port  # else a stream server in between names its own
    by_line = front.proxy_protocol and port == DEFAULT_PORTS["https"]
    scheme, host = "https" if by_line else request.scheme, name
    if not front.believed:
        return SeenClient(scheme, host, port)
    said = request.header("X-Forwarded-Proto")
    port = DEFAULT_PORTS.get(said.lower(), port)
    sent_port = request.header("X-Forwarded-Port")
    first = _FIRST_HOST(request.header("X-Forwarded-Host"))
    bare = _BARE_HOST(first[1] if first else own_host(request, name).decode("latin-1"))
    host = bare[1].encode("latin-1", "replace") if bare else name
    return SeenClient(said or scheme, host, sent_port if _PORT(sent_port) else port)
