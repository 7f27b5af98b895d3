"""Where an address stands that a way leads to."""

from __future__ import annotations

from ingc.diagnostics import Origin
from ingc.k8s.service import Service
from ingc.resolve.lookup import Lookup


def place_of_way(service: Service, address: str, lookup: Lookup) -> Origin:
    """Return the field that has an address: of the Service, of one of its Pods, or of a Node."""
    if lookup.mode == "external-ips":
        return service.origin.at("spec", "externalIPs", service.external_ips.index(address))
    if lookup.mode == "load-balancer":
        index = [item.address for item in service.balancers].index(address)
        return service.origin.at("status", "loadBalancer", "ingress", index, "ip")
    if lookup.mode != "node-port":
        for pod in lookup.cluster.pods_of(service):
            if address in (*pod.addresses, *pod.host_addresses):
                return pod.origin.at("status")
            if any(address == port.host_address for port in pod.ports):
                return pod.origin.at("spec", "containers")
    for node in lookup.cluster.nodes.values():
        if address in lookup.cluster.addresses_of(node):
            return node.origin.at("status", "addresses")
    return service.origin.at("spec", "clusterIP")
