"""The stream block of an nginx.conf: where it leads TLS, which nginx opens elsewhere or nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingc.explain.conf.places import upstreams
from ingc.model import NotModelled
from ingc.model.machine import State, Undecided
from ingc.model.servers import read_sockets
from ingc.model.tree import VARIABLE_BLOCKS, Statement
from ingc.model.values import VariableBlock, Variables

_MOST_HOPS = 10
_LOCAL = frozenset({"127.0.0.1", "[::1]", "localhost", "unix:"})


@dataclass(frozen=True, slots=True)
class Way:
    """Where the stream block leads a connection."""

    port: int | None = None
    """A port of this machine that no stream server listens on: ``http`` may."""
    upstream: str | None = None
    """An upstream, or an address, that gets the connection as it comes."""
    endpoints: tuple[str, ...] = ()
    line: int = 0
    """Of the server that sends it there; with neither of both it closes the connection."""


class Streams:
    """The servers of a stream block."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        """Raises `NotModelled`."""
        block = next((item for item in statements if item.name == "stream"), None)
        stream = block if block is not None else Statement("stream", (), 0, ())
        self._stream = stream
        self._sockets = read_sockets(stream)
        maps = (VariableBlock(item) for item in stream.block or () if item.name in VARIABLE_BLOCKS)
        self._variables = Variables({item.variable: item for item in maps})
        self._upstreams = dict(upstreams(stream))
        self._closed = {
            item.args[0]
            for item in stream.all("upstream")
            if all("down" in server.args for server in item.all("server"))
        }

    def services(self) -> Iterator[tuple[str, int, str]]:
        """Yield the ports that pass connections on: ``tcp`` or ``udp``, the port, the upstream."""
        for server in self._stream.all("server"):
            passed = server.first("proxy_pass")
            for listen in server.all("listen") if passed is not None else ():
                port = listen.args[0].rpartition(":")[2]
                kind = "udp" if "udp" in listen.args[1:] else "tcp"
                if passed is not None and passed.args and port.isdecimal():
                    yield kind, int(port), passed.args[0]

    def way(self, port: int, name: str) -> Way | None:
        """Return where a connection to a port goes; ``name`` is what its TLS requests.

        ``None``: no server of the block listens there. Raises `NotModelled`.
        """
        found = self._server("*", port, name)
        for _ in range(_MOST_HOPS):
            if found is None:
                return None
            way = self._passed(found, port, name)
            if way.upstream is None or len(way.endpoints) != 1:
                return way
            host, _, text = way.endpoints[0].rpartition(":")
            if host not in _LOCAL or not text.isdigit():
                return way
            port = int(text)
            server = self._server(host, port, name)
            if server is None:
                return Way(port, way.upstream, way.endpoints, found.line)
            found = server
        return None

    def _server(self, host: str, port: int, name: str) -> Statement | None:
        fitting = [item for item in self._sockets if item.port == port]
        socket = next((item for item in fitting if item.address == host), None) or next(
            iter(fitting), None
        )
        return socket.find(name.encode("utf-8", "replace"))[0] if socket is not None else None

    def _passed(self, server: Statement, port: int, name: str) -> Way:
        for item in server.block or ():
            if item.name in ("js_preread", "js_access", "js_filter", "pass"):
                raise NotModelled(f"{item.name} in a stream server", item.line)
            if item.name == "listen" and "ssl" in item.args:
                raise NotModelled("TLS that a stream server opens", item.line)
        passed = server.first("proxy_pass")
        if passed is None:
            return Way(line=server.line)
        preread = name if server.first("ssl_preread") else ""
        known = {
            "ssl_preread_server_name": preread.encode("utf-8", "replace"),
            "server_port": str(port).encode(),
        }
        try:
            text = self._variables.expand(
                passed.args[0], State(b"", b"", known, {}), passed.line
            ).decode("latin-1")
        except Undecided as undecided:
            raise NotModelled("a split_clients of stream", undecided.block.statement.line) from None
        if not text or text in self._closed:
            return Way(line=server.line)
        return Way(None, text, self._upstreams.get(text, (text,)), server.line)
