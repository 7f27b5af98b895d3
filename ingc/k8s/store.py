"""All objects of the input, by kind, namespace and name."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingc.diagnostics import Diagnostic, FieldPath, ObjectRef, Origin, Related, Severity, Sink
from ingc.diagnostics.catalogue.objects import (
    ApiVersionUnknown,
    FieldMissing,
    KindMissing,
    KindsPassedOver,
    NameInvalid,
    ObjectRepeated,
)
from ingc.diagnostics.catalogue.reading import DocumentNotAnObject
from ingc.k8s import (
    config_map,
    endpoints,
    ingress,
    ingress_class,
    namespace,
    node,
    pod,
    secret,
    service,
)
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.endpoints import EndpointSlice
from ingc.k8s.fields import Fields, name_of_type
from ingc.k8s.ingress import Ingress
from ingc.k8s.ingress_class import IngressClass
from ingc.k8s.meta import LABEL_RULE, SUBDOMAIN_RULE
from ingc.k8s.namespace import Namespace
from ingc.k8s.node import Node
from ingc.k8s.pod import Pod
from ingc.k8s.secret import ABSENT, SEALED, SEALED_IN, SOPS, NoSecret, Secret
from ingc.k8s.service import Service
from ingc.load.document import Document
from ingc.syntax.host import is_label, is_subdomain

Name = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class Store:
    """The typed objects of an input."""

    ingresses: tuple[Ingress, ...]
    classes: dict[str, IngressClass]
    services: dict[Name, Service]
    slices: dict[Name, tuple[EndpointSlice, ...]]
    """By the Service that the slices belong to; Endpoints where it has no slices."""
    secrets: dict[Name, Secret]
    config_maps: dict[Name, ConfigMap]
    namespaces: dict[str, Namespace]
    pods: dict[Name, Pod]
    nodes: dict[str, Node]
    from_cluster: bool = False
    """True where a Service has an address, or an Ingress or Service a uid: a cluster gives both."""
    service_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The Services of each namespace, by name."""
    encrypted: dict[Name, NoSecret] = field(default_factory=dict)
    """The Secrets that the input has in cipher alone."""
    faults: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    """What is wrong with Pods and Nodes, by kind: of each object the first error."""

    def find_secret(self, namespace: str, name: str, sink: Sink, at: Origin) -> Secret | None:
        """Return a Secret that is named at a place, and report what is wrong with it."""
        found = self.secrets.get((namespace, name))
        if found is not None:
            found.judge(sink, at)
        return found

    def no_secret(self, namespace: str, name: str) -> NoSecret:
        """Return why a Secret is not among these."""
        return self.encrypted.get((namespace, name), ABSENT)


Typed = (
    Ingress | IngressClass | Service | EndpointSlice | Secret | ConfigMap | Namespace | Pod | Node
)
"""Objects that a caller has typed already; they are taken as they are."""


@dataclass(frozen=True, slots=True)
class _Kind:
    versions: tuple[str, ...]
    read: Callable[[Fields, ObjectRef, str], Any]
    namespaced: bool = True
    decides: bool = True
    """False where most configurations do not depend on it: what is wrong in it is reported where
    one does."""
    awaits_use: bool = False
    """What is wrong in it is reported when something names it."""


_KINDS = {
    "Ingress": _Kind((ingress.VERSION, *ingress.OLD_VERSIONS), ingress.read_ingress),
    "IngressClass": _Kind(ingress_class.VERSIONS, ingress_class.read_ingress_class, False),
    "Service": _Kind((service.VERSION,), service.read_service),
    "EndpointSlice": _Kind(endpoints.SLICE_VERSIONS, endpoints.read_endpoint_slice),
    "Endpoints": _Kind(("v1",), endpoints.read_endpoints),
    "Secret": _Kind((secret.VERSION,), secret.read_secret, awaits_use=True),
    "ConfigMap": _Kind((config_map.VERSION,), config_map.read_config_map),
    "Namespace": _Kind((namespace.VERSION,), namespace.read_namespace, False),
    "Pod": _Kind((pod.VERSION,), pod.read_pod, decides=False),
    "Node": _Kind((node.VERSION,), node.read_node, False, decides=False),
}
_GROUPS = {
    "Ingress": ("networking.k8s.io", "extensions"),
    "Service": ("",),
    "Secret": ("",),
    "ConfigMap": ("",),
    "Namespace": ("",),
    "Pod": ("",),
    "Node": ("",),
}
"""Other groups have kinds of these names too (Knative's Service); theirs are not ours."""


_DEEPEST_DIFFERENCE = 50


@dataclass(slots=True)
class _Reading:
    sink: Sink
    namespace: str
    seen: dict[ObjectRef, Document] = field(default_factory=dict)
    objects: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    others: Counter[str] = field(default_factory=Counter)
    sealed: set[Name] = field(default_factory=set)
    faults: dict[str, list[Diagnostic]] = field(default_factory=lambda: defaultdict(list))


def read_objects(documents: Iterable[Document | Typed], sink: Sink, *, namespace: str) -> Store:
    """Type, validate and index documents; ``namespace`` is that of objects that name none."""
    reading = _Reading(sink, namespace)
    for document in documents:
        if isinstance(document, Document):
            _read(document, reading)
        else:
            reading.objects[type(document).__name__].append(document)
    if reading.others:
        kinds = tuple(f"{kind} ({n})" for kind, n in sorted(reading.others.items()))
        sink.report(KindsPassedOver(kinds=kinds), Origin())
    return _index(reading)


