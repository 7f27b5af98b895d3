"""Whether nginx starts: the rules by which it refuses a configuration, over its statements."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.model.starting.buffers import buffers
from ingc.model.starting.headers import header_lists
from ingc.model.starting.levels import levels_of
from ingc.model.starting.refusal import Part, Place, Refusal
from ingc.model.starting.sockets import sockets
from ingc.model.starting.tables import map_keys, server_names, variables
from ingc.model.tree import Statement

__all__ = ["Part", "Place", "Refusal", "refusals"]


def refusals(main: tuple[Statement, ...], http: Statement) -> Iterator[Refusal]:
    """Yield why nginx would not start with a configuration; nothing: no rule is broken.

    ``main`` are the statements outside of all blocks, ``http`` that block with all of its own.
    Raises `NotModelled`.
    """
    levels = tuple(levels_of(http))
    yield from server_names(http)
    yield from map_keys(http)
    yield from variables(http, levels)
    yield from header_lists(levels)
    yield from buffers(levels)
    yield from sockets(main, http)
    for stream in main:
        if stream.name == "stream":
            yield from map_keys(stream)
            yield from variables(stream, levels_of(stream))
