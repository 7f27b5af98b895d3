"""Which Ingresses use an object, so that what is wrong with it is counted as theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ingc.diagnostics import ObjectRef
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.ingress import Ingress

Users = Mapping[ObjectRef, tuple[str, ...]]
"""``namespace/name`` of Ingresses, by the object that they name."""

_NAMING = {
    "-secret": "Secret",
    "custom-headers": "ConfigMap",
    "-set-headers": "ConfigMap",
    "-configmap": "ConfigMap",
    "default-backend": "Service",
}
"""Annotations that name an object, by the ends of their names."""


def users_of(ingresses: Iterable[Ingress]) -> Users:
    """Return the Ingresses that name each Service, Secret and ConfigMap."""
    found: dict[ObjectRef, dict[str, None]] = defaultdict(dict)
    for ingress in ingresses:
        for ref in _named(ingress):
            found[ref][ingress.meta.namespaced] = None
    return {ref: tuple(names) for ref, names in found.items()}


def _named(ingress: Ingress) -> Iterator[ObjectRef]:
    namespace = ingress.meta.namespace
    backends = [path.backend for rule in ingress.rules for path in rule.paths]
    for backend in (*backends, ingress.default_backend):
        if isinstance(backend, ServiceBackend):
            yield ObjectRef("Service", namespace, backend.name)
    for entry in ingress.tls:
        if entry.secret:
            yield ObjectRef("Secret", namespace, entry.secret)
    for name, text in ingress.meta.annotations.items():
        kind = next((kind for end, kind in _NAMING.items() if name.endswith(end)), "")
        own, slash, other = text.partition("/")
        if kind:
            yield ObjectRef(kind, own if slash else namespace, other if slash else own)
