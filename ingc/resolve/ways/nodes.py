"""Nodes that forward a port of theirs to a Service: type NodePort, and LoadBalancer too.

https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingc.k8s.service import Service, ServicePort
from ingc.resolve.lookup import Lookup, Unusable, no_endpoint
from ingc.resolve.ways.cluster import Passage, of_families
from ingc.resolve.ways.pods import taking
from ingc.resolve.ways.slices import serving

if TYPE_CHECKING:
    from ingc.k8s.node import Node

_EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"
"""https://kubernetes.io/docs/reference/labels-annotations-taints/"""


def ways_to_node_ports(
    lookup: Lookup, service: Service, port: ServicePort
) -> list[Passage] | Unusable:
    """The addresses of the Nodes, and the Service port's ``nodePort``."""
    if not port.node_port:
        if service.type in ("NodePort", "LoadBalancer"):
            why = "no nodePort is allocated for it"
            return no_endpoint(lookup, why, "take the Service from the cluster, or write nodePort")
        fix = "make it a Service of type NodePort, or use another of --backends"
        return no_endpoint(lookup, f"it is of type {service.type}, which has no nodePort", fix)
    nodes = lookup.cluster.nodes
    if not nodes:
        fix = "add the Nodes to the input, with their status"
        return no_endpoint(lookup, "the input has no Node", fix)
    having = _having_a_pod(lookup, service, port) if service.local else frozenset(nodes)
    if isinstance(having, Unusable):
        return having
    return [_way(lookup, service, port, node, having) for _, node in sorted(nodes.items())]


def _way(
    lookup: Lookup, service: Service, port: ServicePort, node: Node, having: frozenset[str]
) -> Passage:
    cluster = lookup.cluster
    addresses = of_families(cluster.addresses_of(node), service.families)
    why = cluster.why_not(node)
    if not why and _EXCLUDED in node.labels:
        why = f"it has the label {_EXCLUDED}"
    if not why and not addresses:
        why = "it has no address that the Service has a family for"
    if not why and node.name not in having:
        why = "no ready Pod of the Service is there, and externalTrafficPolicy is Local"
    return Passage("", node.name, addresses, port.node_port, why)


def _having_a_pod(lookup: Lookup, service: Service, port: ServicePort) -> frozenset[str] | Unusable:
    """Return the Nodes that have a Pod which takes requests: by EndpointSlices, else by Pods."""
    if lookup.slices is not None:
        pods = lookup.cluster.store.pods
        found = (endpoint for endpoint, _ in serving(lookup, port))
        named = (
            endpoint.node or pods[lookup.namespace, endpoint.pod].node
            for endpoint in found
            if endpoint.node or (lookup.namespace, endpoint.pod) in pods
        )
        return frozenset(named)
    ways = taking(lookup, service, port)
    if isinstance(ways, Unusable):
        why = "externalTrafficPolicy is Local, and the input does not say where its Pods are"
        return no_endpoint(lookup, why, "add its EndpointSlices or its Pods to the input")
    return frozenset(way.node for way in ways if not way.why_not)
