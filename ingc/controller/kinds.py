"""The kinds of objects that are read, and where the API has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingc.controller.options import ControllerOptions
from ingc.kinds import USUAL, RuleKind

_BY_PODS_AND_NODES = frozenset({"pods", "node-port", "host-port"})
"""Values of `ingc.Options.backends`."""
_BULKY = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True)
class WatchedKind:
    """A kind of the API."""

    kind: str
    version: str
    """``v1``, ``networking.k8s.io/v1``."""
    plural: str
    namespaced: bool = True
    by_metadata: bool = False
    """Whether only metadata are listed and watched: most of these objects are nobody's business
    here."""
    endpoints: bool = False
    """Whether it says where Pods are, and nothing else, so that its changes may wait longer."""
    reads_status: bool = True
    """Whether the compiler reads its status; of an Ingress the controller writes it itself."""

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of a collection, or of one object; no namespace: those of all."""
        parts = ["/apis" if "/" in self.version else "/api", self.version]
        if namespace:
            parts += ("namespaces", namespace)
        parts.append(self.plural)
        if name:
            parts.append(name)
        return "/".join(parts)

    def as_read(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return an object with its kind, which items of lists lack, without what nobody reads."""
        meta = {key: value for key, value in meta_of(item).items() if key != "managedFields"}
        annotations = meta.get("annotations")
        if isinstance(annotations, dict) and _BULKY in annotations:
            meta["annotations"] = {k: v for k, v in annotations.items() if k != _BULKY}
        return {**item, "apiVersion": self.version, "kind": self.kind, "metadata": meta}


def meta_of(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metadata of an object; none where the answer is another."""
    meta = item.get("metadata")
    return meta if isinstance(meta, dict) else {}


def watched(kind: RuleKind) -> WatchedKind:
    """Return where the API has objects with rules of a kind."""
    return WatchedKind(kind.name, kind.version, kind.resource)


INGRESS = replace(watched(USUAL), reads_status=False)
INGRESS_CLASS = WatchedKind("IngressClass", "networking.k8s.io/v1", "ingressclasses", False)
SERVICE = WatchedKind("Service", "v1", "services")
ENDPOINT_SLICE = WatchedKind(
    "EndpointSlice", "discovery.k8s.io/v1", "endpointslices", endpoints=True
)
SECRET = WatchedKind("Secret", "v1", "secrets", by_metadata=True)
CONFIG_MAP = WatchedKind("ConfigMap", "v1", "configmaps", by_metadata=True)
NAMESPACE = WatchedKind("Namespace", "v1", "namespaces", False)
POD = WatchedKind("Pod", "v1", "pods", endpoints=True)
NODE = WatchedKind("Node", "v1", "nodes", False)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection that is listed and watched."""

    kind: WatchedKind
    namespace: str = ""
    """Empty: all namespaces, or a kind that has none."""
    optional: bool = False
    """Whether a cluster may lack it, or refuse it: then there are no such objects."""

    @property
    def path(self) -> str:
        """Its path below the API server."""
        return self.kind.path(self.namespace)

    def __str__(self) -> str:
        return f"{self.kind.plural} of {self.namespace}" if self.namespace else self.kind.plural


def sources(options: ControllerOptions) -> tuple[Collection, ...]:
    """Return what has to be read for these options; each collection once."""
    given, namespaces = options.compile, options.watched
    named = (given.configmap, given.tcp_services_configmap, given.udp_services_configmap)
    certificate = given.default_ssl_certificate or ""
    found = [
        *_of(INGRESS, namespaces),
        Collection(INGRESS_CLASS, optional=bool(namespaces)),
        *_of(SERVICE, namespaces, (given.default_backend_service,)),
        *_of(ENDPOINT_SLICE, namespaces, (given.default_backend_service,)),
        *_of(CONFIG_MAP, namespaces, named),
        *_of(SECRET, namespaces, (*named, certificate if "," not in certificate else None)),
    ]
    for kind in options.others:
        own = _of(watched(kind), namespaces)
        found += (Collection(item.kind, item.namespace, True) for item in own)
    if options.pods or given.backends in _BY_PODS_AND_NODES:
        found += (*_of(POD, namespaces, (given.default_backend_service,)), Collection(NODE))
    if given.watch_namespace_selector is not None:
        found.append(Collection(NAMESPACE))
    return tuple(found)


def _of(
    kind: WatchedKind, namespaces: tuple[str, ...], named: Iterable[str | None] = ()
) -> tuple[Collection, ...]:
    """Return a kind in namespaces, and in those of objects that options name."""
    if not namespaces:
        return (Collection(kind),)
    others = (name.partition("/")[0] for name in named if name)
    return tuple(Collection(kind, namespace) for namespace in dict.fromkeys((*namespaces, *others)))
