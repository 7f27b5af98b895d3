"""A YAML document as plain objects, built from events as Kubernetes reads them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ingc.diagnostics import Entry, FieldPath, Origin, Sink
from ingc.diagnostics.catalogue.reading import (
    AliasesTooLarge,
    CyclicAlias,
    KeyNotAString,
    MergeOfNonMapping,
    MergeOverKey,
    NestingTooDeep,
    NumberOutOfRange,
    UndefinedAlias,
    UnsupportedTag,
    ValueUnlikeItsTag,
)
from ingc.load import aliases
from ingc.load.aliases import AliasBudget
from ingc.load.faults import DEEPEST
from ingc.load.scalars import TYPED_STARTS, Scalar, as_json, resolve, resolve_tagged, short_tag
from ingc.load.text import FileText, printable_path, shortened
from ingc.load.yaml_events import GetEvent, is_merge, key_of, start_of

_MERGE: Any = object()
_COLLECTION_TAGS = {
    MappingStartEvent: ("!", "tag:yaml.org,2002:map"),
    SequenceStartEvent: ("!", "tag:yaml.org,2002:seq"),
}
_NO_ITEMS: dict[int, int] = {}
_MOST_KEYS_KEPT = 10_000


class Abandoned(Exception):
    """The rest of a document is not read, because it can't be or because it is not safe."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class DocumentBuilder:
    """Builds one document after the other of a file, and reports what they may not hold.

    After each document, ``refused`` has the paths of the faults, ``repeated`` is true if a key
    came twice, and ``items`` has the offsets at which the entries of a List begin.
    """

    def __init__(self, file: FileText, sink: Sink, budget: AliasBudget) -> None:
        self._file = file
        self._sink = sink
        self._budget = budget
        self._keys: dict[str, str] = {}
        self._take: dict[type[Event], Callable[[Any, Any, Any], tuple[Any, Any]]] = {
            MappingStartEvent: self._start_mapping,
            SequenceStartEvent: self._start_sequence,
            MappingEndEvent: self._leave,
            SequenceEndEvent: self._leave,
            AliasEvent: self._take_alias,
        }
        self.shift = 0
        self._reset()

    def _reset(self) -> None:
        self.refused: list[FieldPath] = []
        self.repeated = False
        self.items: dict[int, int] = _NO_ITEMS
        self._anchors: dict[str, Any] = {}
        self._open: set[int] = set()
        self._stack: list[tuple[Any, Any]] = []
        self._merging: list[Any] = []
        self._merged: dict[int, tuple[Any, set[str]]] = {}

    def build(self, get: GetEvent, event: Any) -> Any:
        """Return the value that begins with ``event``; raises `Abandoned` and libyaml's errors."""
        self._reset()
        if event.__class__ is ScalarEvent:
            return self._scalar(event, None, None)
        if event.__class__ is AliasEvent:
            return self._alias(event, None, None)
        root: Any = {} if event.__class__ is MappingStartEvent else []
        self._begin(event, None, None, root)
        self._fill(get, root)
        return root

    def _fill(self, get: GetEvent, box: Any) -> None:
        """Read the events of a collection up to its end; the loop that takes all the time."""
        keys, take = self._keys, self._take
        in_map = box.__class__ is dict
        key: Any = None
        while box is not None:
            event = get()
            kind = event.__class__
            if kind is not ScalarEvent:
                box, key = take[kind](event, box, key)
                in_map = box.__class__ is dict
                continue
            value: Any = event.value
            if in_map and key is None:
                key = keys.get(value)
                if key is None or event.anchor is not None:
                    key = self._key(event, box)
                continue
            if value[:1] in TYPED_STARTS or event.anchor is not None or not event.implicit[0]:
                value = self._scalar(event, box, key)
            if in_map:
                if key in box or key is _MERGE:
                    self._store(event, box, key, value)
                else:
                    box[key] = value
                key = None
            else:
                box.append(value)

    def _start_mapping(self, event: Any, box: Any, key: Any) -> tuple[Any, Any]:
        value: dict[str, Any] = {}
        return self._enter(event, box, key, value)

    def _start_sequence(self, event: Any, box: Any, key: Any) -> tuple[Any, Any]:
        value: list[Any] = []
        return self._enter(event, box, key, value)

    def _enter(self, event: Any, box: Any, key: Any, value: Any) -> tuple[Any, Any]:
        """Go on with a new collection inside ``box``."""
        stack = self._stack
        if (
            event.anchor is None
            and event.tag is None
            and key.__class__ is str
            and key not in box
            and len(stack) < DEEPEST - 1
        ):
            box[key] = value
        else:
            self._begin(event, box, key, value)
            if key is _MERGE:
                self._merging.append(event)
            else:
                self._store(event, box, key, value)
        stack.append((box, key))
        return value, None

    def _leave(self, _: Any, box: Any, key: Any) -> tuple[Any, Any]:
        """Go on with the collection around ``box``; with none at the end of the document."""
        if self._open:
            self._open.discard(id(box))
        if not self._stack:
            return None, None
        outer, key = self._stack.pop()
        if key is _MERGE:
            self._merge(self._merging.pop(), outer, box)
        return outer, None

    def _take_alias(self, event: Any, box: Any, key: Any) -> tuple[Any, Any]:
        value = self._alias(event, box, key)
        if key is None and box.__class__ is dict:
            return box, self._alias_key(event, value, box)
        self._store(event, box, key, value)
        return box, None

    def _begin(self, event: Any, box: Any, key: Any, value: Any) -> None:
        """Look at the start of a collection that is more than a key's plain value."""
        depth = len(self._stack)
        if key is None and box.__class__ is dict:
            self._fault(KeyNotAString(_kind(value)), event, box, key)
            raise Abandoned(self._start(event))
        if depth >= DEEPEST - 1:
            self._fault(NestingTooDeep(DEEPEST), event, box, key)
            raise Abandoned(self._start(event))
        if event.tag is not None and event.tag not in _COLLECTION_TAGS[event.__class__]:
            self._fault(UnsupportedTag(shortened(short_tag(event.tag))), event, box, key)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
            self._open.add(id(value))
        if depth == 1 and self._stack[0][1] == "items" and box.__class__ is list:
            self.items = self.items or {}
            self.items[len(box)] = self._start(event)

    def _store(self, event: Any, box: Any, key: Any, value: Any) -> None:
        """Put a value into its collection, whatever the key."""
        if box.__class__ is list:
            box.append(value)
            return
        if key is _MERGE:
            self._merge(event, box, value)
            return
        if key in box:
            _, merged = self._merged.get(id(box), (None, set()))
            if key in merged:
                merged.discard(key)
            else:
                self.repeated = True
        box[key] = value

    def _scalar(self, event: Any, box: Any, key: Any) -> Scalar:
        """Return the value of a scalar that is quoted, tagged, anchored or may be no string."""
        value: Scalar = event.value
        tag = event.tag
        if tag is None:
            if event.implicit[0]:
                value = resolve(event.value)
        elif tag != "!":
            value = self._tagged(event, box, key)
        if isinstance(value, float):
            if not math.isfinite(value):
                self._fault(NumberOutOfRange(shortened(event.value)), event, box, key)
            value = as_json(value)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _tagged(self, event: Any, box: Any, key: Any) -> Scalar:
        value, tag = event.value, event.tag
        try:
            return resolve_tagged(value, tag)
        except LookupError:
            self._fault(UnsupportedTag(shortened(short_tag(tag))), event, box, key)
        except ValueError:
            entry = ValueUnlikeItsTag(shortened(value), short_tag(tag))
            self._fault(entry, event, box, key)
        return str(value)

    def _key(self, event: Any, box: Any) -> Any:
        """Return the string for a key seen for the first time, or the mark of a merge."""
        value: str = event.value
        if is_merge(event):
            return _MERGE
        if event.tag is not None or event.anchor is not None:
            self._scalar(event, box, None)
        key = key_of(event)
        if key is None:
            found = f'null ("{value}")' if value else "nothing"
            self._fault(KeyNotAString(found), event, box, None)
            return value
        plain = event.implicit[0] or value[:1] not in TYPED_STARTS
        if key == value and plain and event.tag is None and len(self._keys) < _MOST_KEYS_KEPT:
            self._keys[value] = key
        return key

    def _alias_key(self, event: Any, value: Any, box: Any) -> str:
        if not isinstance(value, str):
            self._fault(KeyNotAString(_kind(value)), event, box, None)
        return str(value)

    def _alias(self, event: Any, box: Any, key: Any) -> Any:
        """Return what an alias stands for; the object itself, shared, and not a copy."""
        name = event.anchor
        if name not in self._anchors:
            self._fault(UndefinedAlias(shortened(name)), event, box, key)
            return {}
        value = self._anchors[name]
        if id(value) in self._open:
            self._fault(CyclicAlias(shortened(name)), event, box, key)
            return {}
        if not self._budget.take(value):
            self._fault(AliasesTooLarge(aliases.LIMIT), event, box, key)
            raise Abandoned(self._start(event))
        return value

    def _merge(self, event: Any, box: Any, value: Any) -> None:
        """Put what stands behind ``<<`` into its mapping; of a list, the first entry wins."""
        listed = isinstance(value, list) and event.__class__ is not AliasEvent
        sources = value if listed else [value]
        if not all(isinstance(source, dict) for source in sources):
            self._fault(MergeOfNonMapping(), event, box, _MERGE)
            return
        _, merged = self._merged.setdefault(id(box), (box, set()))
        for source in reversed(sources):
            for key in (box.keys() & source.keys()) - merged:
                self._report(MergeOverKey(shortened(key)), event, box, _MERGE)
            merged.update(source)
            box.update(source)

    def _fault(self, entry: Entry, event: Any, box: Any, key: Any) -> None:
        self.refused.append(self._path(box, key))
        self._report(entry, event, box, key)

    def _report(self, entry: Entry, event: Any, box: Any, key: Any) -> None:
        start, end = self._start(event), event.end_mark.index + self.shift
        place = self._file.place(start, end)
        self._sink.report(entry, Origin(None, printable_path(self._path(box, key)), place))

    def _start(self, event: Any) -> int:
        return start_of(event) + self.shift

    def _path(self, box: Any, key: Any) -> FieldPath:
        """Return the path of the value that is being read."""
        path: list[str | int] = []
        for outer, outer_key in self._stack:
            path.append(len(outer) - 1 if isinstance(outer, list) else _part(outer_key))
        if isinstance(box, list):
            path.append(len(box))
        elif key is not None:
            path.append(_part(key))
        return tuple(path)


def _part(key: Any) -> str:
    return "<<" if key is _MERGE else str(key)


def _kind(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "a null" if value is None else "no string"
