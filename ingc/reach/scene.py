"""The objects of an input as the causes read them: indexed once, for any number of rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from ingc.diagnostics import ObjectRef
from ingc.ir import Config
from ingc.k8s.event import Event
from ingc.k8s.node import Node
from ingc.k8s.pod import Pod
from ingc.k8s.service import Service
from ingc.k8s.store import Store
from ingc.k8s.workload import Workload
from ingc.reach.labelled import Labelled, different

_CONTROLLER_LABELS = ("app.kubernetes.io/name", "app")
_CONTROLLERS = frozenset({"ingress-nginx", "nginx-ingress", "ingc"})
_USUAL_NAMESPACE = "ingress-nginx"

NODE_FIELDS = ("flannel.alpha.coreos.com/public-ip", "projectcalico.org/IPv4Address")
"""The annotations in which CNI plug-ins keep the address of a Node that they chose."""

NodeKey = tuple[str, str]
"""``InternalIP`` or one of `NODE_FIELDS`, and an address."""

Labels = Mapping[str, str]


class Scene:
    """The objects of an input, with what is looked up in them."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self._labelled: dict[str, tuple[Labelled, ...]] = {}

    @cached_property
    def pods_in(self) -> Mapping[str, tuple[Pod, ...]]:
        """The Pods of each namespace; one that is not here is not known, or has none."""
        found: dict[str, list[Pod]] = defaultdict(list)
        for pod in self.store.pods.values():
            found[pod.namespace].append(pod)
        return {namespace: tuple(pods) for namespace, pods in found.items()}

    @cached_property
    def _pods_by_label(self) -> Mapping[tuple[str, str, str], tuple[Pod, ...]]:
        found: dict[tuple[str, str, str], list[Pod]] = defaultdict(list)
        for pod in self.store.pods.values():
            for key, value in pod.labels.items():
                found[pod.namespace, key, value].append(pod)
        return {label: tuple(pods) for label, pods in found.items()}

    def selected(self, namespace: str, selector: Labels) -> tuple[Pod, ...]:
        """Return the Pods of a namespace that a Service's selector takes; an empty one takes none.

        https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
        """
        if not selector:
            return ()
        by_label = (self._pods_by_label.get((namespace, *pair), ()) for pair in selector.items())
        rarest = min(by_label, key=len)
        return tuple(pod for pod in rarest if selector.items() <= pod.labels.items())

    def labelled(self, namespace: str) -> tuple[Labelled, ...]:
        """Return the different labels that Pods of a namespace have, or shall have."""
        if namespace not in self._labelled:
            workloads = self.store.bystanders.workloads.get(namespace, ())
            pods = self.pods_in.get(namespace, ())
            self._labelled[namespace] = different(workloads, pods)
        return self._labelled[namespace]

    @cached_property
    def _makers_by_label(self) -> Mapping[tuple[str, str, str], tuple[Workload, ...]]:
        found: dict[tuple[str, str, str], list[Workload]] = defaultdict(list)
        for workloads in self.store.bystanders.workloads.values():
            for item in workloads:
                for key, value in item.labels.items():
                    found[item.namespace, key, value].append(item)
        return {label: tuple(items) for label, items in found.items()}

    def makers(self, namespace: str, selector: Labels) -> tuple[Workload, ...]:
        """Return the workloads of a namespace whose Pods a selector takes, the outermost alone."""
        if not selector:
            return ()
        by_label = (self._makers_by_label.get((namespace, *pair), ()) for pair in selector.items())
        rarest = min(by_label, key=len)
        found = [item for item in rarest if selector.items() <= item.labels.items()]
        names = {(item.kind, item.name) for item in found}
        return tuple(
            item
            for item in found
            if not any((owner.kind, owner.name) in names for owner in item.owners)
        )

    def made_by(self, maker: Workload) -> Iterator[Workload]:
        """Yield what a workload made that makes Pods in turn: a Deployment's ReplicaSets."""
        for item in self.store.bystanders.workloads.get(maker.namespace, ()):
            if any(owner.kind == maker.kind and owner.name == maker.name for owner in item.owners):
                yield item

    def events(self, kind: str, namespace: str, name: str, *reasons: str) -> tuple[Event, ...]:
        """Return the Events about an object, the latest first; of some reasons, or of all."""
        found = self.store.bystanders.events.get(ObjectRef(kind, namespace, name), ())
        return tuple(item for item in found if not reasons or item.reason in reasons)

    def pod_events(self, pod: Pod, *reasons: str) -> tuple[Event, ...]:
        """Return the Events about a Pod, the latest first; of some reasons, or of all."""
        return self.events("Pod", pod.namespace, pod.name, *reasons)

    @cached_property
    def pods_by_address(self) -> Mapping[str, tuple[Pod, ...]]:
        """The Pods that have addresses of their own and shall stay, by each address."""
        found: dict[str, list[Pod]] = defaultdict(list)
        for pod in self.store.pods.values():
            if not (pod.host_network or pod.ended or pod.deleted):
                for address in pod.addresses:
                    found[address].append(pod)
        return {address: tuple(pods) for address, pods in found.items()}

    @cached_property
    def nodes_by_address(self) -> Mapping[NodeKey, tuple[Node, ...]]:
        """The Nodes by each address, apart by where it is written: see `NODE_FIELDS`.

        One that is not ready may be what is left of a machine that came back by another name.
        """
        found: dict[NodeKey, list[Node]] = defaultdict(list)
        for node in self.store.nodes.values():
            for key in () if node.unready else node_keys(node):
                found[key].append(node)
        return {key: tuple(nodes) for key, nodes in found.items()}

    @cached_property
    def nodes_by_network(self) -> Mapping[str, tuple[Node, ...]]:
        """The Nodes by each network of their Pods."""
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.store.nodes.values():
            for network in node.pod_networks:
                found[network].append(node)
        return {network: tuple(nodes) for network, nodes in found.items()}

    @cached_property
    def pods_by_host_port(self) -> Mapping[tuple[int, str], tuple[Pod, ...]]:
        """The Pods on Nodes that have not ended, by each port of the Node and its protocol."""
        found: dict[tuple[int, str], list[Pod]] = defaultdict(list)
        for pods in self.pods_on.values():
            for pod in pods:
                for port in pod.ports:
                    if port.host_port:
                        found[port.host_port, port.protocol].append(pod)
        return {key: tuple(pods) for key, pods in found.items()}

    @cached_property
    def fronts(self) -> tuple[Service, ...]:
        """The Services that lead to nginx; none where it has a port of its Node."""
        if any(
            pod.host_network or any(port.host_port for port in pod.ports)
            for pod in self.controllers
        ):
            return ()
        return tuple(
            service
            for service in self.store.services.values()
            if service.selector
            and (
                _is_controller(service.selector)
                or any(
                    service.meta.namespace == pod.namespace
                    and service.selector.items() <= pod.labels.items()
                    for pod in self.controllers
                )
            )
        )

    @cached_property
    def pods_on(self) -> Mapping[str, tuple[Pod, ...]]:
        """The Pods on each Node that have not ended."""
        found: dict[str, list[Pod]] = defaultdict(list)
        for pod in self.store.pods.values():
            if pod.node and not pod.ended:
                found[pod.node].append(pod)
        return {node: tuple(pods) for node, pods in found.items()}

    @cached_property
    def controllers(self) -> tuple[Pod, ...]:
        """The Pods of the ingress controller, by the label that its charts give them."""
        pods = self.store.pods.values()
        return tuple(pod for pod in pods if _is_controller(pod.labels) and not pod.ended)

    @cached_property
    def controller_namespaces(self) -> tuple[str, ...]:
        """Where nginx runs, as far as the input shows; empty where it does not."""
        if self.controllers:
            return tuple(sorted({pod.namespace for pod in self.controllers}))
        there = _USUAL_NAMESPACE in self.store.namespaces
        return (_USUAL_NAMESPACE,) if there else ()

    @cached_property
    def services_named(self) -> Mapping[str, tuple[Service, ...]]:
        """The Services of each name, by namespace."""
        found: dict[str, list[Service]] = defaultdict(list)
        for service in self.store.services.values():
            found[service.meta.name].append(service)
        return {
            name: tuple(sorted(items, key=lambda item: item.meta.namespace))
            for name, items in found.items()
        }

    @cached_property
    def host_names(self) -> frozenset[str]:
        """Every name that rules serve."""
        return frozenset(name for host in self.config.hosts for name in host.names if name)

    def leads_to_nginx(self, name: str) -> bool:
        """Return whether a DNS name is that of a Service that leads to nginx."""
        parts = name.split(".")
        if len(parts) < 2 or (len(parts) > 2 and parts[2] != "svc"):
            return False
        return any([item.meta.name, item.meta.namespace] == parts[:2] for item in self.fronts)

    def serves(self, name: str) -> str:
        """Return the host of a rule that takes requests for a DNS name; ``""`` where none does."""
        wildcard = "*." + name.partition(".")[2]
        return next((item for item in (name, wildcard) if item in self.host_names), "")


def _is_controller(labels: Labels) -> bool:
    return any(labels.get(key) in _CONTROLLERS for key in _CONTROLLER_LABELS)


def node_keys(node: Node) -> tuple[NodeKey, ...]:
    """Return the addresses of a Node, by where each is written."""
    internal = [("InternalIP", address) for address in node.internal]
    chosen = [
        (name, node.annotations[name].partition("/")[0])
        for name in NODE_FIELDS
        if node.annotations.get(name)
    ]
    return tuple(dict.fromkeys((*internal, *chosen)))
