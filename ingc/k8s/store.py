"""All objects of the input, by kind, namespace and name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from ingc.diagnostics import Diagnostic, ObjectRef, Origin, Sink
from ingc.diagnostics.catalogue.objects import (
    ClientObjectUnknown,
    FieldsInSnakeCase,
    KindMissing,
    KindsPassedOver,
)
from ingc.diagnostics.catalogue.reading import DocumentNotAnObject
from ingc.k8s import (
    config_map,
    endpoints,
    ingress,
    ingress_class,
    namespace,
    secret,
    service,
)
from ingc.k8s.bystanders import GROUPS_BESIDE, Bystanders
from ingc.k8s.client_objects import ClientObject, NoPlainForm, is_client_object, plain_object
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.endpoints import EndpointSlice
from ingc.k8s.fields import Fields, name_of_type
from ingc.k8s.ingress import Ingress
from ingc.k8s.ingress_class import IngressClass
from ingc.k8s.namespace import Namespace
from ingc.k8s.reading import Kind, Name, ObjectReading, read_document
from ingc.k8s.ruled import KIND_OF, READINGS, TYPES, RuleObject
from ingc.k8s.secret import ABSENT, SEALED, SEALED_IN, SOPS, NoSecret, Secret
from ingc.k8s.service import Service
from ingc.kinds import KINDS
from ingc.load.document import Document


@dataclass(frozen=True, slots=True)
class Store:
    """The typed objects of an input."""

    ingresses: tuple[Ingress, ...]
    classes: Mapping[str, IngressClass]
    services: Mapping[Name, Service]
    slices: Mapping[Name, tuple[EndpointSlice, ...]]
    """By the Service that the slices belong to; Endpoints where it has no slices."""
    secrets: Mapping[Name, Secret]
    config_maps: Mapping[Name, ConfigMap]
    namespaces: Mapping[str, Namespace]
    bystanders: Bystanders = field(default_factory=Bystanders)
    """The objects that explain; they are typed at first use."""
    from_cluster: bool = False
    """True where a Service has an address, or an object with rules or a Service a uid: a cluster
    gives both."""
    service_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The Services of each namespace, by name."""
    secret_namespaces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The namespaces that have a Secret of a name, sorted."""
    encrypted: Mapping[Name, NoSecret] = field(default_factory=dict)
    """The Secrets that the input has in cipher alone."""
    others: tuple[RuleObject, ...] = ()
    """The objects with rules that are no Ingresses, kind by kind."""

    @property
    def pods(self) -> Mapping[Name, Pod]:
        """The Pods, typed at first use; `faults` has what is wrong in them."""
        return self.bystanders.pods

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The Nodes, typed at first use; `faults` has what is wrong in them."""
        return self.bystanders.nodes

    @property
    def faults(self) -> Mapping[str, tuple[Diagnostic, ...]]:
        """What is wrong with Pods and Nodes, by kind: of each object the first error."""
        return self.bystanders.faults

    def find_secret(self, namespace: str, name: str, sink: Sink, at: Origin) -> Secret | None:
        """Return a Secret that is named at a place, and report what is wrong with it."""
        found = self.secrets.get((namespace, name))
        if found is not None:
            found.judge(sink, at)
        return found

    def no_secret(self, namespace: str, name: str) -> NoSecret:
        """Return why a Secret is not among these."""
        return self.encrypted.get((namespace, name), ABSENT)


if TYPE_CHECKING:
    from ingc.k8s.node import Node
    from ingc.k8s.pod import Pod

    Typed = (
        Ingress
        | RuleObject
        | IngressClass
        | Service
        | EndpointSlice
        | Secret
        | ConfigMap
        | Namespace
        | Pod
        | Node
    )
    """Objects that a caller has typed already; they are taken as they are."""

_EAGER = (
    Ingress,
    *TYPES,
    IngressClass,
    Service,
    EndpointSlice,
    Secret,
    ConfigMap,
    Namespace,
)
_LAZY = frozenset({("ingc.k8s.pod", "Pod"), ("ingc.k8s.node", "Node")})


def is_typed(value: object) -> TypeGuard[Typed]:
    """Return whether a caller has typed an object; loads no kind that nobody has used."""
    kind = type(value)
    return isinstance(value, _EAGER) or (kind.__module__, kind.__name__) in _LAZY


