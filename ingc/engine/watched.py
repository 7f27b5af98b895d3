"""A store, and the Pods and Nodes of it, whose look-ups are noted."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingc.diagnostics import Diagnostic
from ingc.engine import objects
from ingc.engine.queries import Queries
from ingc.k8s.bystanders import Bystanders
from ingc.k8s.reading import Name
from ingc.k8s.service import Service
from ingc.k8s.store import Store
from ingc.options import Options
from ingc.resolve.ways.cluster import Cluster

if TYPE_CHECKING:
    from ingc.k8s.node import Node
    from ingc.k8s.pod import Pod


class _Watched(Mapping[Any, Any]):
    """Inputs of a kind, by key."""

    def __init__(self, queries: Queries, kind: str) -> None:
        self._queries, self._kind = queries, kind

    def __getitem__(self, key: Any) -> Any:
        found = self._queries.get(self._kind, key)
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: Any, default: Any = None) -> Any:
        found = self._queries.get(self._kind, key)
        return default if found is None else found

    def __contains__(self, key: object) -> bool:
        return self._queries.get(self._kind, key) is not None

    def __iter__(self) -> Iterator[Any]:
        return iter(self._queries.input_keys(self._kind))

    def __len__(self) -> int:
        return len(self._queries.inputs(self._kind))

    def items(self) -> ItemsView[Any, Any]:
        return self._queries.inputs(self._kind).items()

    def values(self) -> ValuesView[Any]:
        return self._queries.inputs(self._kind).values()


class _WatchedBystanders(Bystanders):
    """The objects beside a configuration, of which Pods and Nodes may be looked up."""

    def __init__(self, queries: Queries) -> None:
        super().__init__()
        self._queries = queries

    def current(self) -> Bystanders:
        """Return the objects as they are now."""
        found: Bystanders = self._queries.get(objects.BESIDE, None)
        return found

    @property
    def pods(self) -> Mapping[Name, Pod]:
        return self.current().pods

    @property
    def nodes(self) -> Mapping[str, Node]:
        return self.current().nodes

    @property
    def faults(self) -> Mapping[str, tuple[Diagnostic, ...]]:
        return self.current().faults


def watched_store(queries: Queries, *, complete: bool) -> Store:
    """Return a store that notes what is looked up in it, by name.

    ``complete`` is its `Store.from_cluster`. It lists no object with rules.
    """
    return Store(
        ingresses=(),
        classes=_Watched(queries, objects.CLASS),
        services=_Watched(queries, objects.SERVICE),
        slices=_Watched(queries, objects.SLICES),
        secrets=_Watched(queries, objects.SECRET),
        config_maps=_Watched(queries, objects.CONFIG_MAP),
        namespaces=_Watched(queries, objects.NAMESPACE),
        bystanders=_WatchedBystanders(queries),
        from_cluster=complete,
        service_names=_Watched(queries, objects.SERVICES_OF),
        secret_namespaces=_Watched(queries, objects.PLACES),
        encrypted=_Watched(queries, objects.ENCRYPTED),
    )


@dataclass(frozen=True)
class WatchedCluster(Cluster):
    """Finds Pods and Nodes among those that there are now."""

    current: Callable[[], Cluster]
    """Notes that they are looked up."""

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The Nodes, by name."""
        return self.current().nodes

    def pods_of(self, service: Service) -> list[Pod]:
        """Return the Pods that a Service selects, by name."""
        return self.current().pods_of(service)

    def why_not(self, node: Node) -> str:
        """Return why a Node's ports are not used; empty: they are."""
        return self.current().why_not(node)


def watched_cluster(queries: Queries, store: Store, options: Options) -> WatchedCluster:
    """Return what finds the Pods and Nodes of a watched store, with indexes of them as they are."""
    made: dict[int, tuple[Bystanders, Cluster]] = {}

    def current() -> Cluster:
        beside: Bystanders = queries.get(objects.BESIDE, None)
        known = made.get(id(beside))
        if known is None:
            made.clear()
            plain = Store((), {}, {}, {}, {}, {}, {}, bystanders=beside)
            known = made[id(beside)] = (beside, Cluster(plain, options))
        return known[1]

    return WatchedCluster(store, options, current)
