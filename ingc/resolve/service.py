"""A Service port → its endpoints: one function per backend mode.

A mode takes what the input knows of a Service port and returns the endpoints, or why there
are none. To add a mode, write its function and list it in `MODES`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingc.diagnostics import Entry, Origin
from ingc.diagnostics.catalogue.backends import (
    BackendIsAlbAction,
    ExternalNameUnusable,
    NoClusterIp,
    NoUsableEndpoint,
    PortBehindHeadlessUnknown,
    PortNameUnresolved,
    PortNotInService,
    ServiceNotInInput,
)
from ingc.ir import Endpoint, service_name
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.endpoints import EndpointSlice, SliceEndpoint
from ingc.k8s.service import Service, ServicePort
from ingc.k8s.store import Store
from ingc.options import BackendMode, Options
from ingc.syntax.host import is_address
from ingc.syntax.near import nearest
from ingc.syntax.outside import refuse_host


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the input knows of one Service port."""

    namespace: str
    backend: ServiceBackend
    service: Service | None
    slices: tuple[EndpointSlice, ...] | None
    """``None`` where the input has no slice of the Service."""
    options: Options
    by_address: bool = False
    """True where the Service's own address is wanted, if it has one."""
    protocol: str = "TCP"
    """That, or ``UDP``."""
    complete: bool = False
    """True where the input has all Services."""
    beside: tuple[str, ...] = ()
    """The Services of the namespace, by name."""

    @property
    def name(self) -> str:
        """``namespace/name`` of the Service."""
        return f"{self.namespace}/{self.backend.name}"

    def port(self) -> ServicePort | None:
        """The Service's port that the rule means."""
        if self.service is None:
            return None
        return self.service.find_port(self.backend.port, self.protocol)


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a Service port can't be served: the finding, and its place where that is not the rule."""

    why: Entry
    at: Origin | None = None


Endpoints = tuple[Endpoint, ...]
Resolution = Endpoints | Unusable


def look_up(
    namespace: str,
    backend: ServiceBackend,
    store: Store,
    options: Options,
    protocol: str = "TCP",
) -> Lookup:
    """Gather what the input knows of a backend."""
    key = (namespace, backend.name)
    service, slices = store.services.get(key), store.slices.get(key)
    return Lookup(
        namespace,
        backend,
        service,
        slices,
        options,
        protocol=protocol,
        complete=is_complete(store, options),
        beside=store.service_names.get(namespace, ()),
    )


def is_complete(store: Store, options: Options) -> bool:
    """Return whether a Service that is not in the input does not exist.

    What comes from a cluster has all Services, unless the operator states otherwise; manifests
    may be a part of what is applied.
    """
    return store.from_cluster and not options.partial


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
    if lookup.by_address and service.cluster_ip and not service.headless:
        return by_cluster_ip(lookup, service, port)
    return MODES[lookup.options.backends](lookup, service, port)


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


def by_endpoints(lookup: Lookup, _service: Service, port: ServicePort) -> Resolution:
    """Addresses from EndpointSlices or Endpoints: ready ones, else those that still serve."""
    if lookup.slices is None:
        return _no_endpoint(lookup, "the input has no EndpointSlice of it", "add them to the input")
    if any(found.broken for found in lookup.slices):
        return _no_endpoint(lookup, "an EndpointSlice of it has errors")
    numbered: list[tuple[SliceEndpoint, int]] = []
    for found in lookup.slices:
        ports = found.ports_of(lookup.protocol)
        number = next((p.number for p in ports if p.name == port.name), None)
        if number is not None:
            numbered.extend((endpoint, number) for endpoint in found.endpoints)
    ready = [item for item in numbered if item[0].ready]
    still = [item for item in numbered if item[0].serving and item[0].terminating]
    chosen = _nearby(ready, lookup.options) or still
    if not chosen:
        return _no_endpoint(lookup, _why_no_endpoint(lookup.slices, numbered, port))
    return tuple(
        sorted({Endpoint(endpoint.address, number) for endpoint, number in chosen}, key=_address)
    )


def _nearby(
    ready: list[tuple[SliceEndpoint, int]], options: Options
) -> list[tuple[SliceEndpoint, int]]:
    """Keep the endpoints that are hinted for our zone, if there are some and all have hints."""
    zone = options.topology_zone
    if not options.enable_topology_aware_routing or not all(item[0].zones for item in ready):
        return ready
    return [item for item in ready if zone in item[0].zones] or ready


def _why_no_endpoint(
    slices: tuple[EndpointSlice, ...],
    numbered: list[tuple[SliceEndpoint, int]],
    port: ServicePort,
) -> str:
    total = sum(len(found.endpoints) for found in slices)
    if not total:
        return "its EndpointSlices list no endpoint"
    if not numbered:
        return f'no EndpointSlice has a port named "{port.name}"'
    return (
        f"of its {len(numbered)} endpoints none is ready"
        if len(numbered) > 1
        else "its one endpoint is not ready"
    )


_CHECK_PODS = "check the Service's selector and targetPort, and whether its Pods are ready"


def _no_endpoint(lookup: Lookup, why: str, fix: str = _CHECK_PODS) -> Unusable:
    port = str(lookup.backend.port)
    return Unusable(NoUsableEndpoint(service=lookup.name, port=port, why=why, fix=fix))


def _address(endpoint: Endpoint) -> tuple[int, int, int]:
    address = ipaddress.ip_address(endpoint.address)
    return address.version, int(address), endpoint.port


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


MODES: Mapping[BackendMode, Callable[[Lookup, Service, ServicePort], Resolution]] = {
    "auto": by_most_precise,
    "endpoints": by_endpoints,
    "cluster-ip": by_cluster_ip,
    "dns": by_dns,
}
"""The backend modes. A mode for nginx outside the cluster is one more function here."""
