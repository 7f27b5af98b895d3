"""The Kubernetes objects in what was read: Lists are taken apart, what is no object is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingc.diagnostics import Entry, FieldPath, Origin, Sink
from ingc.diagnostics.catalogue.reading import (
    DocumentNotAnObject,
    ListItemNotAnObject,
    ListWithoutItems,
)
from ingc.load.document import Document
from ingc.load.spans import DocumentSource, Parsed
from ingc.load.text import shortened


def objects(parsed: Parsed, sink: Sink) -> Iterator[Document]:
    """Yield the objects of a document; none for one that is empty.

    Entries of a List (`kind: List`, or a typed one such as `IngressList`) are objects of their
    own. Faults cost the entry that they are in, or else the whole document.
    """
    if parsed.value is None:
        return
    if isinstance(parsed.value, dict):
        yield from _objects(parsed, parsed.value, (), sink)
    elif not parsed.refused:
        _report(DocumentNotAnObject(_kind(parsed.value)), parsed, (), sink)


def _objects(
    parsed: Parsed, value: Mapping[str, Any], prefix: FieldPath, sink: Sink
) -> Iterator[Document]:
    faults = [path for path in parsed.refused if path[: len(prefix)] == prefix]
    kind = value.get("kind")
    if not _is_list(value):
        if not faults:
            yield Document(value, DocumentSource(parsed.region, prefix))
        return
    if any(path[len(prefix) : len(prefix) + 1] != ("items",) for path in faults):
        return
    items = value.get("items")
    items_path = (*prefix, "items")
    if items_path in faults:
        return
    if not isinstance(items, list | None):
        entry = ListWithoutItems(shortened(str(kind)), _kind(items))
        _report(entry, parsed, items_path, sink)
        return
    for number, item in enumerate(items or ()):
        path = (*items_path, number)
        if isinstance(item, dict):
            yield from _objects(parsed, _typed(item, value), path, sink)
        elif path not in faults:
            _report(ListItemNotAnObject(_kind(item)), parsed, path, sink)


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


def _report(entry: Entry, parsed: Parsed, path: FieldPath, sink: Sink) -> None:
    sink.report(entry, Origin(None, path, DocumentSource(parsed.region)))


def _kind(value: object) -> str:
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None:
            return "empty"
        case bool() | int() | float():
            return f"the value {str(value).lower()}"
        case _:
            return f'the text "{shortened(str(value), 30)}"'
