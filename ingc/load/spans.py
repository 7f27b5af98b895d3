"""Positions on demand: where in its file a field of an object stands.

Loading keeps only where a document begins and ends. The first question about a document reads
that stretch again, this time with positions, and keeps the answer for the documents queried
last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from ingc.diagnostics import FieldPath, Span
from ingc.load.nodes import ALIAS, END, MAPPING, SEQUENCE, FoundNode, Nodes, YamlNode, walk
from ingc.load.text import FileText

Stretch = tuple[int, int]
"""Offsets of the first character and of the one behind the last in the file's text."""

Items = dict[int, int]
"""Where the entries of a List begin, by their numbers."""

FindItems = Callable[[FileText, int], Items]
"""Finds the entries of the List that begins at an offset."""

_KEPT_INDEXES = 64


@dataclass(slots=True)
class _Where:
    value: Stretch | None
    key: Stretch | None
    first: FieldPath | None = None
    """Of a collection, the path of its first child."""


@dataclass(slots=True)
class Index:
    """The places of all fields of one document."""

    _places: dict[FieldPath, _Where] = field(default_factory=dict)
    _anchors: dict[str, FieldPath] = field(default_factory=dict)
    _merges: dict[FieldPath, list[tuple[FieldPath | None, Stretch]]] = field(default_factory=dict)
    """Mapping with ``<<`` → what is merged into it, and where that is written."""
    _lists: dict[FieldPath, FieldPath] = field(default_factory=dict)
    """List behind a ``<<`` → the mapping that its entries are merged into."""

    @classmethod
    def of(cls, nodes: Iterator[YamlNode]) -> Index:
        """Read a document's nodes."""
        index = cls()
        for found in walk(nodes):
            index._add(found)
        return index

    def find(self, path: FieldPath, *, key: bool) -> Stretch | None:
        """Return the place of a field, or of the nearest parent that exists.

        What comes by an alias or a merge stands where the alias is.
        """
        known: FieldPath = ()
        for part in path:
            if (*known, part) not in self._places:
                merged = self._merged(known, part)
                if merged:
                    return merged
                key = False
                break
            known = (*known, part)
        return self._stretch(known, key=key)

    def _stretch(self, path: FieldPath, *, key: bool) -> Stretch | None:
        """Return the place to point at: of a collection without a key, its first entry."""
        where = self._places.get(path)
        while where is not None:
            if key and where.key:
                return where.key
            if where.first is None or where.key:
                return where.value or where.key
            child = self._places[where.first]
            if child.key:
                return child.key
            where = child
        return None

    def _merged(self, path: FieldPath, part: str | int) -> Stretch | None:
        """Return where a key is merged into a mapping."""
        for target, place in self._merges.get(path, ()):
            if target is None or self._has(target, part, set()):
                return place
        return None

    def _has(self, path: FieldPath, part: str | int, seen: set[FieldPath]) -> bool:
        if path in seen:
            return False
        seen.add(path)
        targets = (target for target, _ in self._merges.get(path, ()))
        return (*path, part) in self._places or any(
            target is None or self._has(target, part, seen) for target in targets
        )

    def _add(self, found: FoundNode) -> None:
        path, node, key, _ = found
        above = path[:-1]
        if node.anchor is not None:
            self._anchors[node.anchor] = path
        if key is not None and key.merges:
            self._merge(above, found)
        elif above in self._lists:
            self._merge(self._lists[above], found)
        parent = self._places.get(above) if path else None
        if parent is not None and parent.first is None:
            parent.first = path
        place = (key.start, key.end) if key is not None else None
        self._places[path] = _Where(_value_place(found), place, None)

    def _merge(self, owner: FieldPath, found: FoundNode) -> None:
        path, node, key, _ = found
        if node.kind is SEQUENCE:
            self._lists[path] = owner
        elif node.kind is ALIAS:
            target = self._anchors.get(node.text or "")
            self._merges.setdefault(owner, []).append((target, (node.start, node.end)))
        else:
            written = key or node
            self._merges.setdefault(owner, []).append((path, (written.start, written.end)))


