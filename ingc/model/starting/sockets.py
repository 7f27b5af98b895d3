"""Sockets: each once in a server, one default server each, and a connection for each."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.model.starting.levels import number
from ingc.model.starting.refusal import Part, Place, Refusal
from ingc.model.tree import Statement

_DEFAULT = frozenset({"default_server", "default"})
_ONCE = ("reuseport", "backlog=", "fastopen=", "rcvbuf=", "sndbuf=", "ipv6only=", "so_keepalive=")
"""Options of a socket that only one of its ``listen`` may name."""


def sockets(main: tuple[Statement, ...], http: Statement) -> Iterator[Refusal]:
    """Check the ``listen`` of all servers, and that a worker has connections enough for them."""
    found: set[str] = set()
    for context in (http, *(item for item in main if item.name == "stream")):
        defaults: set[str] = set()
        optioned: set[str] = set()
        for server in context.block or ():
            if server.name == "server":
                yield from _listens(server, defaults, optioned, found)
    events = next((item for item in main if item.name == "events"), None)
    if events is None:
        return
    connections = number(events, "worker_connections", 512)
    if connections < len(found) + 1:
        why = f"{connections} worker_connections are not enough for {len(found)} listening sockets"
        yield Refusal(why, (Part("", (Place(events),)),), directive="worker_connections")


def _listens(
    server: Statement, defaults: set[str], optioned: set[str], found: set[str]
) -> Iterator[Refusal]:
    here: set[str] = set()
    part = Part("", (Place(server),))
    for item in server.block or ():
        if item.name != "listen":
            continue
        address, *options = item.args
        kind = "udp:" if "udp" in options else ""
        socket = f"{kind}{address}"
        if socket in here:
            yield Refusal(f"a duplicate listen {address}", (part,), item.line)
        here.add(socket)
        if _DEFAULT.intersection(options):
            if socket in defaults:
                yield Refusal(f"a duplicate default server for {address}", (part,), item.line)
            defaults.add(socket)
        if any(option.startswith(_ONCE) for option in options):
            if socket in optioned:
                yield Refusal(f"duplicate listen options for {address}", (part,), item.line)
            optioned.add(socket)
    found |= here
