"""What a rule finds: why nginx refuses a configuration, and what has a part in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ingc.model.tree import Statement
from ingc.syntax.hash_table import Size, misfit


class Place(NamedTuple):
    """Where something stands."""

    block: Statement
    """Directly in ``http``, ``stream`` or the main context."""
    location: Statement | None = None
    """The location in it, where it is a server."""


class Part(NamedTuple):
    """A name that takes part, and every place that has it."""

    name: str
    """Empty: the place as a whole."""
    places: tuple[Place, ...]


class Refusal(NamedTuple):
    """Why nginx would not start."""

    why: str
    """To follow "nginx would not start: "."""
    parts: tuple[Part, ...]
    """Without some of them it would start."""
    line: int = 0
    """Within the block of the first part, from 1 on; 0: not known."""
    table: str = ""
    """nginx's name of the table that does not hold the names of the parts."""
    size: Size | None = None
    """The sizes of that table."""
    directive: str = ""
    """The directive to change; empty: it is not one alone."""


Places = Callable[[frozenset[str]], Mapping[str, Iterable[Place]]]
"""Finds the places of some names; called only where nginx does not start."""


def crowded(
    table: str,
    names: Sequence[str],
    size: Size,
    places: Places,
    *,
    directive: str = "",
    margin: int = 0,
) -> Iterator[Refusal]:
    """Yield why nginx does not build its table of some names, if it does not.

    ``table`` is how nginx calls it, ``directive`` what names them. ``margin`` is the bytes of names
    that are not known.
    """
    found = misfit(names, size, margin)
    if found is None:
        return
    culprits = found.names if found.kind != "size" else ()
    standing = places(frozenset(culprits))
    parts = tuple(Part(name, tuple(standing.get(name, ()))) for name in culprits)
    match found.kind:
        case "long":
            length = len(found.names[0].encode())
            why = f"a name of {length} bytes does not fit into a bucket of {size.bucket_size}"
        case "size":
            why = f"buckets of {size.bucket_size} bytes are too large"
        case "crowded":
            why = f"{len(parts)} names share a bucket, and no more fit into one"
    why = f"could not build {table}: {why}"
    yield Refusal(why, parts, table=table, size=size, directive=directive)
