"""TLS that nginx does not open."""

from __future__ import annotations

from ingc.ir.features.passthrough import Passthrough
from ingc.model.tree import Statement
from ingc.prove.expected import ExpectedRoute
from ingc.prove.upstream_blocks import read_endpoint
from ingc.prove.values import NoValue
from ingc.prove.written import Written

_NAME = "ssl_preread_server_name"
_DOWN = "down"


class StreamInEffect:
    """What the ``stream`` block does with TLS."""

    def __init__(self, stream: Statement, written: Written, port: int) -> None:
        self._written = written
        self._servers = stream.all("server")
        self._front = next(
            (item for item in self._servers if _port(item) == port and item.first("ssl_preread")),
            None,
        )

    def upstream(self, name: str) -> Passthrough | None:
        """Return what opens the TLS of a name; ``None``: nginx itself does."""
        if self._front is None:
            raise NoValue("upstream", "no server that looks at names")
        first = self._endpoint(self._front, name)
        inner = next((item for item in self._servers if f":{_port(item)}" == first), None)
        if first == _DOWN:
            return Passthrough(None)
        if inner is None:
            return None
        passed = self._passed(inner, name)
        return Passthrough(None if self._is_down(passed) else passed)

    def check_behind(self, name: str) -> None:
        """Raise `NoValue` where the port behind the first reaches a backend for a name of ours."""
        others = (item for item in self._servers if item is not self._front)
        for server in others:
            if server.first("ssl_preread") and not self._is_down(self._passed(server, name)):
                raise NoValue("upstream", "a backend behind the port of the loopback")

    def _passed(self, server: Statement, name: str) -> str:
        passing = server.first("proxy_pass")
        if passing is None:
            raise NoValue("upstream", "a server that passes nothing on")
        return self._written.expand(passing.args[0], {_NAME: name.encode()})

    def _endpoint(self, server: Statement, name: str) -> str:
        """Return the port on the loopback that a connection is passed to; or that it is closed."""
        upstream = self._passed(server, name)
        if self._is_down(upstream):
            return _DOWN
        block = self._written.upstreams.get(upstream)
        line = block.first("server") if block is not None else None
        if line is None:
            raise NoValue("upstream", f"{upstream}, which is nothing of this server")
        return f":{read_endpoint(line.args[0]).port}"

    def _is_down(self, upstream: str) -> bool:
        block = self._written.upstreams.get(upstream)
        return block is not None and all(_DOWN in line.args for line in block.all("server"))


def _port(server: Statement) -> int:
    listen = server.first("listen")
    return int(listen.args[0].rpartition(":")[2]) if listen is not None else 0


def read_passthrough(stream: StreamInEffect, name: str) -> Passthrough | None:
    """Return what opens the TLS of a name; ``None``: nginx itself does."""
    return stream.upstream(name)


def seen_passthrough(expected: ExpectedRoute) -> Passthrough | None:
    """Return what can be seen of a host's TLS."""
    own = expected.host.feature(Passthrough)
    return (
        own if own is None or own.upstream is None else Passthrough(expected.called(own.upstream))
    )
