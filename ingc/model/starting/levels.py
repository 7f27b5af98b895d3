"""The servers and locations with what a rule looks at in them, read in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingc.model.starting.refusal import Place
from ingc.model.tree import Statement

SETTERS = frozenset({"set", "auth_request_set"})
"""What defines a variable where it stands."""
_LOOKED_AT = SETTERS | frozenset(
    {
        "fastcgi_buffer_size",
        "fastcgi_buffers",
        "fastcgi_busy_buffers_size",
        "fastcgi_hide_header",
        "fastcgi_max_temp_file_size",
        "fastcgi_param",
        "fastcgi_pass_header",
        "grpc_hide_header",
        "grpc_pass_header",
        "grpc_set_header",
        "gzip_types",
        "proxy_buffer_size",
        "proxy_buffers",
        "proxy_busy_buffers_size",
        "proxy_cache",
        "proxy_headers_hash_bucket_size",
        "proxy_headers_hash_max_size",
        "proxy_hide_header",
        "proxy_max_temp_file_size",
        "proxy_pass_header",
        "proxy_set_header",
        "sub_filter_types",
    }
)
"""What the rules on servers and locations look at."""


@dataclass(slots=True)
class NestedLevel:
    """A server or a location, and ``http`` around them."""

    place: Place
    outer: NestedLevel | None
    found: dict[str, list[Statement]]
    """Directives that a rule looks at, by name."""

    def own(self, name: str) -> list[Statement]:
        """Return the directives of a name that stand here."""
        return self.found.get(name, [])

    def holder(self, *names: str) -> Place:
        """Return where directives stand: here, or in ``http`` where a server inherits them."""
        here = self.outer is None or any(map(self.own, names))
        return self.place if here or self.outer is None else self.outer.place

    def inherited(self, name: str) -> list[Statement]:
        """Return those that hold here: nginx inherits all of a name where there is none."""
        level: NestedLevel | None = self
        while level is not None:
            here = level.found.get(name)
            if here:
                return here
            level = level.outer
        return []

    @property
    def is_server(self) -> bool:
        """True for a server: nginx judges what stands in ``http`` where a server inherits it."""
        return self.place.location is None


PlacedDirectives = list[tuple[Place, list[Statement]]]
"""Places, and what a rule looks at in them."""


@dataclass(frozen=True, slots=True)
class ServerWords:
    """What the rules look at in the servers of ``http`` and their locations."""

    http: Statement
    placed: PlacedDirectives
    """Each server or location with directives of its own, in the order of the text."""
    variables: set[str]
    """What they set, with the dollar sign."""

    def setting(self) -> Iterator[tuple[str, Place]]:
        """Yield each variable where it is set."""
        for server in self.http.all("server"):
            for block in (server, *locations_of(server)):
                place = Place(server, block if block is not server else None)
                for item in block.block or ():
                    if item.name in SETTERS:
                        yield item.args[0], place


def read_words(http: Statement) -> ServerWords:
    """Read the servers of ``http``, or of ``stream``."""
    placed: PlacedDirectives = []
    variables: set[str] = set()
    for server in http.all("server"):
        for location in (None, *locations_of(server)):
            found = _looked_at(location or server)
            if not found:
                continue
            own = [item for item in found if item.name not in SETTERS]
            if own:
                placed.append((Place(server, location), own))
            if len(own) < len(found):
                variables.update([item.args[0] for item in found if item.name in SETTERS])
    return ServerWords(http, placed, variables)


def locations_of(block: Statement) -> Iterator[Statement]:
    """Yield the locations in a block and in one another, in the order of the text."""
    for item in block.all("location"):
        yield item
        yield from locations_of(item)


def levels_of(words: ServerWords) -> Iterator[NestedLevel]:
    """Yield the servers and locations with directives of their own, in the order of the text.

    In its place among them stands the first server without any: all such inherit the same.
    """
    top = NestedLevel(Place(words.http), None, _by_name(_looked_at(words.http)))
    owned: dict[Statement, list[Statement]] = {}
    inner: dict[Statement, PlacedDirectives] = {}
    for place, items in words.placed:
        if place.location is None:
            owned[place.block] = items
        else:
            inner.setdefault(place.block, []).append((place, items))
    silent = False
    for server in words.http.all("server"):
        own, locations = owned.get(server, []), inner.get(server, [])
        if silent and not own and not locations:
            continue
        level = NestedLevel(Place(server), top, _by_name(own))
        if own or not silent:
            yield level
        silent = silent or not own
        for place, items in locations:
            yield NestedLevel(place, level, _by_name(items))


def _looked_at(block: Statement) -> list[Statement]:
    return [item for item in block.block or () if item.name in _LOOKED_AT]


def _by_name(items: Iterable[Statement]) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    for item in items:
        found.setdefault(item.name, []).append(item)
    return found


def number(block: Statement, name: str, default: int) -> int:
    """Return the number that a directive of a block gives."""
    item = block.first(name)
    return int(item.args[0]) if item is not None else default
