"""What statements mean, as keys: equal keys, equal behaviour."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from enum import IntEnum

from ingc.ir import Host
from ingc.model import Model
from ingc.model.locations import PASSES, FoundLocation, Level
from ingc.model.tree import REWRITES, VARIABLE_BLOCKS, Content, Statement
from ingc.prove.route_names import ROUTE, RouteNames
from ingc.prove.structure import Reading
from ingc.prove.upstream_blocks import SESSIONS

_NOT_ITS_OWN = frozenset(
    {"server_name", "listen", "location", "ssl_certificate", "ssl_certificate_key"}
)
_SIZES = re.compile(r"(?:variables|map|server_names)_hash_(?:max|bucket)_size").fullmatch
_NAMED = re.compile(r"\$\{?(\w+)")
_OF_ENDPOINTS = ("server", "zone", "resolver")
_WORD = re.compile(r"[\w.-]+")
_USES_ZONES = ("limit_req", "limit_conn")
_OF_PATH = frozenset(
    {"$uri", "$document_uri", "$request_uri", "$args", "$query_string", "$request"}
)
_NAMES_OTHERS = ("auth_request", "mirror", "error_page")
_ASKS_OTHERS = ("auth_request", "error_page")
"""What may lead a request, or one on its behalf, to another location of the server; so may a
``rewrite`` that does not break."""
_MAPS_OF_ROUTES = frozenset({"$ingc_route", "$ingc_parts_of_route"})
"""The maps of those names: their values are only reported and decide nothing. The route's name
is compared; see `Keys.named`."""


class Looks(IntEnum):
    """How much of a path decides what is done with a request."""

    NOWHERE = 0
    AT_ITS_FORM = 1
    """Whether it ends with a slash, and whether it is sent as it is."""
    EVERYWHERE = 2


class Keys:
    """Keys of the servers and locations of one model."""

    def __init__(self, model: Model) -> None:
        self._bodies: dict[int, tuple[object, ...]] = {}
        self._servers: dict[int, Hashable] = {}
        self._locations: dict[int, tuple[Hashable, Looks]] = {}
        blocks = [item for item in model.http.block or () if item.name in VARIABLE_BLOCKS]
        self._maps = {f"${item.args[-1].removeprefix('$')}": item.content for item in blocks}
        self._route_names = RouteNames(model)
        self._needs: dict[str, tuple[str, ...]] = {}
        self._beside = dict(_beside_servers(model.http))
        """Blocks and zones that belong to one server's locations, by their names."""
        others = [content for name, content in self._maps.items() if name not in _MAPS_OF_ROUTES]
        self._route_matters = ROUTE in repr(others)
        self.logs_route = self._is_logged(model.http)
        """Whether the access log has the route's name, or what maps make of it."""

    def _is_logged(self, http: Statement) -> bool:
        forms = [(item.name, item.args, None) for item in http.all("log_format")]
        named = (name for _, args, _ in forms for arg in args for name in _named(arg))
        maps, _ = self._referred_to(tuple(forms))
        return ROUTE in named or any(ROUTE in content[1] for content in maps)

    def frame(self, reading: Reading) -> tuple[object, ...]:
        """Return the frame with what it refers to, but for what makes no difference."""
        found = []
        for item in reading.main:
            name, args, block = item.content
            inner = block and tuple([each for each in block if not _SIZES(each[0])])
            found.append((name, args, inner))
        return tuple(found), *self._referred_to(tuple(found))

    def body(self, server: Statement, name: bytes) -> tuple[object, ...]:
        """Return what a server does with a request for a name, with all that it refers to.

        Of maps that only name routes by the host, what they give for the name.
        """
        found = self._bodies.get(id(server))
        if found is None:
            inner = server.content[2] or ()
            kept = tuple([item for item in inner if item[0] != "server_name"])
            found = self._bodies[id(server)] = (kept, *self._referred_to(kept))
        by_host = self.by_host(server, name)
        return (*found, by_host, *self._referred_to((("", by_host, None),))) if by_host else found

    @property
    def by_host_alone(self) -> frozenset[str]:
        """Return the variables, with their dollar sign, that only name routes by the host."""
        return self._route_names.by_host_alone

    def by_host(self, server: Statement, name: bytes) -> tuple[str, ...]:
        """Return what maps give for a host, in whose locations they name the routes."""
        return self._route_names.by_host(server, name)

    def _referred_to(self, contents: tuple[Content, ...]) -> tuple[tuple[Content, ...], ...]:
        """Return the maps, and the blocks and zones, that contents refer to, in that order."""
        waiting = self._mentioned(contents)
        found = dict.fromkeys(waiting)
        while waiting:
            for name in self._needed_by(waiting.pop(0)):
                if name not in found:
                    found[name] = None
                    waiting.append(name)
        apart = self._route_names.by_host_alone
        known = self._maps
        maps = tuple([known[name] for name in found if name in known and name not in apart])
        return maps, tuple([self._beside[name] for name in found if name in self._beside])

    def _needed_by(self, name: str) -> tuple[str, ...]:
        """Return what a map, a block or a zone refers to itself."""
        known = self._needs.get(name)
        if known is None:
            if name in self._route_names.by_host_alone:
                return ()
            content = self._maps.get(name) or self._beside[name]
            known = self._needs[name] = tuple(self._mentioned((content,)))
        return known

    def _mentioned(self, contents: Iterable[Content]) -> list[str]:
        """Return the names of the maps, blocks and zones in contents, each once, in their order.

        A map's name begins with the dollar sign of its variable.
        """
        maps, beside = self._maps, self._beside
        found: dict[str, None] = {}
        waiting = list(contents)[::-1]
        while waiting:
            name, args, block = waiting.pop()
            for text in (name, *args):
                if "$" in text:
                    found.update(dict.fromkeys([item for item in _named(text) if item in maps]))
                if beside and (SESSIONS in text or name in _USES_ZONES):
                    words = _WORD.findall(text)
                    found.update(dict.fromkeys([word for word in words if word in beside]))
            if block:
                waiting += block[::-1]
        return list(found)

    def server(self, server: Statement | None) -> Hashable:
        """Return what a server holds beside its names, sockets, certificates and locations."""
        if server is None:
            return None
        found = self._servers.get(id(server))
        if found is None:
            inner = server.content[2] or ()
            found = tuple([item for item in inner if item[0] not in _NOT_ITS_OWN])
            self._servers[id(server)] = found
        return found

    def only_redirects(self, server: Statement) -> bool:
        """Return whether a server has one location, which answers by itself."""
        locations = server.all("location")
        return len(locations) == 1 and locations[0].first("return") is not None

    def host(self, host: Host, any_host: Host) -> Hashable:
        """Return what of a host decides beside its routes."""
        alone = host.name if host.features or host is any_host else ""
        return host.answers_https, alone

    def location(self, location: Statement | None, level: Level | None) -> Hashable:
        """Return what a location holds, and the other locations of its server that it names.

        Its own name counts where it is part of what is passed on.
        """
        if location is None:
            return None
        content = self._of(location)[0]
        beside = tuple(_beside(location, level)) if level is not None else ()
        return (content, beside) if beside else content

    def looks(self, location: Statement) -> Looks:
        """Return how much of a path may decide what a location does."""
        return self._of(location)[1]

    def named(self, found: FoundLocation, name: bytes, uri: bytes) -> str | None:
        """Return the route that a location names for a host and a path; ``None``: none."""
        return self._route_names.of(found, name, uri)

    def is_silent(self, location: Statement) -> bool:
        """Return whether no log is written of a location's requests, wherever they go from it."""
        log = location.first("access_log")
        if log is None or log.args != ("off",) or any(location.all(name) for name in _ASKS_OTHERS):
            return False
        branches = (inner for item in location.all("if") for inner in item.all("rewrite"))
        rewrites = (*location.all("rewrite"), *branches)
        return all(item.args[-1] == "break" for item in rewrites)

    def _of(self, location: Statement) -> tuple[Hashable, Looks]:
        found = self._locations.get(id(location))
        if found is None:
            replaces = _replaces(location.block or ())
            looks = Looks.EVERYWHERE if replaces else self._looks(location.block or ())
            key = (self._statements(location), location.args if replaces else ())
            found = self._locations[id(location)] = (key, looks)
        return found

    def _statements(self, location: Statement) -> tuple[Content, ...]:
        """Return what a location holds, without the name of its route where nothing uses it."""
        content = location.content[2] or ()
        kept = tuple([item for item in content if item[1][:1] != (ROUTE,)])
        return content if self._route_matters or _mentions(kept, ROUTE) else kept

    def _looks(self, statements: Iterable[Statement]) -> Looks:
        found = Looks.NOWHERE
        for item in statements:
            if item.name == "rewrite":
                return Looks.EVERYWHERE
            if item.name in REWRITES and self._reads_path(item.args[item.name == "set" :]):
                found = max(found, Looks.EVERYWHERE if item.name == "if" else Looks.AT_ITS_FORM)
            if item.block:
                found = max(found, self._looks(item.block))
        return found

    def _reads_path(self, args: tuple[str, ...]) -> bool:
        names = {name for arg in args if "$" in arg for name in _named(arg)}
        if not names:
            return False
        if names & self._maps.keys():
            maps, _ = self._referred_to((("", args, None),))
            names.update(_named(repr(maps)))
        return not names.isdisjoint(_OF_PATH)


