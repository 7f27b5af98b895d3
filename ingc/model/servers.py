"""Sockets and servers: which server takes a request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingc.model.outcome import NotModelled
from ingc.model.server_names import Names
from ingc.model.tree import Statement
from ingc.model.values import regex
from ingc.syntax.address import listened_on
from ingc.syntax.regex.reading import Pattern

_ONE_LABEL = re.compile(r"~\^\[\^\.\]\+\[\.\]((?:[a-z0-9-]|\[\.\])+)\$").fullmatch
"""A regex for any label, a dot and a literal ending."""
_LITERAL = r"((?:[a-z0-9-]|\[[.]\]|\\[.])+)"
_BEGINS = re.compile(rf"\^{_LITERAL}(?:[\[($]|\\d|\.)").match
_ENDS = re.compile(rf"{_LITERAL}\$$").search


@dataclass(slots=True)
class Socket:
    """An address and port that nginx listens on."""

    address: str
    port: int
    ssl: bool
    proxied: bool = False
    """True where each connection begins with a prelude of the PROXY protocol."""
    servers: list[Statement] = field(default_factory=list)
    default: Statement | None = None
    names: Names[Statement] = field(default_factory=Names)
    regexes: list[tuple[Pattern, Statement]] = field(default_factory=list)
    by_ending: dict[bytes, list[int]] = field(default_factory=dict)
    """Places in `regexes` of those that can only match a name with this after its first dot."""
    by_ends: dict[tuple[bytes, bytes], list[int]] = field(default_factory=dict)
    """Places of the others, by what each name that they take begins and ends with."""
    lengths: set[tuple[int, int]] = field(default_factory=set)
    """Of these beginnings and ends."""

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
            ending = _ONE_LABEL(name)
            if ending is not None:
                places = self.by_ending.setdefault(_plain(ending), [])
            else:
                ends = _ends_of(name)
                self.lengths.add((len(ends[0]), len(ends[1])))
                places = self.by_ends.setdefault(ends, [])
            places.append(len(self.regexes))
            self.regexes.append((regex(name[1:], caseless=name != name.lower()), server))
        else:
            self.names.add(name, server)

    def find(self, name: bytes) -> tuple[Statement, Pattern | None]:
        """Return the server for a lower-case name, and the regex that found it, if one did."""
        return self.named(name) or (self.first, None)

    def named(self, name: bytes) -> tuple[Statement, Pattern | None] | None:
        """Return what `find` does, but ``None`` where no server has the name."""
        found = self.names.find(name)
        if found is not None:
            return found, None
        for place in self._may_match(name) if self.regexes else ():
            pattern, server = self.regexes[place]
            if pattern.search(name):
                return server, pattern
        return None

    def _may_match(self, name: bytes) -> list[int]:
        """Return the places of the regexes that may match a name, in order."""
        places = list(self.by_ending.get(name.partition(b".")[2], ()))
        size = len(name)
        for first, last in self.lengths:
            if max(first, last) <= size:
                places += self.by_ends.get((name[:first], name[size - last :]), ())
        return sorted(places)


def _ends_of(name: str) -> tuple[bytes, bytes]:
    """Return what every name that a regex takes begins with, and what it ends with.

    Empty: how the regex is written does not show it.
    """
    if "|" in name or "(?" in name or "\\Q" in name:
        return b"", b""
    escapes = "\\" in name.replace("\\.", "")
    return _plain(_BEGINS(name[1:])), _plain(None if escapes else _ENDS(name))


def _plain(found: re.Match[str] | None) -> bytes:
    return found[1].replace("[.]", ".").replace("\\.", ".").encode() if found else b""


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
            socket.proxied = socket.proxied or "proxy_protocol" in flags
            if not socket.servers or socket.servers[-1] is not server:
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
        return listened_on(host), int(port)
    return text, 80
