"""What statements say, as keys: equal keys, equal behaviour."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from enum import Enum

from ingc.ir import Host
from ingc.model import Model
from ingc.model.locations import PASSES
from ingc.model.tree import Content, Statement
from ingc.prove.structure import Reading
from ingc.prove.witnesses import is_plain

_NOT_ITS_OWN = frozenset(
    {"server_name", "listen", "location", "ssl_certificate", "ssl_certificate_key"}
)
_SIZES = re.compile(r"(?:variables|map|server_names)_hash_(?:max|bucket)_size").fullmatch
_NAMED = re.compile(r"\$\{?(\w+)")
_OF_PATH = frozenset({"uri", "document_uri", "request_uri", "args", "query_string", "request"})
_ROUTE = ("$ingc_route",)
"""Set to the name of a location's route, for the log."""


class Keys:
    """Keys of the servers and locations of one model."""

    def __init__(self, model: Model) -> None:
        self._bodies: dict[int, tuple[object, ...]] = {}
        self._servers: dict[int, Hashable] = {}
        self._locations: dict[int, tuple[Hashable, Looks]] = {}
        blocks = [
            item for item in model.http.block or () if item.name in ("map", "geo", "split_clients")
        ]
        self._maps = {item.args[-1].removeprefix("$"): item.content for item in blocks}
        others = [said for name, said in self._maps.items() if f"${name}" != _ROUTE[0]]
        self._route_matters = _ROUTE[0] in repr(others)
        self._needs: dict[str, frozenset[str]] = {}

    def frame(self, reading: Reading) -> tuple[Content, ...]:
        """Return the frame but for what makes no difference to a request."""
        found = []
        for item in reading.main:
            name, args, block = item.content
            inner = block and tuple([each for each in block if not _SIZES(each[0])])
            found.append((name, args, inner))
        return tuple(found)

    def body(self, server: Statement) -> tuple[object, ...]:
        """Return what a server does with a request that it takes, maps included."""
        found = self._bodies.get(id(server))
        if found is None:
            inner = server.content[2] or ()
            kept = tuple([item for item in inner if item[0] != "server_name"])
            maps = tuple([self._maps[name] for name in self._maps_of(kept)]) if self._maps else ()
            found = self._bodies[id(server)] = (kept, maps)
        return found

    def _maps_of(self, contents: object) -> list[str]:
        wanted = {name for name in _NAMED.findall(repr(contents)) if name in self._maps}
        found: set[str] = set()
        while wanted:
            name = wanted.pop()
            found.add(name)
            wanted |= self._needed_by(name) - found
        return sorted(found)

    def _needed_by(self, name: str) -> frozenset[str]:
        known = self._needs.get(name)
        if known is None:
            mentioned = _NAMED.findall(repr(self._maps[name]))
            known = self._needs[name] = frozenset(mentioned) & self._maps.keys()
        return known

    def server(self, server: Statement | None) -> Hashable:
        """Return what a server says beside its names, sockets, certificates and locations."""
        if server is None:
            return None
        found = self._servers.get(id(server))
        if found is None:
            inner = server.content[2] or ()
            found = tuple([item for item in inner if item[0] not in _NOT_ITS_OWN])
            self._servers[id(server)] = found
        return found

    def only_redirects(self, server: Statement) -> bool:
        """Tell whether a server has one location, which answers by itself."""
        locations = server.all("location")
        return len(locations) == 1 and locations[0].first("return") is not None

    def host(self, host: Host, any_host: Host) -> Hashable:
        """Return what of a host decides beside its routes."""
        alone = host.name if host.features or host is any_host else ""
        return host.answers_https, alone

    def location(self, location: Statement | None) -> Hashable:
        """Return what a location says; its name counts where it is part of what is passed on."""
        return None if location is None else self._of(location)[0]

    def form(self, location: Statement, uri: bytes) -> Hashable:
        """Return what of a path may decide what a location does."""
        looks = self._of(location)[1]
        if looks is Looks.NOWHERE:
            return None
        return uri if looks is Looks.EVERYWHERE else (uri[-1:] == b"/", is_plain(uri))

    def _of(self, location: Statement) -> tuple[Hashable, Looks]:
        found = self._locations.get(id(location))
        if found is None:
            replaces = any(_replaces(location.all(name)) for name in PASSES)
            looks = Looks.EVERYWHERE if replaces else self._looks(location.rewrites)
            key = (self._said(location), location.args if replaces else ())
            found = self._locations[id(location)] = (key, looks)
        return found

    def _said(self, location: Statement) -> tuple[Content, ...]:
        """Return what a location says, but for the name of its route where nothing asks for it."""
        said = location.content[2] or ()
        kept = tuple([item for item in said if item[1][:1] != _ROUTE])
        return said if self._route_matters or _ROUTE[0] in repr(kept) else kept

    def _looks(self, statements: Iterable[Statement]) -> Looks:
        found = Looks.NOWHERE
        for item in statements:
            if item.name == "rewrite":
                return Looks.EVERYWHERE
            if self._reads_path(item.args):
                if item.name == "if":
                    return Looks.EVERYWHERE
                found = Looks.AT_ITS_FORM
            if item.block:
                inner = self._looks(item.block)
                if inner is Looks.EVERYWHERE:
                    return inner
                found = inner if inner is not Looks.NOWHERE else found
        return found

    def _reads_path(self, args: tuple[str, ...]) -> bool:
        names = {name for arg in args if "$" in arg for name in _NAMED.findall(arg)}
        mapped = names & self._maps.keys()
        for name in self._maps_of(args) if mapped else ():
            names.update(_NAMED.findall(repr(self._maps[name])))
        return not names.isdisjoint(_OF_PATH)


class Looks(Enum):
    """How much of a path decides what a location does."""

    NOWHERE = "nowhere"
    AT_ITS_FORM = "at its form"
    """Whether it ends with a slash, and whether it is sent as it is."""
    EVERYWHERE = "everywhere"


def _replaces(passes: Iterable[Statement]) -> bool:
    return any("/" in item.args[0].rpartition("://")[2] for item in passes)
