"""Pods that a Service selects: at their own addresses, or at ports of their Nodes (hostPort).

https://kubernetes.io/docs/concepts/services-networking/service/ has which Pods belong to a Service
and take its requests; an EndpointSlice is not needed for it.
"""

from __future__ import annotations

import dataclasses
import ipaddress
from typing import TYPE_CHECKING

from ingc.k8s.service import Service, ServicePort
from ingc.resolve.lookup import Lookup, Unusable, no_endpoint
from ingc.resolve.ways.cluster import NO_CONDITION, ZONE, Passage, of_families

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingc.k8s.container import ContainerPort
    from ingc.k8s.pod import Pod

    Place = Callable[[Lookup, Service, ServicePort, Pod], Passage]
    """From a Pod to where nginx reaches it, or why nowhere, whether it is ready or not."""


def ways_to_pods(lookup: Lookup, service: Service, port: ServicePort) -> list[Passage] | Unusable:
    """The addresses of the Pods, and their own port: ``targetPort``."""
    return _ways(lookup, service, port, at_its_address)


def ways_to_host_ports(
    lookup: Lookup, service: Service, port: ServicePort
) -> list[Passage] | Unusable:
    """The addresses of the Pods' Nodes, and the ``hostPort`` of the ``targetPort`` there."""
    return _ways(lookup, service, port, _at_its_node)


def _ways(
    lookup: Lookup, service: Service, port: ServicePort, place: Place
) -> list[Passage] | Unusable:
    found = taking(lookup, service, port, place)
    return found if isinstance(found, Unusable) else _nearby(found, lookup, service)


def at_its_address(lookup: Lookup, service: Service, port: ServicePort, pod: Pod) -> Passage:
    """Return a Pod's own address, with the port that is meant there."""
    target = port.target_port
    if isinstance(target, str):
        named = _declared(pod, target, lookup.protocol)
        if not named:
            return Passage(pod.name, pod.node, why_not=_lacks(pod, target))
        target = named[0].number
    addresses = of_families(pod.addresses, service.families)
    why = "" if addresses else _NO_FAMILY if pod.addresses else "its status has no address"
    return Passage(pod.name, pod.node, addresses, target, why)


_NO_FAMILY = "it has no address that the Service has a family for"


def taking(
    lookup: Lookup, service: Service, port: ServicePort, place: Place = at_its_address
) -> list[Passage] | Unusable:
    """Return the Pods of a Service, in whatever zone, with a reason for those that take nothing."""
    if not service.selector:
        fix = "add a selector, or let its EndpointSlices be used: endpoints"
        return no_endpoint(lookup, "it has no selector, so no Pod is known to be of it", fix)
    pods = lookup.cluster.pods_of(service)
    if not pods:
        labels = ",".join(f"{key}={value}" for key, value in sorted(service.selector.items()))
        why = f"its selector {labels} chooses none of the input's Pods"
        return no_endpoint(lookup, why, "add the Pods to the input, with their status")
    places = [(pod, place(lookup, service, port, pod)) for pod in pods]
    found = [_judged(way, _why_unready(pod, service)) for pod, way in places]
    if all(way.why_not for way in found):
        # As kube-proxy does: those that end and still serve, where no other is there.
        found = [_judged(way, _why_not_last(pod, service)) for pod, way in places]
    return found


def _judged(way: Passage, why: str) -> Passage:
    return dataclasses.replace(way, why_not=why) if why else way


def _why_unready(pod: Pod, service: Service) -> str:
    if pod.ended:
        return pod.unready
    if service.publishes_unready:
        return ""
    if pod.terminating:
        return "it is terminating"
    return "" if pod.ready else pod.unready or NO_CONDITION


def _why_not_last(pod: Pod, service: Service) -> str:
    last = pod.terminating and pod.ready and not pod.ended
    return "" if last else _why_unready(pod, service)


def _at_its_node(lookup: Lookup, service: Service, port: ServicePort, pod: Pod) -> Passage:
    ports = _declared(pod, port.target_port, lookup.protocol)
    declared = next((item for item in ports if item.host_port), None)
    number = declared.host_port if declared is not None else 0
    if not ports and pod.host_network and isinstance(port.target_port, int):
        number = port.target_port  # a process of the Node needs no declaration
    if not number:
        lacks = f"no port {port.target_port} of it has a hostPort"
        return Passage(
            pod.name, pod.node, why_not=lacks if ports else _lacks(pod, port.target_port)
        )
    own = declared.host_address if declared is not None else ""
    if own and not ipaddress.ip_address(own).is_unspecified:
        return Passage(pod.name, pod.node, (own,), number)
    addresses, why = _addresses_of_node(lookup, pod)
    addresses = of_families(addresses, service.families)
    if not why and not addresses:
        why = f"Node {pod.node} has no address that the Service has a family for"
    return Passage(pod.name, pod.node, addresses, number, why)


def _addresses_of_node(lookup: Lookup, pod: Pod) -> tuple[tuple[str, ...], str]:
    """Return the addresses of a Pod's Node, or why it is not used."""
    cluster, options = lookup.cluster, lookup.options
    node = cluster.nodes.get(pod.node)
    if node is not None:
        why = cluster.why_not(node)
        return cluster.addresses_of(node), f"Node {node.name}: {why}" if why else ""
    if pod.node in cluster.store.nodes:
        return (), f"Node {pod.node} has errors"
    if options.node_selector or options.node_address == "external":
        return (), f"Node {pod.node or '(not known)'} is not in the input"
    return pod.host_addresses, "" if pod.host_addresses else "its status has no address of its Node"


def _declared(pod: Pod, target: int | str, protocol: str) -> list[ContainerPort]:
    """Return the ports of containers that are meant; of a Pod's address the first is."""
    ports = (item for item in pod.ports if item.protocol == protocol)
    return [item for item in ports if target in (item.number, item.name)]


def _lacks(pod: Pod, target: int | str) -> str:
    has = ", ".join(map(str, pod.ports)) or "none"
    return f"it has no port {target}; it has {has}"


def _nearby(found: list[Passage], lookup: Lookup, service: Service) -> list[Passage]:
    """Leave out Pods of other zones, where the Service prefers that and our zone has some."""
    options = lookup.options
    if not (options.enable_topology_aware_routing and service.prefers_zone):
        return found
    nodes = lookup.cluster.nodes
    zones = {way.node: nodes[way.node].labels.get(ZONE) for way in found if way.node in nodes}
    if not any(zones.get(way.node) == options.topology_zone for way in found if not way.why_not):
        return found
    return [
        way
        if way.why_not or zones.get(way.node) == options.topology_zone
        else _judged(way, f"it is not in zone {options.topology_zone}")
        for way in found
    ]