def _value_place(found: FoundNode) -> Stretch | None:
    """Return where a value stands; ``None`` where its key is the better place to point at."""
    node = found.node
    if node.kind is MAPPING or node.kind is SEQUENCE:
        return (node.start, node.end) if found.key is None else None
    if node.start == node.end:
        return (max(node.start - 1, 0), node.start) if found.key is None else None
    return node.start, node.end


def _beginning(nodes: Iterator[YamlNode]) -> Stretch | None:
    """Return the place of a document as a whole: its first key or entry, or the value itself."""
    last = None
    for node in nodes:
        if node.kind is not END:
            last = node
        if node.kind not in (MAPPING, SEQUENCE):
            break
    return _value_place(FoundNode((), last)) if last else None


class Positions:
    """Answers where things stand in one file; keeps what it learnt for the last documents."""

    __slots__ = ("_indexes", "_lock", "_nodes", "file")

    def __init__(self, file: FileText, nodes: Nodes) -> None:
        self.file = file
        self._nodes = nodes
        self._lock = Lock()
        self._indexes: dict[int, Index] = {}

    def nodes(self, start: int, end: int) -> Iterator[YamlNode]:
        """Read a stretch of the file again."""
        return self._nodes(self.file, start, end)

    def index(self, start: int, end: int) -> Index:
        """Return the index of the document that begins at ``start``."""
        with self._lock:
            index = self._indexes.pop(start, None) or Index.of(self.nodes(start, end))
            self._indexes[start] = index
            if len(self._indexes) > _KEPT_INDEXES:
                del self._indexes[next(iter(self._indexes))]
        return index


class Region:
    """The stretch of a file that one YAML or JSON document takes."""

    __slots__ = ("_find_items", "_items", "end", "positions", "start")

    def __init__(
        self,
        positions: Positions,
        start: int,
        end: int,
        items: Items | None = None,
        find_items: FindItems | None = None,
    ) -> None:
        """Report where the entries of a List begin, or how to find that out."""
        self.positions = positions
        self.start = start
        self.end = end
        self._items = items
        self._find_items = find_items

    @property
    def items(self) -> Items | None:
        """Where the entries of a List begin, as far as that is known."""
        return self._items

    def nodes(self) -> Iterator[YamlNode]:
        """Read the document again."""
        return self.positions.nodes(self.start, self.end)

    def span(self, path: FieldPath, *, key: bool = False) -> Span:
        """Return the place of a field, or of the nearest parent that exists."""
        start = self.start
        match path:
            case ("items", int(number), *rest):
                item = self._item(number)
                if item is not None:
                    start, path = item, tuple(rest)
        if path:
            place = self.positions.index(start, self.end).find(path, key=key)
        else:
            place = _beginning(self.positions.nodes(start, self.end))
        return self.positions.file.span(*(place or (start, start + 1)))

    def _item(self, number: int) -> int | None:
        """Return where an entry of a List begins."""
        if self._items is None and self._find_items:
            self._items = self._find_items(self.positions.file, self.start)
        return self._items.get(number) if self._items else None


class DocumentSource:
    """Where one object was read from; an entry of a List has its place there as ``prefix``."""

    __slots__ = ("_prefix", "_region", "_spans")

    def __init__(self, region: Region, prefix: FieldPath = ()) -> None:
        self._region = region
        self._prefix = prefix
        self._spans: dict[tuple[FieldPath, bool], Span] | None = None

    @property
    def file(self) -> str:
        """The path as the user gave it; ``<stdin>`` for standard input."""
        return self._region.positions.file.file

    def span(self, field: FieldPath, *, key: bool = False) -> Span | None:
        """Return the place of a field's value or key, or of its nearest parent."""
        if self._spans is None:
            self._spans = {}
        known = self._spans.get((field, key))
        if known is None:
            known = self._region.span(self._prefix + field, key=key)
            self._spans[field, key] = known
        return known

    def line_after(self, span: Span, ahead: int) -> Span | None:
        """Return a later line of the same file; ``None`` where it has none."""
        return self._region.positions.file.whole_line(span.line + ahead)


class Parsed(NamedTuple):
    """One document as read: its value, where it is, and which parts of it were refused."""

    value: object
    region: Region
    refused: tuple[FieldPath, ...] = ()


Take = Callable[[Parsed], int]
"""Takes a document, and returns how many faults it found in it."""
