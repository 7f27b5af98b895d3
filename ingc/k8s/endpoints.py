"""discovery.k8s.io EndpointSlice, and v1 Endpoints read as slices."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.diagnostics.catalogue.backends import AddressTypeUnsupported
from ingc.diagnostics.catalogue.objects import FieldMissing
from ingc.k8s.backend import check_port_number
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta
from ingc.k8s.service import check_address

SERVICE_LABEL = "kubernetes.io/service-name"
SLICE_VERSIONS = ("discovery.k8s.io/v1", "discovery.k8s.io/v1beta1")


@dataclass(frozen=True, slots=True)
class SlicePort:
    """One TCP or UDP port of a slice."""

    name: str
    """The Service port's name; ``""`` for an unnamed one."""
    number: int


@dataclass(frozen=True, slots=True)
class SliceEndpoint:
    """One address and whether it takes requests."""

    address: str
    ready: bool
    serving: bool
    terminating: bool
    zones: tuple[str, ...] = ()
    """The zones whose clients it is hinted for."""
    pod: str = ""
    """The Pod that has the address, where the object names it."""
    node: str = ""
    """The Node of that Pod, where the object names it."""


@dataclass(frozen=True, slots=True)
class EndpointSlice:
    """Endpoints of one Service that share their ports."""

    namespace: str
    service: str
    """The Service's name; ``""`` where the slice belongs to none."""
    ports: tuple[SlicePort, ...]
    """The TCP ports."""
    endpoints: tuple[SliceEndpoint, ...]
    origin: Origin
    broken: bool = False
    udp_ports: tuple[SlicePort, ...] = ()

    def ports_of(self, protocol: str) -> tuple[SlicePort, ...]:
        """Return the ports of a protocol, ``TCP`` or ``UDP``."""
        return self.udp_ports if protocol == "UDP" else self.ports


def read_endpoint_slice(fields: Fields, ref: ObjectRef, _version: str) -> tuple[EndpointSlice, ...]:
    """Read an EndpointSlice, reporting each finding."""
    meta = read_meta(fields, ref)
    address_type = fields.text("addressType", "IPv4")
    service = meta.labels.get(SERVICE_LABEL, "")
    if address_type not in ("IPv4", "IPv6"):
        fields.report(AddressTypeUnsupported(address_type=address_type), "addressType")
        return (EndpointSlice(ref.namespace, service, (), (), fields.origin),)
    endpoints = []
    for endpoint in fields.mappings("endpoints"):
        address = _first_address(endpoint)
        if address:
            endpoints.append(_read_conditions(endpoint, address))
    tcp, udp = _read_ports(fields)
    origin = fields.origin
    found = EndpointSlice(ref.namespace, service, tcp, tuple(endpoints), origin, udp_ports=udp)
    return (found,)


def _first_address(endpoint: Fields) -> str:
    addresses = endpoint.texts("addresses")
    if not addresses:
        if endpoint.lists_nothing("addresses"):
            endpoint.report(FieldMissing(field_name="addresses"), "addresses")
        return ""
    return addresses[0] if check_address(endpoint, addresses[0], "addresses", 0) else ""


def _read_conditions(endpoint: Fields, address: str) -> SliceEndpoint:
    conditions = endpoint.mapping("conditions")
    condition = conditions.boolean if conditions else (lambda _: None)
    return SliceEndpoint(
        address=address,
        ready=condition("ready") is not False,
        serving=condition("serving") is not False,
        terminating=condition("terminating") is True,
        zones=_read_zones(endpoint),
        pod=_read_pod(endpoint),
        node=endpoint.text("nodeName"),
    )


def _read_pod(endpoint: Fields) -> str:
    target = endpoint.mapping("targetRef")
    return target.text("name") if target and target.text("kind") == "Pod" else ""


def _read_zones(endpoint: Fields) -> tuple[str, ...]:
    hints = endpoint.mapping("hints")
    if hints is None:
        return ()
    return tuple(zone.required("name") for zone in hints.mappings("forZones"))


def _read_ports(fields: Fields) -> tuple[tuple[SlicePort, ...], tuple[SlicePort, ...]]:
    """Return the ports of TCP, and those of UDP."""
    ports: dict[str, list[SlicePort]] = {"TCP": [], "UDP": []}
    for port in fields.mappings("ports"):
        number, protocol = port.integer("port"), port.text("protocol") or "TCP"
        if number is None or protocol not in ports:
            continue
        if check_port_number(port, number, "port"):
            ports[protocol].append(SlicePort(port.text("name"), number))
    return tuple(ports["TCP"]), tuple(ports["UDP"])


def read_endpoints(fields: Fields, ref: ObjectRef, _version: str) -> tuple[EndpointSlice, ...]:
    """Read Endpoints as one slice per subset, reporting each finding."""
    slices = []
    for subset in fields.mappings("subsets"):
        endpoints = []
        for name, ready in (("addresses", True), ("notReadyAddresses", False)):
            for item in subset.mappings(name):
                address = item.required("ip")
                if address and check_address(item, address, "ip"):
                    found = SliceEndpoint(
                        address,
                        ready,
                        ready,
                        terminating=False,
                        pod=_read_pod(item),
                        node=item.text("nodeName"),
                    )
                    endpoints.append(found)
        tcp, udp = _read_ports(subset)
        whole = EndpointSlice(
            ref.namespace, ref.name, tcp, tuple(endpoints), fields.origin, udp_ports=udp
        )
        slices.append(whole)
    if not slices:
        slices.append(EndpointSlice(ref.namespace, ref.name, (), (), fields.origin))
    return tuple(slices)
