"""What one host adds to the layout: its servers, and what they need of the frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ingc.ir.features.redirects import HttpsRedirect
from ingc.plan.frame.http import header_variable
from ingc.plan.layout import (
    Directive,
    EntryBlock,
    Location,
    Map,
    Server,
    UpstreamBlock,
    Value,
    plain,
)
from ingc.plan.pieces import Piece
from ingc.syntax.text import Variable

_SETTERS = frozenset({"set", "auth_request_set"})


@dataclass(frozen=True, slots=True)
class Demands:
    """What the servers of a host need of what all hosts share; equal demands, equal frame."""

    redirect: HttpsRedirect | None = None
    """The redirect that plain http of the host is, in a server with the other hosts of it."""
    pieces: tuple[Piece, ...] = ()
    """Those that need something in ``http``, in the order in which they were met."""
    passes: frozenset[str] = frozenset()
    """The directives by which locations pass requests on."""
    sets: frozenset[str] = frozenset()
    """The names of the variables that locations set."""
    grpc: bool = False
    """Whether plain http of the host reaches a gRPC backend."""


@dataclass(frozen=True, slots=True)
class HostPart:
    """The servers of one host, at its place among the others, and what they need elsewhere."""

    servers: tuple[Server, ...]
    demands: Demands
    upstreams: frozenset[str]
    """The upstreams that some route uses as they are."""


def directives_in(servers: Iterable[Server]) -> Iterator[Directive]:
    """Yield the directives of the locations of servers."""
    for server in servers:
        yield from _in_locations(server.locations)


def _in_locations(locations: Iterable[Location]) -> Iterator[Directive]:
    for location in locations:
        yield from location.directives
        if location.locations:
            yield from _in_locations(location.locations)


def passes_of(directives: Iterable[Directive]) -> frozenset[str]:
    """Return the directives by which requests are passed on."""
    return frozenset({item.name for item in directives if item.name.endswith("_pass")})


def variables_set(directives: Iterable[Directive]) -> frozenset[str]:
    """Return the names of the variables that directives set."""
    setters = (item for item in directives if item.name in _SETTERS)
    return frozenset({plain(item.args[0]).removeprefix("$") for item in setters})


@dataclass(slots=True)
class Shared:
    """What hosts need in ``http``, each thing once, in the order in which it was met."""

    http: dict[Directive, None] = field(default_factory=dict)
    entries: dict[EntryBlock, None] = field(default_factory=dict)
    maps: dict[Map, None] = field(default_factory=dict)
    blocks: dict[UpstreamBlock, None] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    """The request headers that some location sets, by their lower-case names."""

    def add(self, pieces: Iterable[Piece]) -> None:
        """Note what pieces need."""
        for piece in pieces:
            self.http.update(dict.fromkeys(piece.http))
            self.entries.update(dict.fromkeys(piece.blocks))
            self.maps.update(dict.fromkeys(piece.maps))
            self.blocks.update(dict.fromkeys(piece.upstreams))
            for name, _ in piece.set_headers:
                self.headers.setdefault(name.lower(), name)

    def header_maps(self, usual: dict[str, tuple[str, Value]]) -> tuple[Map, ...]:
        """Return the variables of the headers that some location sets, with what holds elsewhere.

        ``usual`` are the headers that every backend gets. One that no other location sets is the
        client's.
        """
        made = []
        for key, name in sorted(self.headers.items()):
            _, value = usual.get(key, (name, Variable("http_" + key.replace("-", "_"))))
            made.append(Map("", header_variable(name), (("default", value),)))
        return tuple(made)

    def header_names(self) -> tuple[str, ...]:
        """Return the names of the headers that some location sets."""
        return tuple(name for _, name in sorted(self.headers.items()))


def joined(parts: Sequence[Demands]) -> tuple[frozenset[str], frozenset[str]]:
    """Return by which directives some location passes requests on, and what some location sets."""
    return (
        frozenset(chain.from_iterable({part.passes for part in parts})),
        frozenset(chain.from_iterable({part.sets for part in parts})),
    )
