"""The Kubernetes objects in what was read: Lists are taken apart, what is no object is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingc.diagnostics import Entry, FieldPath, Origin, Sink
from ingc.diagnostics.catalogue.reading import (
    DocumentNotAnObject,
    ListItemNotAnObject,
    ListWithoutItems,
)
from ingc.load.document import Document
from ingc.load.faults import MOST_FAULTS
from ingc.load.spans import DocumentSource, Parsed
from ingc.load.text import shortened


class Objects:
    """Collects the objects of one file, and what is wrong with it.

    Entries of a List (`kind: List`, or a typed one such as `IngressList`) are objects of their
    own. Faults cost the entry that they are in, or else the whole document.
    """

    def __init__(self) -> None:
        self.sink = Sink()
        self.documents: list[Document] = []
        self._faults = 0
        self._lists = 0

    @property
    def empty(self) -> bool:
        """True if there was nothing, not even a fault or a List without entries."""
        return not (self.documents or self._lists or self.sink.diagnostics())

    def take(self, parsed: Parsed) -> int:
        """Take the objects of a document; return how many faults were found by that."""
        before = self._faults
        if isinstance(parsed.value, dict) and parsed.value:
            self._take(parsed, parsed.value, ())
        elif not parsed.refused:
            self._report(DocumentNotAnObject(_kind(parsed.value)), parsed, ())
        return self._faults - before

    def _take(self, parsed: Parsed, value: dict[str, Any], prefix: FieldPath) -> None:
        faults = [path for path in parsed.refused if path[: len(prefix)] == prefix]
        if not _is_list(value):
            if not faults:
                self.documents.append(Document(value, DocumentSource(parsed.region, prefix)))
            return
        self._lists += 1
        if any(len(path) < len(prefix) + 2 or path[len(prefix)] != "items" for path in faults):
            return
        items, path = value.get("items"), (*prefix, "items")
        if isinstance(items, list):
            for number, item in enumerate(items):
                self._take_item(parsed, item, value, (*path, number))
        elif items is not None:
            entry = ListWithoutItems(shortened(str(value["kind"])), _kind(items))
            self._report(entry, parsed, path)

    def _take_item(
        self, parsed: Parsed, item: object, of: Mapping[str, Any], path: FieldPath
    ) -> None:
        if isinstance(item, dict) and item:
            self._take(parsed, _typed(item, of), path)
        elif path not in parsed.refused and self._faults < MOST_FAULTS:
            self._report(ListItemNotAnObject(_kind(item)), parsed, path)

    def _report(self, entry: Entry, parsed: Parsed, path: FieldPath) -> None:
        self._faults += 1
        self.sink.report(entry, Origin(None, path, DocumentSource(parsed.region)))


def _is_list(value: Mapping[str, Any]) -> bool:
    kind = value.get("kind")
    return kind == "List" or (isinstance(kind, str) and kind.endswith("List") and "items" in value)


def _typed(item: dict[str, Any], of: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of a typed list with the version and kind that the list has for it."""
    kind = str(of["kind"]).removesuffix("List")
    if not kind or (item.get("kind") and item.get("apiVersion")):
        return item
    known = {"apiVersion": of.get("apiVersion"), "kind": kind}
    return {**known, **{key: value for key, value in item.items() if value or key not in known}}


def _kind(value: object) -> str:
    match value:
        case dict():
            return "a mapping" if value else "an empty mapping"
        case list():
            return "a list"
        case None:
            return "empty"
        case bool() | int() | float():
            return f"the value {str(value).lower()}"
        case _:
            return f'the text "{shortened(str(value), 30)}"'
