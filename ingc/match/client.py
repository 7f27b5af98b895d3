"""Who the client is, as nginx has it or a proxy in front reports it."""

from __future__ import annotations

import re
from typing import NamedTuple

from ingc.ir import Settings
from ingc.syntax.forwarded import client_address
from ingc.syntax.header_rules import HeaderRules, rules_of
from ingc.syntax.request import Request
from ingc.syntax.url import DEFAULT_PORTS

_FIRST = re.compile(" *([^, ]+)").match
"""Of X-Forwarded-Host."""
_NAME = re.compile("([A-Za-z0-9._-]+)(?::[0-9]*)?").fullmatch
"""What a redirect may name."""
_PLAIN = re.compile(rb"[a-z0-9._:\[\]-]+", re.IGNORECASE).fullmatch
_PORT = re.compile(r"[0-9]{1,5}").fullmatch


class SeenClient(NamedTuple):
    """What a redirect may repeat of a client."""

    scheme: str
    host: bytes
    """The host that a redirect to https names."""
    port: int | str
    """The port that the client connects to."""


def header_rules(settings: Settings) -> HeaderRules:
    """Return which headers nginx reads, and how long they may be."""
    set_to = {name: tuple(map(str, args)) for name, args in settings.tunings}
    return rules_of(set_to.get)


def with_address(settings: Settings, request: Request) -> Request:
    """Return a request with its client's address in place of that of the proxy in front.

    It has the headers that nginx reads; see `ingc.syntax.header_rules.read_headers`.
    """
    front = settings.policies.front
    header = front.address_header
    # A stream server in between leaves nothing but its PROXY line to the address.
    if not header or (settings.inner_ports is not None and not front.proxy_protocol):
        return request
    return request._replace(address=client_address(request, header, front.proxies, recursive=True))


def reported_client(settings: Settings, request: Request, name: bytes, *, twin: bool) -> SeenClient:
    """Return what a redirect may repeat of a client; ``name`` is ``$host``.

    ``twin``: the redirect is that of a twin, for which a header goes before a PROXY line.
    """
    front, prelude = settings.policies.front, request.prelude
    secure = request.scheme == "https"
    port: int | str = settings.https_port if secure else settings.http_port
    in_between = secure and settings.inner_ports is not None
    if front.proxy_protocol and prelude is not None and not in_between:
        port = prelude.port or ""  # else a stream server in between names its own
    by_line = front.proxy_protocol and port == DEFAULT_PORTS["https"]
    scheme = "https" if by_line else request.scheme
    if not front.believed:
        return SeenClient(scheme, name, port)
    said, sent_port = request.header("X-Forwarded-Proto"), request.header("X-Forwarded-Port")
    port = sent_port if _PORT(sent_port) else DEFAULT_PORTS.get(said.lower(), port)
    first = _FIRST(request.header("X-Forwarded-Host"))
    bare = _NAME(first[1] if first else own_host(request.host, name))
    host = bare[1].encode("latin-1", "replace") if bare else name
    return SeenClient(scheme if by_line and not twin else said or scheme, host, port)


def own_host(sent: bytes, name: bytes) -> str:
    """Return the Host header where it names the host that was judged, else that host."""
    same = re.fullmatch(rb"%s\.?(?::[0-9]+)?" % re.escape(name), sent, re.IGNORECASE)
    return (sent if same and _PLAIN(name) else name).decode("latin-1")