_KINDS = {
    "Ingress": Kind((ingress.VERSION, *ingress.OLD_VERSIONS), ingress.read_ingress),
    **READINGS,
    "IngressClass": Kind(ingress_class.VERSIONS, ingress_class.read_ingress_class, False),
    "Service": Kind((service.VERSION,), service.read_service),
    "EndpointSlice": Kind(endpoints.SLICE_VERSIONS, endpoints.read_endpoint_slice),
    "Endpoints": Kind(("v1",), endpoints.read_endpoints),
    "Secret": Kind((secret.VERSION,), secret.read_secret, awaits_use=True),
    "ConfigMap": Kind((config_map.VERSION,), config_map.read_config_map),
    "Namespace": Kind((namespace.VERSION,), namespace.read_namespace, False),
}
_GROUPS = {
    "Ingress": ("networking.k8s.io", "extensions"),
    "Service": ("",),
    "Secret": ("",),
    "ConfigMap": ("",),
    "Namespace": ("",),
}
"""Other groups have kinds of these names too (Knative's Service); theirs are not ours."""


_VERSIONS = {kind: known.versions for kind, known in _KINDS.items()} | {
    kind: tuple(f"{group}/v1".removeprefix("/") for group in groups)
    for kind, groups in GROUPS_BESIDE.items()
}


def version_of(kind: str) -> str | None:
    """Return the ``apiVersion`` of a kind that is read, the newest; ``None`` for other kinds."""
    versions = _VERSIONS.get(kind)
    return versions[0] if versions else None


