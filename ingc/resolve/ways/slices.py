"""The endpoints that EndpointSlices list, or Endpoints in their place."""

from __future__ import annotations

import ipaddress

from ingc.ir import Endpoint
from ingc.k8s.endpoints import EndpointSlice, SliceEndpoint
from ingc.k8s.service import Service, ServicePort
from ingc.options import Options
from ingc.resolve.lookup import Lookup, Resolution, no_endpoint

Numbered = tuple[SliceEndpoint, int]
"""An endpoint, and the number of the Service port there."""


def by_endpoints(lookup: Lookup, _service: Service, port: ServicePort) -> Resolution:
    """Addresses from EndpointSlices or Endpoints: ready ones, else those that still serve."""
    if lookup.slices is None:
        return no_endpoint(lookup, "the input has no EndpointSlice of it", "add them to the input")
    if any(found.broken for found in lookup.slices):
        return no_endpoint(lookup, "an EndpointSlice of it has errors")
    numbered = _numbered(lookup, port)
    chosen = _nearby(_ready(numbered), lookup.options) or _last(numbered)
    if not chosen:
        return no_endpoint(lookup, _why_no_endpoint(lookup.slices, numbered, port))
    found = {Endpoint(endpoint.address, number) for endpoint, number in chosen}
    return tuple(sorted(found, key=by_address))


def serving(lookup: Lookup, port: ServicePort) -> list[Numbered]:
    """Return the endpoints that take requests, in whatever zone."""
    numbered = _numbered(lookup, port)
    return _ready(numbered) or _last(numbered)


def _numbered(lookup: Lookup, port: ServicePort) -> list[Numbered]:
    numbered: list[Numbered] = []
    for found in lookup.slices or ():
        ports = found.ports_of(lookup.protocol)
        number = next((p.number for p in ports if p.name == port.name), None)
        if number is not None:
            numbered.extend((endpoint, number) for endpoint in found.endpoints)
    return numbered


def _ready(numbered: list[Numbered]) -> list[Numbered]:
    return [item for item in numbered if item[0].ready]


def _last(numbered: list[Numbered]) -> list[Numbered]:
    return [item for item in numbered if item[0].serving and item[0].terminating]


def _nearby(ready: list[Numbered], options: Options) -> list[Numbered]:
    """Keep the endpoints that are hinted for our zone, if there are some and all have hints."""
    zone = options.topology_zone
    if not options.enable_topology_aware_routing or not all(item[0].zones for item in ready):
        return ready
    return [item for item in ready if zone in item[0].zones] or ready


def _why_no_endpoint(
    slices: tuple[EndpointSlice, ...],
    numbered: list[Numbered],
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


def by_address(endpoint: Endpoint) -> tuple[int, int, str, int]:
    """Return what endpoints are ordered by: IPv4 first, by number; then names."""
    if endpoint.dns:
        return 9, 0, endpoint.address, endpoint.port
    address = ipaddress.ip_address(endpoint.address)
    return address.version, int(address), "", endpoint.port
