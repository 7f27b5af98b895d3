"""The Pods and Nodes of the input, found by labels and by name, each index made when it is used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.ways import ObjectLeftOut
from ingc.k8s.service import Service
from ingc.k8s.store import Store
from ingc.option_values import read_selector
from ingc.options import BackendMode, Options
from ingc.syntax.labels import Selector

if TYPE_CHECKING:
    from ingc.k8s.node import Node
    from ingc.k8s.pod import Pod

ZONE = "topology.kubernetes.io/zone"
NO_CONDITION = "its status does not have the condition Ready"
_Label = tuple[str, str, str]
"""A namespace, and the key and value of a label."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A Pod or Node that may lead to a Service port."""

    pod: str
    """The Pod's name; ``""`` where it is any of the Service's."""
    node: str
    """The Node's name; ``""`` where it is not known."""
    addresses: tuple[str, ...] = ()
    """Those that nginx uses."""
    port: int = 0
    why_not: str = ""
    """Why nginx does not use it; ``""`` where it does."""


@dataclass(frozen=True)
class Cluster:
    """Finds Pods and Nodes. What is broken in the input is none of them."""

    store: Store
    options: Options

    @cached_property
    def _by_label(self) -> Mapping[_Label, list[Pod]]:
        found: dict[_Label, list[Pod]] = defaultdict(list)
        for pod in self.store.pods.values():
            if not pod.broken:
                for key, value in pod.labels.items():
                    found[pod.namespace, key, value].append(pod)
        return found

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """The Nodes, by name."""
        return {name: node for name, node in self.store.nodes.items() if not node.broken}

    @cached_property
    def _selector(self) -> Selector | None:
        selector = self.options.node_selector
        return read_selector(selector) if selector else None

    @cached_property
    def _why_not(self) -> Mapping[str, str]:
        return {name: self._judge(node) for name, node in self.nodes.items()}

    def pods_of(self, service: Service) -> list[Pod]:
        """Return the Pods that a Service selects, by name.

        Only those are compared that have its rarest label, so that all Services together take no
        longer than all Pods do.
        """
        namespace, wanted = service.meta.namespace, service.selector
        candidates = (self._by_label.get((namespace, *label), []) for label in wanted.items())
        fewest = min(candidates, key=len, default=[])
        found = [pod for pod in fewest if all(pod.labels.get(key) == wanted[key] for key in wanted)]
        return sorted(found, key=lambda pod: pod.name)

    def why_not(self, node: Node) -> str:
        """Return why a Node's ports are not used; empty: they are."""
        return self._why_not[node.name]

    def _judge(self, node: Node) -> str:
        if self._selector is not None and not self._selector.matches(node.labels):
            return f"its labels do not match --node-selector {self.options.node_selector}"
        if not node.ready:
            return node.unready or NO_CONDITION
        if not self.addresses_of(node):
            return f"it has no address of type {self.address_type}"
        return ""

    def addresses_of(self, node: Node) -> tuple[str, ...]:
        """Return the addresses of the type that the options name."""
        return node.external if self.options.node_address == "external" else node.internal

    @property
    def address_type(self) -> str:
        """``InternalIP`` or ``ExternalIP``."""
        return "ExternalIP" if self.options.node_address == "external" else "InternalIP"


_DECIDE: Mapping[BackendMode, tuple[str, ...]] = {
    "pods": ("Pod",),
    "host-port": ("Pod", "Node"),
    "node-port": ("Pod", "Node"),
}
"""The kinds that decide in a mode."""


def report_broken(modes: Iterable[BackendMode | None], store: Store, sink: Sink) -> None:
    """Report what is wrong with Pods and Nodes, where Services are reached by them: ``modes`` are
    how some are reached.
    """
    used = frozenset(modes)
    for kind in {kind for mode, kinds in _DECIDE.items() if mode in used for kind in kinds}:
        for found in store.faults.get(kind, ()):
            sink.report(ObjectLeftOut(kind=kind, why=found.message), found.origin)


def of_families(addresses: tuple[str, ...], families: tuple[int, ...]) -> tuple[str, ...]:
    """Return the addresses that a Service has a family for; where that is not known, those of the
    first one's family, which is the cluster's.
    """
    if not addresses:
        return ()
    wanted = families or (family_of(addresses[0]),)
    return tuple(address for address in addresses if family_of(address) in wanted)


def family_of(address: str) -> int:
    """Return the version of IP of an address."""
    return 6 if ":" in address else 4
