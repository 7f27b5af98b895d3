"""The tree of directives that a layout expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingc.model.tree import Content
from ingc.plan.layout import (
    Directive,
    EntryBlock,
    Layout,
    Location,
    Map,
    Server,
    StreamBlock,
    UpstreamBlock,
    Value,
    plain,
)

SEAM = "ingc_seam"
"""Stands for the blocks of ``http`` that are read apart from the rest."""


def frame_of(layout: Layout) -> tuple[Content, ...]:
    """Return the tree of a configuration with a `SEAM` in place of its maps, upstreams, servers.

    A fragment's stands inside an ``http``.
    """
    groups = (item for group in layout.http for item in _directives(group.directives))
    http = (*groups, *map(_entry_block, layout.entry_blocks), (SEAM, (), None))
    if layout.fragment:
        return (("http", (), http),)
    return (
        *_directives(layout.main),
        ("events", (), _directives(layout.events)),
        ("http", (), http),
        *((_stream(layout.stream),) if layout.stream else ()),
    )


def _stream(block: StreamBlock) -> Content:
    inner = (
        *_directives(block.directives),
        *map(_map, block.maps),
        *map(_upstream, block.upstreams),
        *map(_server, block.servers),
    )
    return ("stream", (), inner)


def blocks_of(layout: Layout) -> Iterator[Content]:
    """Yield the trees of the maps, upstreams and servers, in the order of the text."""
    yield from map(_map, layout.maps)
    yield from map(_upstream, layout.upstreams)
    yield from map(_server, layout.servers)


def _args(values: Iterable[Value]) -> tuple[str, ...]:
    return tuple([value if type(value) is str else plain(value) for value in values])


def _directives(directives: Iterable[Directive]) -> tuple[Content, ...]:
    return tuple(
        [
            (item.name, _args(item.args), _directives(item.block) if item.block else None)
            for item in directives
        ]
    )


def _map(block: Map) -> Content:
    entries = tuple([(plain(key), (plain(value),), None) for key, value in block.entries])
    flags = tuple([(flag, (), None) for flag in block.flags])
    return (block.name, _args(block.args), (*flags, *entries))


def _entry_block(block: EntryBlock) -> Content:
    entries = tuple([(plain(key), _args(values), None) for key, values in block.entries])
    return (block.name, _args(block.args), entries)


def _upstream(block: UpstreamBlock) -> Content:
    return ("upstream", (block.name,), _directives(block.directives))


def _server(block: Server) -> Content:
    inner = (*_directives(block.directives), *map(_location, block.locations))
    return ("server", (), inner)


def _location(block: Location) -> Content:
    modifier = (block.modifier,) if block.modifier else ()
    inner = (*_directives(block.directives), *map(_location, block.locations))
    return ("location", (*modifier, str(block.name)), inner)
