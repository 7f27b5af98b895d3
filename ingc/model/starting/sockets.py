"""Sockets: each once in a server, one default server each, and a connection for each."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache

from ingc.model.starting.levels import number
from ingc.model.starting.refusal import Part, Place, Refusal
from ingc.model.tree import Statement

_DEFAULT = frozenset({"default_server", "default"})
_ONCE = ("reuseport", "backlog=", "fastopen=", "rcvbuf=", "sndbuf=", "ipv6only=", "so_keepalive=")
"""Options of a socket that only one of its ``listen`` may name."""

_Socket = tuple[str, bool]
"""Address and port in one form, and whether it takes datagrams."""


def sockets(main: tuple[Statement, ...], http: Statement) -> Iterator[Refusal]:
    """Check the ``listen`` of all servers, and that a worker has connections enough for them."""
    found: set[_Socket] = set()
    for context in (http, *(item for item in main if item.name == "stream")):
        defaults: set[_Socket] = set()
        optioned: set[_Socket] = set()
        for server in context.all("server"):
            yield from _listens(server, defaults, optioned, found)
    events = next((item for item in main if item.name == "events"), None)
    if events is None:
        return
    connections = number(events, "worker_connections", 512)
    if connections < len(found) + 1:
        why = f"{connections} worker_connections are not enough for {len(found)} listening sockets"
        yield Refusal(why, (Part("", (Place(events),)),), directive="worker_connections")


def _listens(
    server: Statement, defaults: set[_Socket], optioned: set[_Socket], found: set[_Socket]
) -> Iterator[Refusal]:
    here: set[_Socket] = set()
    parts = (Part("", (Place(server),)),)
    for item in server.all("listen"):
        address, *options = item.args
        socket = (_socket(address), "udp" in options)
        if socket in here:
            yield Refusal(f"a duplicate listen {address}", parts, item.line)
        here.add(socket)
        if _DEFAULT.intersection(options):
            if socket in defaults:
                yield Refusal(f"a duplicate default server for {address}", parts, item.line)
            defaults.add(socket)
        if any(option.startswith(_ONCE) for option in options):
            if socket in optioned:
                yield Refusal(f"duplicate listen options for {address}", parts, item.line)
            optioned.add(socket)
    found |= here


@lru_cache(maxsize=1 << 10)
def _socket(text: str) -> str:
    """Return the address and port of a ``listen``; IPv6 has many forms."""
    host, _, port = text.rpartition(":")
    if not host.startswith("["):
        return f"0.0.0.0:{port}" if host in ("", "*") else text
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1])}]:{port}"
    except ValueError:
        return text
