"""The objects as inputs of `ingc.engine.queries`, and the store of all of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingc.diagnostics import Severity, Sink
from ingc.engine.queries import Queries
from ingc.k8s.bystanders import Bystanders
from ingc.k8s.reading import Name
from ingc.k8s.ruled import READINGS
from ingc.k8s.secret import SEALED_IN, SOPS
from ingc.k8s.store import ReadDocument, Store, report_passed_over


class ObjectKey(NamedTuple):
    """Which object one is. Two versions of one kind are the same object, as in a cluster."""

    kind: str
    namespace: str
    """``""`` for kinds of cluster scope."""
    name: str
    group: str = ""
    """The API group of a kind that the compiler does not read; ``""`` for those that it does."""


BESIDE = "beside"
"""An input of one key, ``None``."""
SERVICE, SLICES, SECRET, ENCRYPTED = "Service", "slices", "Secret", "encrypted"
CONFIG_MAP, NAMESPACE, CLASS = "ConfigMap", "Namespace", "IngressClass"
INGRESS, OTHER, SERVICES_OF = "Ingress", "object with rules", "Services of a namespace"
"""Of objects with rules that are no Ingresses, and the Services of each namespace."""
PLACES = "namespaces of Secrets"
"""By the Secrets' name."""
WAYS = "ways of Services"
"""By the backend mode that Services have of their own."""

_NAMED: Mapping[str, tuple[str, Callable[[Any], Hashable]]] = {
    "Service": (SERVICE, lambda item: (item.meta.namespace, item.meta.name)),
    "ConfigMap": (CONFIG_MAP, lambda item: (item.namespace, item.name)),
    "Namespace": (NAMESPACE, lambda item: item.name),
    "IngressClass": (CLASS, lambda item: item.name),
}
_LISTED = frozenset({"", "Pod", "Node", INGRESS, *READINGS})
"""Kinds whose objects are listed in the order of their keys; ``""``: those beside."""
_BEFORE_ALL = -1


