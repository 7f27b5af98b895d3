"""A Service port → its endpoints: one function per backend mode.

A mode takes what the input knows of a Service port and returns the endpoints, or why there
are none. To add a mode, write its function and list it in `MODES`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from ingc.diagnostics.catalogue.backends import (
    BackendIsAlbAction,
    ExternalNameUnusable,
    NoClusterIp,
    PortBehindHeadlessUnknown,
    PortNameUnresolved,
    PortNotInService,
    ServiceNotInInput,
)
from ingc.ir import Endpoint, service_name
from ingc.k8s.service import Service, ServicePort
from ingc.options import BackendMode
from ingc.resolve.lookup import CHECK_PODS, Lookup, Resolution, Unusable, no_endpoint
from ingc.resolve.ways.cluster import Passage
from ingc.resolve.ways.nodes import ways_to_node_ports
from ingc.resolve.ways.outside import ways_to_balancer, ways_to_external_ips
from ingc.resolve.ways.pods import ways_to_host_ports, ways_to_pods
from ingc.resolve.ways.slices import by_address, by_endpoints
from ingc.syntax.host import is_address
from ingc.syntax.near import nearest
from ingc.syntax.outside import refuse_host


def resolve_service(lookup: Lookup) -> Resolution:
    """Return the endpoints of a Service port in the mode that the options select."""
    service = lookup.service
    if service is None:
        return _resolve_unknown(lookup)
    if service.type == "ExternalName":
        return _by_external_name(lookup, service)
    port = lookup.port()
    if port is None:
        listed = service.ports_of(lookup.protocol)
        ports = tuple(f"{p.port} ({p.name})" if p.name else str(p.port) for p in listed)
        return Unusable(
            PortNotInService(
                service=lookup.name, port=str(lookup.backend.port), ports=ports or ("none",)
            )
        )
    inside = lookup.mode not in OUTSIDE
    if lookup.by_address and inside and service.cluster_ip and not service.headless:
        return by_cluster_ip(lookup, service, port)
    return MODES[lookup.mode](lookup, service, port)


_ACTION = "use-annotation"
"""The port that says to the AWS load balancer controller: the Service's name is an action's."""


def _resolve_unknown(lookup: Lookup) -> Resolution:
    """A Service that is not in the input is reached by its DNS name, where the mode allows."""
    mode = lookup.options.backends
    if lookup.complete or mode not in ("auto", "dns"):
        return _missing(lookup)
    port = lookup.backend.port
    if isinstance(port, str):
        if port == _ACTION:
            return Unusable(BackendIsAlbAction(action=lookup.backend.name))
        numbers = lookup.options.assume_port
        assumed = numbers.get(f"{lookup.name}:{port}", numbers.get(port))
        if assumed is None:
            return Unusable(PortNameUnresolved(service=lookup.name, port=port))
        port = assumed
    return (_dns_endpoint(lookup, port),)


def _missing(lookup: Lookup) -> Unusable:
    why = f"which --backends {lookup.options.backends} needs"
    fix = "add the Service to the input, or use --backends auto"
    if lookup.complete:
        why = "which comes from a cluster"
        fix = "add the Service, or pass --partial where the input lacks Services"
    near = nearest(lookup.backend.name, lookup.beside)
    if near:
        fix = f"did you mean {near}? Else {fix}"
    return Unusable(ServiceNotInInput(service=lookup.name, why=why, fix=fix))


def _dns_endpoint(lookup: Lookup, port: int) -> Endpoint:
    name = service_name(lookup.namespace, lookup.backend.name, lookup.options.cluster_domain)
    return Endpoint(name, port, dns=True)


def _by_external_name(lookup: Lookup, service: Service) -> Resolution:
    name = service.external_name.removesuffix(".").lower()
    why = _refuse_name(name)
    if lookup.options.disable_svc_external_name:
        why = "--disable-svc-external-name keeps such Services out"
    if why:
        entry = ExternalNameUnusable(
            service=lookup.name, external_name=service.external_name, why=why
        )
        return Unusable(entry, service.origin.at("spec", "externalName"))
    listed, wanted = lookup.port(), lookup.backend.port
    if listed is not None:
        # ingress-nginx takes a numeric targetPort, which is the external server's own port.
        target = listed.target_port
        number = target if isinstance(target, int) else listed.port
    elif isinstance(wanted, int):
        number = wanted
    else:
        return Unusable(PortNotInService(service=lookup.name, port=wanted, ports=("none",)))
    return (Endpoint(name, number, dns=True),)


def _refuse_name(name: str) -> str:
    return "it is an IP address" if is_address(name) else refuse_host(name)


def by_cluster_ip(lookup: Lookup, service: Service, port: ServicePort) -> Resolution:
    """The Service's virtual address."""
    if service.headless or not service.cluster_ip:
        why = "it is headless" if service.headless else "the manifest has none"
        return Unusable(NoClusterIp(service=lookup.name, why=why))
    return (Endpoint(service.cluster_ip, port.port),)


