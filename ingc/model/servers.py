"""Sockets and servers: which server takes a request."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingc.model.names import Names
from ingc.model.outcome import NotModelled
from ingc.model.tree import Statement
from ingc.model.values import regex
from ingc.syntax.regex import Pattern

_EVERY = ".".join("0000")


@dataclass(slots=True)
class Socket:
    """An address and port that nginx listens on."""

    address: str
    port: int
    ssl: bool
    servers: list[Statement] = field(default_factory=list)
    default: Statement | None = None
    names: Names[Statement] = field(default_factory=Names)
    regexes: list[tuple[Pattern, Statement]] = field(default_factory=list)

    @property
    def first(self) -> Statement:
        """The default server."""
        return self.default or self.servers[0]

    def add(self, server: Statement) -> None:
        """Add a server; of two with the same name the first has it."""
        self.servers.append(server)
        names = [name for item in server.all("server_name") for name in item.args] or [""]
        for name in names:
            self._add_name(name.lower() if not name.startswith("~") else name, server)

    def _add_name(self, name: str, server: Statement) -> None:
        if name.startswith("~"):
            # A pattern with upper-case letters is compiled without case; names are lower-case.
            self.regexes.append((regex(name[1:], caseless=name != name.lower()), server))
        else:
            self.names.add(name, server)

    def find(self, name: bytes) -> tuple[Statement, Pattern | None]:
        """Return the server for a lower-case name, and the regex that found it, if one did."""
        found = self.names.find(name)
        if found is not None:
            return found, None
        for pattern, server in self.regexes:
            if pattern.search(name):
                return server, pattern
        return self.first, None


def read_sockets(http: Statement) -> list[Socket]:
    """Return the sockets of the servers of an ``http`` block, in the order of the file."""
    sockets: dict[tuple[str, int], Socket] = {}
    for server in http.all("server"):
        listens = list(server.all("listen"))
        if not listens:
            raise NotModelled("a server without listen", server.line)
        for listen in listens:
            address, port = _address(listen)
            flags = listen.args[1:]
            socket = sockets.setdefault((address, port), Socket(address, port, "ssl" in flags))
            socket.ssl = socket.ssl or "ssl" in flags
            if server not in socket.servers:
                socket.add(server)
            if "default_server" in flags or "default" in flags:
                socket.default = server
    return list(sockets.values())


def _address(listen: Statement) -> tuple[str, int]:
    text = listen.args[0]
    if text.startswith("unix:"):
        return text, 0
    host, colon, port = text.rpartition(":")
    if text.isdigit():
        return "*", int(text)
    if colon and port.isdigit() and not text.endswith("]"):
        return ("*" if host in ("*", _EVERY) else host), int(port)
    return text, 80