class _Groups:
    """Names in groups; a group without a name is none."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, group: str, name: str) -> None:
        insort(self._names.setdefault(group, []), name)

    def remove(self, group: str, name: str) -> None:
        names = self._names[group]
        del names[bisect_left(names, name)]
        if not names:
            del self._names[group]

    def names(self, group: str) -> tuple[str, ...] | None:
        """Return the names of a group, sorted; ``None``: it has none."""
        return tuple(self._names.get(group, ())) or None


@dataclass(slots=True)
class _Row:
    """Objects of one name, by their keys; more than one only where a caller has typed them."""

    by_key: dict[ObjectKey, list[Any]] = field(default_factory=dict)

    def objects(self) -> list[Any]:
        """Return them in the order of their keys."""
        return [item for key in sorted(self.by_key) for item in self.by_key[key]]


class ObjectIndex:
    """Puts objects into queries, each under the names by which it is looked up."""

    def __init__(self, queries: Queries, namespace: str) -> None:
        """``namespace`` is that of objects that name none."""
        self._queries = queries
        self._namespace = namespace
        self._read: dict[ObjectKey, ReadDocument] = {}
        self._keys: dict[str, list[ObjectKey]] = {}
        self._rows: dict[tuple[str, Hashable], _Row] = {}
        self._services = _Groups()
        """The Services of each namespace."""
        self._secrets = _Groups()
        """The namespaces of each Secret's name."""
        self._ways: Counter[str] = Counter()
        self._others: Counter[str] = Counter()
        self._sealed: Counter[Name] = Counter()
        self._kept: dict[str, Any] = {}
        self._listed: dict[str, list[Any]] = {kind: [] for kind in (INGRESS, *READINGS)}
        """In the order of their keys."""
        self.errors = 0
        """How many errors were found in reading."""
        queries.put(BESIDE, None, Bystanders(namespace=namespace))

    def put(self, key: ObjectKey, read: ReadDocument | None) -> None:
        """Take an object in place of what was there; ``None``: there is none any more."""
        before = self._read.pop(key, None)
        if read is not None:
            self._read[key] = read
        old = before or _NONE
        new = read or _NONE
        for kind in dict.fromkeys((old.kind, new.kind)):
            theirs = old.objects if kind == old.kind else ()
            ours = new.objects if kind == new.kind else ()
            self._move(kind, key, theirs, ours)
        if old.beside is not new.beside:
            self._move("", key, (old.beside,) * (old.beside is not None), (new.beside,))
        self._count(old, -1)
        self._count(new, 1)
        ledger = self._queries.findings
        if old.findings or new.findings:
            ledger.replace((_BEFORE_ALL, "\0".join(key)), old.findings, new.findings)

    def _count(self, read: ReadDocument, by: int) -> None:
        self.errors += by * sum(item.severity is Severity.ERROR for item in read.findings)
        for way in {item.backends for item in read.objects} if read.kind == "Service" else ():
            if way is not None:
                self._ways[way] += by
                self._queries.put(WAYS, way, self._ways[way] > 0 or None)
        if read.other:
            self._others[read.other] += by
        if read.sealed is not None:
            self._sealed[read.sealed] += by
            if not self._sealed[read.sealed]:
                del self._sealed[read.sealed]
            self._encrypted(read.sealed)

    def _move(self, kind: str, key: ObjectKey, old: Iterable[Any], new: Iterable[Any]) -> None:
        old, new = [i for i in old if i is not None], [i for i in new if i is not None]
        if not (old or new):
            return
        self._kept.pop(kind, None)
        if kind in _LISTED:
            self._list(kind, key, old, new)
        elif kind in ("EndpointSlice", "Endpoints"):
            self._put_slices(kind, key, old, new)
        elif kind == "Secret":
            self._put_secrets(key, old, new)
        else:
            self._put_named(kind, key, old, new)

    def _list(self, kind: str, key: ObjectKey, old: list[Any], new: list[Any]) -> None:
        keys = self._keys.setdefault(kind, [])
        place = bisect_left(keys, key)
        keys[place : place + bool(old)] = [key] * bool(new)
        if kind in self._listed:
            self._queries.put(INGRESS if kind == INGRESS else OTHER, key, new[0] if new else None)
            self._listed[kind][place : place + bool(old)] = new
        else:
            self._kept.pop(BESIDE, None)

    def _set_rows(
        self,
        kind: str,
        name_of: Callable[[Any], Hashable],
        key: ObjectKey,
        old: list[Any],
        new: list[Any],
    ) -> dict[Hashable, None]:
        """Note objects by name; return the names of which something changed."""
        names = dict.fromkeys(map(name_of, (*old, *new)))
        for item in old:
            self._rows[kind, name_of(item)].by_key.pop(key, None)
        for item in new:
            row = self._rows.setdefault((kind, name_of(item)), _Row())
            row.by_key.setdefault(key, []).append(item)
        for name in names:
            if not self._rows[kind, name].by_key:
                del self._rows[kind, name]
        return names

    def _found(self, kind: str, name: Hashable) -> list[Any]:
        row = self._rows.get((kind, name))
        return row.objects() if row is not None else []

    def _put_named(self, kind: str, key: ObjectKey, old: list[Any], new: list[Any]) -> None:
        cell, name_of = _NAMED[kind]
        for name in self._set_rows(kind, name_of, key, old, new):
            found = self._found(kind, name)
            self._queries.put(cell, name, found[-1] if found else None)
        if kind == "Service" and {item.meta.name for item in old} != {i.meta.name for i in new}:
            self._kept.pop(SERVICES_OF, None)
            for item in old:
                self._services.remove(item.meta.namespace, item.meta.name)
            for item in new:
                self._services.add(item.meta.namespace, item.meta.name)
            for namespace in {item.meta.namespace for item in (*old, *new)}:
                self._queries.put(SERVICES_OF, namespace, self._services.names(namespace))

    def _put_slices(self, kind: str, key: ObjectKey, old: list[Any], new: list[Any]) -> None:
        old, new = ([item for item in items if item.service] for items in (old, new))
        for name in self._set_rows(kind, lambda i: (i.namespace, i.service), key, old, new):
            # Endpoints count where a Service has no slices.
            found = self._found("EndpointSlice", name) or self._found("Endpoints", name)
            self._queries.put(SLICES, name, tuple(found) or None)
            self._kept.pop("EndpointSlice", None)

    def _put_secrets(self, key: ObjectKey, old: list[Any], new: list[Any]) -> None:
        for name in self._set_rows("Secret", lambda i: (i.namespace, i.name), key, old, new):
            plain = [item for item in self._found("Secret", name) if not item.sops]
            self._place_secret(name, there=bool(plain))
            self._queries.put(SECRET, name, plain[-1] if plain else None)
            self._encrypted(name)

    def _place_secret(self, place: Any, *, there: bool) -> None:
        if there == (self._queries.get(SECRET, place) is not None):
            return
        namespace, name = place
        (self._secrets.add if there else self._secrets.remove)(name, namespace)
        self._queries.put(PLACES, name, self._secrets.names(name))
        self._kept.pop(PLACES, None)

    def _encrypted(self, name: Hashable) -> None:
        why = SEALED_IN if name in self._sealed else None
        if any(item.sops for item in self._found("Secret", name)):
            why = SOPS
        self._queries.put(ENCRYPTED, name, why)
        self._kept.pop("Secret", None)

    # ---- all of them

    def close(self) -> None:
        """Put what is made of many objects."""
        if BESIDE not in self._kept:
            beside = Bystanders(
                self._all(""), self._all("Pod"), self._all("Node"), namespace=self._namespace
            )
            self._kept[BESIDE] = beside
            self._queries.put(BESIDE, None, beside)

    def report_passed_over(self, sink: Sink) -> None:
        """Report the kinds of objects that are passed over."""
        report_passed_over(+self._others, sink)

    def store(self, *, complete: bool) -> Store:
        """Return a store of all objects, which later changes do not change.

        ``complete`` is its `Store.from_cluster`.
        """
        self.close()
        return Store(
            ingresses=tuple(self._listed[INGRESS]),
            classes=self._mapping("IngressClass", CLASS),
            services=self._mapping("Service", SERVICE),
            slices=self._mapping("EndpointSlice", SLICES),
            secrets=self._mapping("Secret", SECRET),
            config_maps=self._mapping("ConfigMap", CONFIG_MAP),
            namespaces=self._mapping("Namespace", NAMESPACE),
            bystanders=self._kept[BESIDE],
            from_cluster=complete,
            service_names=self._mapping(SERVICES_OF, SERVICES_OF),
            secret_namespaces=self._mapping(PLACES, PLACES),
            encrypted=dict(self._queries.inputs(ENCRYPTED)),
            others=tuple(item for kind in READINGS for item in self._listed[kind]),
        )

    def _all(self, kind: str) -> Iterator[Any]:
        for key in self._keys.get(kind, ()):
            yield from self._read[key].objects if kind else (self._read[key].beside,)

    def _mapping(self, kind: str, cell: str) -> Mapping[Any, Any]:
        found: Mapping[Any, Any] = self._keep(kind, lambda: dict(self._queries.inputs(cell)))
        return found

    def _keep(self, kind: str, make: Callable[[], Any]) -> Any:
        if kind not in self._kept:
            self._kept[kind] = make()
        return self._kept[kind]


_NONE = ReadDocument("", ())
