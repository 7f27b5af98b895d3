"""The nodes of a document with their places, whatever it is written in, and their paths."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ingc.diagnostics import FieldPath
from ingc.load.text import FileText


class NodeKind(enum.Enum):
    """What the next node of a document is; END closes a mapping or sequence."""

    SCALAR = enum.auto()
    ALIAS = enum.auto()
    MAPPING = enum.auto()
    SEQUENCE = enum.auto()
    END = enum.auto()


SCALAR, ALIAS, END = NodeKind.SCALAR, NodeKind.ALIAS, NodeKind.END
MAPPING, SEQUENCE = NodeKind.MAPPING, NodeKind.SEQUENCE
"""Looking members up in the enumeration is slow."""


class YamlNode(NamedTuple):
    """A value, a key or the end of a collection, with its place in the file's text."""

    kind: NodeKind
    start: int
    end: int
    text: str | None = None
    """Of a scalar, the text that it has as a key; of an alias, the anchor's name."""
    anchor: str | None = None
    merges: bool = False
    """True for the key ``<<``."""


Nodes = Callable[[FileText, int, int], Iterator[YamlNode]]
"""Reads a stretch of a file again; stops without a word where it is not valid."""


class FoundNode(NamedTuple):
    """A node with the path that leads to it."""

    path: FieldPath
    node: YamlNode
    key: YamlNode | None = None
    """The key of a value in a mapping."""
    earlier: YamlNode | None = None
    """An equal key above in the same mapping."""


class _Open:
    """A mapping or sequence that is being walked through."""

    __slots__ = ("count", "key", "mapping", "path", "seen")

    def __init__(self, path: FieldPath, mapping: bool) -> None:
        self.path = path
        self.mapping = mapping
        self.key: YamlNode | None = None
        self.count = 0
        self.seen: dict[str | None, YamlNode] = {}

    def take(self, node: YamlNode) -> FoundNode | None:
        """Return the next node inside with its path; ``None`` if it is a key."""
        if not self.mapping:
            self.count += 1
            return FoundNode((*self.path, self.count - 1), node, None, None)
        key = self.key
        if key is None:
            self.key = node
            return None
        self.key = None
        earlier = key if key.merges else self.seen.setdefault(key.text, key)
        path = (*self.path, key.text or "")
        return FoundNode(path, node, key, None if earlier is key else earlier)


def walk(nodes: Iterator[YamlNode]) -> Iterator[FoundNode]:
    """Yield the first document's values with their paths, parents before children."""
    stack: list[_Open] = []
    found: FoundNode | None
    for node in nodes:
        kind = node.kind
        if kind is END:
            stack.pop()
        else:
            found = stack[-1].take(node) if stack else FoundNode((), node)
            if found is not None:
                yield found
            if kind is MAPPING or kind is SEQUENCE:
                path = found.path if found else stack[-1].path
                stack.append(_Open(path, kind is MAPPING))
        if not stack:
            return