def _read(document: Document, reading: _Reading) -> None:
    value: object = document.value
    origin = Origin(source=document.source)
    if not isinstance(value, Mapping):
        reading.sink.report(DocumentNotAnObject(found=name_of_type(value)), origin)
        return
    header = Fields(value, reading.sink, origin)
    kind, version = header.text("kind"), header.text("apiVersion")
    if not kind or not version:
        missing = "apiVersion" if kind else "kind"
        if value.get(missing) in (None, ""):
            reading.sink.report(KindMissing(missing=missing), origin.at(missing))
        return
    known = _KINDS.get(kind)
    group = version.rpartition("/")[0]
    if known is None or group not in _groups(kind, known):
        reading.others[kind] += 1
        if kind == SEALED:
            _seal(value, reading)
        return
    if known.decides:
        _read_known(document, kind, known, version, reading)
        return
    own = dataclasses.replace(reading, sink=Sink())
    _read_known(document, kind, known, version, own)
    if own.sink.errors:
        found = own.sink.diagnostics()
        reading.faults[kind].append(next(d for d in found if d.severity is Severity.ERROR))


def _read_known(
    document: Document, kind: str, known: _Kind, version: str, reading: _Reading
) -> None:
    origin = Origin(source=document.source)
    if version not in known.versions:
        entry = ApiVersionUnknown(object_kind=kind, api_version=version, wanted=known.versions[0])
        reading.sink.report(entry, origin.at("apiVersion"))
        return
    ref = _identify(document, kind, known, reading)
    if ref is None or _is_repeated(ref, document, reading):
        return
    sink = Sink() if known.awaits_use else reading.sink
    before = sink.errors
    whole = Fields(document.value, sink, Origin(ref, (), document.source))
    read = known.read(whole, ref, version)
    broken = sink.errors > before
    for typed in read if isinstance(read, tuple) else (read,):
        reading.objects[kind].append(_marked(typed, sink, known) if broken else typed)


def _marked(typed: Any, sink: Sink, known: _Kind) -> Any:
    """Return an object that is broken, with the findings if they are still to be reported."""
    if known.awaits_use:
        return dataclasses.replace(typed, faults=sink.diagnostics())
    return dataclasses.replace(typed, broken=True)


def _seal(value: Mapping[str, Any], reading: _Reading) -> None:
    """Keep the name of a Secret that stands in the input sealed."""
    metadata = value.get("metadata")
    if isinstance(metadata, Mapping):
        name = (metadata.get("namespace") or reading.namespace, metadata.get("name"))
        if isinstance(name[0], str) and isinstance(name[1], str):
            reading.sealed.add((name[0], name[1]))


def _groups(kind: str, known: _Kind) -> tuple[str, ...]:
    return _GROUPS.get(kind) or tuple(version.rpartition("/")[0] for version in known.versions)


def _identify(document: Document, kind: str, known: _Kind, reading: _Reading) -> ObjectRef | None:
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


def _is_repeated(ref: ObjectRef, document: Document, reading: _Reading) -> bool:
    earlier = reading.seen.setdefault(ref, document)
    if earlier is document:
        return False
    one, other = _named(earlier, ref), _named(document, ref)
    if not _are_equal(one, other):
        path = _first_difference(one, other)
        also = Related(Origin(ref, path, earlier.source), "first defined here")
        entry = ObjectRepeated(ref=str(ref))
        reading.sink.report(entry, Origin(ref, path, document.source), (also,))
    return True


def _named(document: Document, ref: ObjectRef) -> Mapping[str, Any]:
    """Return an object with its namespace written out: one that leaves it out may be its equal."""
    metadata = {**document.value["metadata"], "namespace": ref.namespace}
    return {**document.value, "metadata": metadata}


def _are_equal(one: object, other: object) -> bool:
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
    yield from (pair for pair in pairs if not _are_equal(pair[1], pair[2]))


def _index(reading: _Reading) -> Store:
    objects = reading.objects
    names: dict[str, list[str]] = defaultdict(list)
    for item in objects["Service"]:
        names[item.meta.namespace].append(item.meta.name)
    slices: dict[Name, list[EndpointSlice]] = defaultdict(list)
    for kind in ("EndpointSlice", "Endpoints"):
        sliced = set(slices)
        for item in objects[kind]:
            name = (item.namespace, item.service)
            if item.service and name not in sliced:
                slices[name].append(item)
    return Store(
        ingresses=tuple(objects["Ingress"]),
        classes={item.name: item for item in objects["IngressClass"]},
        services={(item.meta.namespace, item.meta.name): item for item in objects["Service"]},
        slices={name: tuple(found) for name, found in slices.items()},
        secrets={(item.namespace, item.name): item for item in objects["Secret"] if not item.sops},
        encrypted={
            **dict.fromkeys(reading.sealed, SEALED_IN),
            **{(item.namespace, item.name): SOPS for item in objects["Secret"] if item.sops},
        },
        config_maps={(item.namespace, item.name): item for item in objects["ConfigMap"]},
        namespaces={item.name: item for item in objects["Namespace"]},
        pods={(item.namespace, item.name): item for item in objects["Pod"]},
        nodes={item.name: item for item in objects["Node"]},
        from_cluster=any(item.allocated for item in objects["Service"])
        or any(item.meta.uid for kind in ("Ingress", "Service") for item in objects[kind]),
        service_names={namespace: tuple(sorted(found)) for namespace, found in names.items()},
        faults={kind: tuple(found) for kind, found in reading.faults.items()},
    )
