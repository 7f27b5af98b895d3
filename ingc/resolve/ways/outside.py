"""Addresses that lead to a Service from outside of its cluster: a load balancer's, externalIPs.

https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
"""

from __future__ import annotations

from ingc.k8s.service import Service, ServicePort
from ingc.resolve.lookup import Lookup, Unusable, no_endpoint
from ingc.resolve.ways.cluster import Passage
from ingc.syntax.outside import refuse_host


def ways_to_balancer(
    lookup: Lookup, service: Service, port: ServicePort
) -> list[Passage] | Unusable:
    """The addresses that ``status.loadBalancer`` has, else its names, and the Service's port."""
    if service.type != "LoadBalancer":
        fix = "make it a Service of type LoadBalancer, or use another of --backends"
        return no_endpoint(lookup, f"it is of type {service.type}, which has no load balancer", fix)
    if not service.balancers:
        why = "its load balancer is pending: its status has no address"
        fix = "take the Service from the cluster as soon as `kubectl get service` prints one"
        if service.external_ips:
            fix += "; --backends external-ips would use its externalIPs"
        return no_endpoint(lookup, why, fix)
    wanted = (lookup.protocol, port.port)
    addresses = [item for item in service.balancers if not item.dns]
    found = []
    for item in addresses or service.balancers:
        faults = (why for protocol, number, why in item.faults if (protocol, number) == wanted)
        why = next((f"it does not serve the port ({fault})" for fault in faults), "")
        why = why or (refuse_host(item.address) if item.dns else "")
        found.append(Passage("", "", (item.address,), port.port, why))
    return found


def ways_to_external_ips(
    lookup: Lookup, service: Service, port: ServicePort
) -> list[Passage] | Unusable:
    """The Service's ``externalIPs``, and its port, where the operator's own option says so.

    Whoever may write a Service may write any address there; a status, a Pod's or a Node's address
    comes from the cluster. So no annotation leads to them.
    """
    if lookup.options.backends != "external-ips":
        why = "externalIPs are whatever its author writes, so an annotation does not lead to them"
        return no_endpoint(lookup, why, "let the operator pass --backends external-ips")
    if not service.external_ips:
        fix = "add externalIPs to the Service, or use another of --backends"
        return no_endpoint(lookup, "it has no externalIPs", fix)
    return [Passage("", "", (address,), port.port) for address in service.external_ips]