_OF_CLUSTERS = (*(kind.name for kind in KINDS), "Service")
"""Kinds whose uid shows that the input comes from a cluster."""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document that was typed and validated by itself, to be indexed with others."""

    kind: str
    objects: tuple[Any, ...]
    """What it is, of the kind; empty where it is none."""
    findings: tuple[Diagnostic, ...] = ()
    beside: Document | None = None
    """Itself, where it decides nothing and may explain something."""
    other: str = ""
    """Its kind, where that is passed over."""
    sealed: Name | None = None
    """The Secret that it is the cipher of."""

    @property
    def of_cluster(self) -> bool:
        """Whether only a cluster gives what it has."""
        return shows_cluster(self.kind, self.objects)


def read_alone(
    given: Document | Typed, *, namespace: str = "default", strict: bool = False
) -> ReadDocument:
    """Type and validate one document, without looking at others."""
    if not isinstance(given, Document):
        name = type(given).__name__
        return ReadDocument(KIND_OF.get(name, name), (given,))
    sink = Sink(strict=strict)
    reading = ObjectReading(sink, namespace)
    _read(given, reading)
    kind, objects = next(iter(reading.objects.items()), ("", []))
    return ReadDocument(
        kind,
        tuple(objects),
        sink.diagnostics(),
        next(iter(reading.beside), None),
        next(iter(reading.others), ""),
        next(iter(reading.sealed), None),
    )


def shows_cluster(kind: str, objects: Iterable[Any]) -> bool:
    """Return whether objects have what only a cluster gives: an address of a Service, or a uid."""
    return any(
        (kind in _OF_CLUSTERS and item.meta.uid) or (kind == "Service" and item.allocated)
        for item in objects
    )


def key_of(
    given: Mapping[str, Any] | ClientObject | Typed, namespace: str
) -> tuple[str, str, str, str]:
    """Return kind, namespace, name and API group of an object; ``""`` for what it does not have.

    The group is ``""`` for the kinds that are read, whatever their version. ``namespace`` is that
    of objects that name none. Raises `ValueError` for a typed object without an origin.
    """
    if is_typed(given):
        ref = given.origin.object
        if ref is None:
            raise ValueError("a typed object needs an origin that names the object")
        return ref.kind, ref.namespace, ref.name, ""
    fields = _fields_of(given)
    kind, version = _text(fields, "kind"), _text(fields, "apiVersion")
    group = version.rpartition("/")[0]
    known = _KINDS.get(kind)
    is_read = known is not None and group in _groups(kind, known)
    metadata = fields.get("metadata")
    about: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    scope = "" if known and not known.namespaced else _text(about, "namespace") or namespace
    return kind, scope, _text(about, "name"), "" if is_read else group


def _fields_of(given: object) -> Mapping[str, Any]:
    try:
        found: object = as_api_object(given)
    except NoPlainForm:
        found = {}
    return found if isinstance(found, Mapping) else {}


def _text(fields: Mapping[str, Any], name: str) -> str:
    found = fields.get(name)
    return found if isinstance(found, str) else ""


def read_objects(
    documents: Iterable[Document | ReadDocument | Typed], sink: Sink, *, namespace: str
) -> Store:
    """Type, validate and index documents; ``namespace`` is that of objects that name none."""
    reading = ObjectReading(sink, namespace)
    for document in documents:
        if isinstance(document, Document):
            _read(document, reading)
        elif isinstance(document, ReadDocument):
            _take(document, reading)
        else:
            _take(read_alone(document), reading)
    report_passed_over(reading.others, sink)
    return _index(reading)


def _take(document: ReadDocument, reading: ObjectReading) -> None:
    """Add a document that was read alone."""
    if document.objects:
        reading.objects[document.kind].extend(document.objects)
    reading.sink.extend(document.findings)
    if document.beside is not None:
        reading.beside.append(document.beside)
    if document.other:
        reading.others[document.other] += 1
    if document.sealed is not None:
        reading.sealed.add(document.sealed)


def report_passed_over(others: Mapping[str, int], sink: Sink) -> None:
    """Report the kinds of objects that are passed over, with how many there are."""
    if others:
        kinds = tuple(f"{kind} ({n})" for kind, n in sorted(others.items()))
        sink.report(KindsPassedOver(kinds=kinds), Origin())


def as_api_object(value: Any) -> Mapping[str, Any]:
    """Return the object of a caller as the API writes it: a dict as it is, a client's as a dict.

    Raises `NoPlainForm` where that is not known how.
    """
    return plain_object(value, _VERSIONS) if is_client_object(value) else value


def _read(document: Document, reading: ObjectReading) -> None:
    origin = Origin(source=document.source)
    if is_client_object(document.value):
        try:
            document = Document(as_api_object(document.value), document.source)
        except NoPlainForm as error:
            reading.sink.report(ClientObjectUnknown(found=str(error)), origin)
            return
    value: object = document.value
    if not isinstance(value, Mapping):
        reading.sink.report(DocumentNotAnObject(found=name_of_type(value)), origin)
        return
    header = Fields(value, reading.sink, origin)
    kind, version = header.text("kind"), header.text("apiVersion")
    if not version and "api_version" in value:
        at = Origin(_claimed(kind, value), ("api_version",), document.source, key=True)
        reading.sink.report(FieldsInSnakeCase(), at)
        return
    if not kind or not version:
        missing = "apiVersion" if kind else "kind"
        if value.get(missing) in (None, ""):
            reading.sink.report(KindMissing(missing=missing), origin.at(missing))
        return
    known = _KINDS.get(kind)
    group = version.rpartition("/")[0]
    if known is not None and group in _groups(kind, known):
        read_document(document, kind, version, known, reading)
    elif group in GROUPS_BESIDE.get(kind, ()):
        reading.beside.append(document)
    else:
        reading.others[kind] += 1
        if kind == SEALED:
            _seal(value, reading)


def _claimed(kind: str, value: Mapping[str, Any]) -> ObjectRef | None:
    """Return who an object says that it is, as far as that goes."""
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return ObjectRef(kind or "Object", "", name) if isinstance(name, str) else None


def _seal(value: Mapping[str, Any], reading: ObjectReading) -> None:
    """Keep the name of a Secret that stands in the input sealed."""
    metadata = value.get("metadata")
    if isinstance(metadata, Mapping):
        name = (metadata.get("namespace") or reading.namespace, metadata.get("name"))
        if isinstance(name[0], str) and isinstance(name[1], str):
            reading.sealed.add((name[0], name[1]))


def _groups(kind: str, known: Kind) -> tuple[str, ...]:
    return _GROUPS.get(kind) or tuple(version.rpartition("/")[0] for version in known.versions)


def _index(reading: ObjectReading) -> Store:
    objects = reading.objects
    names: dict[str, list[str]] = defaultdict(list)
    for item in objects["Service"]:
        names[item.meta.namespace].append(item.meta.name)
    secrets = {(item.namespace, item.name): item for item in objects["Secret"] if not item.sops}
    places: dict[str, list[str]] = defaultdict(list)
    for place, name in secrets:
        places[name].append(place)
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
        secrets=secrets,
        encrypted={
            **dict.fromkeys(reading.sealed, SEALED_IN),
            **{(item.namespace, item.name): SOPS for item in objects["Secret"] if item.sops},
        },
        config_maps={(item.namespace, item.name): item for item in objects["ConfigMap"]},
        namespaces={item.name: item for item in objects["Namespace"]},
        bystanders=Bystanders(
            reading.beside, objects["Pod"], objects["Node"], namespace=reading.namespace
        ),
        from_cluster=any(shows_cluster(kind, objects[kind]) for kind in _OF_CLUSTERS),
        service_names={namespace: tuple(sorted(found)) for namespace, found in names.items()},
        secret_namespaces={name: tuple(sorted(found)) for name, found in places.items()},
        others=tuple(item for kind in READINGS for item in objects[kind]),
    )