def _named(text: str) -> list[str]:
    """Return the variables in a text, each with its dollar sign."""
    return [f"${name}" for name in _NAMED.findall(text)]


def _beside_servers(http: Statement) -> Iterator[tuple[str, Content]]:
    """Yield the upstreams with sessions and the zones of limits, by their names."""
    for item in http.all("upstream"):
        if SESSIONS in item.args[0]:
            # Each endpoint is compared with the IR's wherever the block stands.
            lines = (line.content for line in item.block or ())
            kept = tuple([line for line in lines if line[0] not in _OF_ENDPOINTS])
            yield item.args[0], ("upstream", item.args, kept)
    for name in ("limit_req_zone", "limit_conn_zone"):
        for item in http.all(name):
            zones = (arg.removeprefix("zone=") for arg in item.args if arg.startswith("zone="))
            yield from ((zone.partition(":")[0], item.content) for zone in zones)


def _beside(location: Statement, level: Level) -> Iterator[Content]:
    """Yield the locations that another one names: of subrequests and error pages.

    So is the one to which an error page hands on.
    """
    for name in _NAMES_OTHERS:
        for item in location.all(name):
            last = item.args[-1]
            other = level.named.get(last) or level.exact.get(last.encode())
            if other is not None:
                yield other.content
                tries = other.first("try_files")
                further = level.named.get(tries.args[-1]) if tries is not None else None
                if further is not None:
                    yield further.content


def _mentions(contents: Iterable[Content], text: str) -> bool:
    for _, args, block in contents:
        for arg in args:
            if text in arg:
                return True
        if block and _mentions(block, text):
            return True
    return False


def _replaces(statements: Iterable[Statement]) -> bool:
    """Return whether a pass directive names a path, in place of the location's."""
    return any(
        item.name in PASSES and "/" in item.args[0].rpartition("://")[2] for item in statements
    )