def by_dns(lookup: Lookup, service: Service, port: ServicePort) -> Resolution:
    """The Service's DNS name; behind a headless one are the Pods, so the port is theirs."""
    if not service.headless:
        return (_dns_endpoint(lookup, port.port),)
    if isinstance(port.target_port, int):
        return (_dns_endpoint(lookup, port.target_port),)
    entry = PortBehindHeadlessUnknown(service=lookup.name, port=str(lookup.backend.port))
    return Unusable(entry)


def by_most_precise(lookup: Lookup, service: Service, port: ServicePort) -> Resolution:
    """The most precise that the input allows: slices, even empty ones, then IP, then name."""
    if lookup.slices is not None:
        return by_endpoints(lookup, service, port)
    if service.cluster_ip and not service.headless:
        return by_cluster_ip(lookup, service, port)
    return by_dns(lookup, service, port)


WAYS: Mapping[BackendMode, Callable[[Lookup, Service, ServicePort], list[Passage] | Unusable]] = {
    "pods": ways_to_pods,
    "node-port": ways_to_node_ports,
    "host-port": ways_to_host_ports,
    "load-balancer": ways_to_balancer,
    "external-ips": ways_to_external_ips,
}
"""The modes that choose among Pods, Nodes or addresses, each with a reason for those left out."""

OUTSIDE = frozenset({"node-port", "host-port", "load-balancer", "external-ips"})
"""The modes that pass by the Service's own address: nginx may be where it leads nowhere."""


def _by_ways(mode: BackendMode) -> Callable[[Lookup, Service, ServicePort], Resolution]:
    def resolve(lookup: Lookup, service: Service, port: ServicePort) -> Resolution:
        ways = WAYS[mode](lookup, service, port)
        if isinstance(ways, Unusable):
            return ways
        found = {
            Endpoint(address, way.port, dns=not is_address(address))
            for way in ways
            if not way.why_not
            for address in way.addresses
        }
        if found:
            return tuple(sorted(found, key=by_address))
        return no_endpoint(lookup, _why_none(ways, *_NOUNS[mode]), _CHECK[mode])

    return resolve


def _why_none(ways: list[Passage], one: str, many: str) -> str:
    """Return the reasons of all that are left out, the commonest first."""
    if len(ways) == 1:
        return f"the one {one} is left out: {ways[0].why_not}"
    reasons = Counter(way.why_not for way in ways).most_common(_MOST_REASONS + 1)
    listed = "; ".join(f"{why} ({count})" for why, count in reasons[:_MOST_REASONS])
    others = "; and others" if len(reasons) > _MOST_REASONS else ""
    return f"all {len(ways)} {many} are left out: {listed}{others}"


_MOST_REASONS = 3
_NOUNS: Mapping[BackendMode, tuple[str, str]] = {
    "pods": ("Pod", "Pods"),
    "node-port": ("Node", "Nodes"),
    "host-port": ("Pod", "Pods"),
    "load-balancer": ("address", "addresses"),
    "external-ips": ("address", "addresses"),
}
_CHECK: Mapping[BackendMode, str] = {
    "pods": CHECK_PODS,
    "node-port": "check the Nodes, --node-selector and --node-address",
    "host-port": "check the Pods, their hostPort, their Nodes, --node-selector and --node-address",
    "load-balancer": "check the Service's status",
    "external-ips": "check the Service's externalIPs",
}

MODES: Mapping[BackendMode, Callable[[Lookup, Service, ServicePort], Resolution]] = {
    "auto": by_most_precise,
    "endpoints": by_endpoints,
    "cluster-ip": by_cluster_ip,
    "dns": by_dns,
    **{mode: _by_ways(mode) for mode in WAYS},
}
"""The backend modes."""
