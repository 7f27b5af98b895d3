"""The routes that a machine outside of the cluster needs to the addresses of Pods.

Each Node forwards to the Pods of its own networks (``spec.podCIDRs``), so that the machine reaches
a Pod by way of the Pod's Node.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ingc.resolve.ways.cluster import Cluster, family_of
from ingc.syntax.address import Network, read_address, read_network

if TYPE_CHECKING:
    from ingc.k8s.node import Node


@dataclass(frozen=True, slots=True)
class PodRoute:
    """A network of Pods, and the Node that leads to it."""

    node: str
    network: str
    """CIDR."""
    via: str
    """The Node's address, of the network's family."""


@dataclass(frozen=True, slots=True)
class PodRoutes:
    """The routes to the Pods, and why there are not more of them."""

    routes: tuple[PodRoute, ...]
    """By the Node's name, in the order of ``podCIDRs``."""
    missing: tuple[str, ...]
    """What has no route, and why, in words."""
    clashes: tuple[str, ...]
    """What keeps the routes from working, in words."""


_Known = tuple[tuple[int, int], Network, PodRoute]
"""The family and first address of a network, the network, and its route."""


def _known(route: PodRoute) -> _Known:
    network = read_network(route.network)
    return (network.version, int(network.network_address)), network, route


def pod_routes(cluster: Cluster, own: Iterable[str] = ()) -> PodRoutes:
    """Return the routes for all Nodes: ready ones or not, since a Node may be ready again.

    ``own`` are networks (CIDR) that the machine reaches already.
    """
    routes: list[PodRoute] = []
    missing: list[str] = []
    nodes = sorted(cluster.nodes.values(), key=lambda node: node.name)
    for node in nodes:
        if not node.pod_networks:
            missing.append(f"Node {node.name} has no podCIDRs")
        for network in node.pod_networks:
            family = family_of(network)
            addresses = (item for item in cluster.addresses_of(node) if family_of(item) == family)
            via = next(addresses, None)
            if via is None:
                why = f"has no IPv{family} address of type {cluster.address_type}"
                missing.append(f"Node {node.name} {why} to route {network} by")
            else:
                routes.append(PodRoute(node.name, network, via))
    known = sorted(map(_known, routes), key=lambda item: item[0])
    clashes = (*_of_nodes(known), *_of_addresses(known, nodes, cluster), *_of_own(routes, own))
    return PodRoutes(tuple(routes), tuple(missing), clashes)


def _of_nodes(known: Sequence[_Known]) -> Iterator[str]:
    """Sorted by their beginnings, networks that overlap are beside one another."""
    for (_, first, one), (_, second, other) in pairwise(known):
        if _overlap(first, second):
            yield f"{one.network} of Node {one.node} overlaps {other.network} of Node {other.node}"


def _of_addresses(
    known: Sequence[_Known], nodes: Iterable[Node], cluster: Cluster
) -> Iterator[str]:
    begins = [item[0] for item in known]
    for node in nodes:
        for text in cluster.addresses_of(node):
            address = read_address(text)
            at = bisect_right(begins, (address.version, int(address))) - 1
            if at >= 0 and address in known[at][1]:
                route = known[at][2]
                where = f"{route.network} of Node {route.node}"
                yield f"{where} holds {text}, the address of Node {node.name}"


def _of_own(routes: list[PodRoute], own: Iterable[str]) -> Iterator[str]:
    for text in own:
        for route in routes:
            if _overlap(read_network(route.network), read_network(text)):
                yield f"{route.network} of Node {route.node} overlaps {text}, which is yours"


def _overlap(one: Network, other: Network) -> bool:
    # Of two families none overlaps, and mypy is to see that they are of one.
    return one.version == other.version and (
        one.network_address in other or other.network_address in one
    )
