"""One document → one typed object: who it is, what is wrong in it, whether it came before."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingc.diagnostics import FieldPath, ObjectRef, Origin, Related, Sink
from ingc.diagnostics.catalogue.objects import (
    ApiVersionUnknown,
    FieldMissing,
    NameInvalid,
    ObjectRepeated,
)
from ingc.k8s.fields import Fields
from ingc.k8s.meta import LABEL_RULE, SUBDOMAIN_RULE
from ingc.load.document import Document
from ingc.syntax.host import is_label, is_subdomain

Name = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object: its API versions, the preferred one first, and what reads it."""

    versions: tuple[str, ...]
    read: Callable[[Fields, ObjectRef, str], Any]
    namespaced: bool = True
    awaits_use: bool = False
    """What is wrong in it is reported when something names it."""
    decides: bool = True
    """False where what is wrong in it is nothing to report."""


_DEEPEST_DIFFERENCE = 50


@dataclass(slots=True)
class ObjectReading:
    """What was read so far, and where findings go."""

    sink: Sink
    namespace: str
    seen: dict[ObjectRef, Document] = field(default_factory=dict)
    objects: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    others: Counter[str] = field(default_factory=Counter)
    sealed: set[Name] = field(default_factory=set)
    """The Secrets that the input has sealed."""
    beside: list[Document] = field(default_factory=list)
    """Objects that decide nothing; they are typed when something is to be explained."""


def read_document(
    document: Document, kind: str, version: str, known: Kind, reading: ObjectReading
) -> None:
    """Type and validate an object of a known kind, and add it to those that were read."""
    value, origin = document.value, Origin(source=document.source)
    if version not in known.versions:
        entry = ApiVersionUnknown(object_kind=kind, api_version=version, wanted=known.versions[0])
        reading.sink.report(entry, origin.at("apiVersion"))
        return
    ref = _identify(document, kind, known, reading)
    if ref is None or _is_repeated(ref, document, reading):
        return
    sink = Sink() if known.awaits_use else reading.sink
    before = sink.errors
    read = known.read(Fields(value, sink, Origin(ref, (), document.source)), ref, version)
    broken = known.decides and sink.errors > before
    for typed in read if isinstance(read, tuple) else (read,):
        reading.objects[kind].append(_marked(typed, sink, known) if broken else typed)


def _marked(typed: Any, sink: Sink, known: Kind) -> Any:
    """Return an object that is broken, with the findings if they are still to be reported."""
    if known.awaits_use:
        return dataclasses.replace(typed, faults=sink.diagnostics())
    return dataclasses.replace(typed, broken=True)


def _identify(
    document: Document, kind: str, known: Kind, reading: ObjectReading
) -> ObjectRef | None:
    origin = Origin(ObjectRef(kind, "", "(unnamed)"), (), document.source)
    whole = Fields(document.value, reading.sink, origin)
    metadata = whole.mapping("metadata")
    if metadata is None:
        if document.value.get("metadata") is None:
            whole.report(FieldMissing(field_name="name"), "metadata", "name")
        return None
    errors = reading.sink.errors
    name = metadata.required("name")
    namespace = metadata.text("namespace") or reading.namespace
    if reading.sink.errors > errors:
        return None
    origin = Origin(source=document.source)
    if known.namespaced and not is_label(namespace):
        entry = NameInvalid(field_name="namespace", value=namespace, rule=LABEL_RULE)
        reading.sink.report(entry, origin.at("metadata", "namespace"))
        return None
    strict = kind in ("Service", "Namespace")
    if not (is_label(name) if strict else is_subdomain(name)):
        rule = LABEL_RULE if strict else SUBDOMAIN_RULE
        entry = NameInvalid(field_name="name", value=name, rule=rule)
        reading.sink.report(entry, origin.at("metadata", "name"))
        return None
    return ObjectRef(kind, namespace if known.namespaced else "", name)


def _is_repeated(ref: ObjectRef, document: Document, reading: ObjectReading) -> bool:
    earlier = reading.seen.setdefault(ref, document)
    if earlier is document:
        return False
    one, other = _named(earlier, ref), _named(document, ref)
    if not are_equal(one, other):
        path = _first_difference(one, other)
        also = Related(Origin(ref, path, earlier.source), "first defined here")
        entry = ObjectRepeated(ref=str(ref))
        reading.sink.report(entry, Origin(ref, path, document.source), (also,))
    return True


def _named(document: Document, ref: ObjectRef) -> Mapping[str, Any]:
    """Return an object with its namespace written out: one that leaves it out may be its equal."""
    metadata = {**document.value["metadata"], "namespace": ref.namespace}
    return {**document.value, "metadata": metadata}


def are_equal(one: object, other: object) -> bool:
    """Return whether two values are equal; those that are too deep to compare are not."""
    try:
        return one == other
    except RecursionError:  # nested without end, which only a caller of the library can do
        return False


def _first_difference(one: object, other: object) -> FieldPath:
    """Return the first field, in the order of the later object, in which two objects differ."""
    path: FieldPath = ()
    while len(path) < _DEEPEST_DIFFERENCE:
        inner = next(_differences(one, other), None)
        if inner is None:
            break
        step, one, other = inner
        path += (step,)
    return path


def _differences(one: object, other: object) -> Iterator[tuple[str | int, object, object]]:
    """Yield the fields directly below two values in which they differ, and both values there."""
    pairs: Iterable[tuple[str | int, object, object]] = ()
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = dict.fromkeys([*other, *one])
        pairs = ((key, one.get(key), other.get(key)) for key in keys)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = ((n, a, b) for n, (a, b) in enumerate(zip(one, other, strict=True)))
    yield from (pair for pair in pairs if not are_equal(pair[1], pair[2]))
