"""The servers and locations with what a rule asks of them, read in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingc.model.starting.refusal import Place
from ingc.model.tree import Statement

_BLOCKS = frozenset({"map", "geo", "split_clients", "server", "upstream"})
_ASKED = frozenset(
    {
        "auth_request_set",
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
        "set",
    }
)
"""What the rules on levels look at."""


@dataclass(slots=True)
class NestedLevel:
    """A server or a location, and ``http`` around them."""

    place: Place
    outer: NestedLevel | None
    found: dict[str, list[Statement]]
    """Directives that a rule asks for, by name."""

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


def levels_of(http: Statement) -> Iterator[NestedLevel]:
    """Yield each server, and after it its locations in which something is asked for."""
    top = NestedLevel(Place(http), None, _asked(http))
    for server in http.block or ():
        if server.name != "server":
            continue
        level = NestedLevel(Place(server), top, _asked(server))
        yield level
        for location in server.block or ():
            if location.name == "location":
                found = _asked(location)
                if found:
                    yield NestedLevel(Place(server, location), level, found)


def _asked(block: Statement) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    for item in block.block or ():
        if item.name in _ASKED:
            found.setdefault(item.name, []).append(item)
    return found


def number(block: Statement, name: str, default: int) -> int:
    """Return the number that a directive of a block gives."""
    item = next((item for item in block.block or () if item.name == name), None)
    return int(item.args[0]) if item is not None else default
