"""The tree of directives that a layout asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ingc.plan.layout import (
    Directive,
    Layout,
    Location,
    Map,
    Server,
    StreamBlock,
    UpstreamBlock,
    Value,
    plain,
)


class Shape(NamedTuple):
    """One directive: its name, its arguments as nginx holds them, and its block if it has one."""

    name: str
    args: tuple[str, ...]
    block: tuple[Shape, ...] | None = None


def shape_of(layout: Layout) -> tuple[Shape, ...]:
    """Return the tree of a whole configuration; a fragment's stands inside an ``http``."""
    http = (
        *(item for group in layout.http for item in _directives(group.directives)),
        *map(_map, layout.maps),
        *map(_upstream, layout.upstreams),
        *map(_server, layout.servers),
    )
    if layout.fragment:
        return (Shape("http", (), http),)
    return (
        *_directives(layout.main),
        Shape("events", (), _directives(layout.events)),
        Shape("http", (), http),
        *((_stream(layout.stream),) if layout.stream else ()),
    )


def _stream(block: StreamBlock) -> Shape:
    inner = (
        *_directives(block.directives),
        *map(_map, block.maps),
        *map(_upstream, block.upstreams),
        *map(_server, block.servers),
    )
    return Shape("stream", (), inner)


def _args(values: Iterable[Value]) -> tuple[str, ...]:
    return tuple([plain(value) for value in values])


def _directives(directives: Iterable[Directive]) -> tuple[Shape, ...]:
    return tuple(
        [
            Shape(item.name, _args(item.args), _directives(item.block) if item.block else None)
            for item in directives
        ]
    )


def _map(block: Map) -> Shape:
    entries = tuple(Shape(plain(key), (plain(value),)) for key, value in block.entries)
    flags = tuple(Shape(flag, ()) for flag in block.flags)
    return Shape(block.name, _args(block.args), (*flags, *entries))


def _upstream(block: UpstreamBlock) -> Shape:
    return Shape("upstream", (block.name,), _directives(block.directives))


def _server(block: Server) -> Shape:
    inner = (*_directives(block.directives), *map(_location, block.locations))
    return Shape("server", (), inner)


def _location(block: Location) -> Shape:
    modifier = (block.modifier,) if block.modifier else ()
    return Shape("location", (*modifier, str(block.name)), _directives(block.directives))
