"""v1 Service."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

from ingc.diagnostics import ObjectRef, Origin
from ingc.diagnostics.catalogue.backends import AddressInvalid
from ingc.diagnostics.catalogue.objects import FieldMissing
from ingc.diagnostics.catalogue.ways import BackendsUnknown
from ingc.k8s.backend import check_port_name, check_port_number, read_int_or_string
from ingc.k8s.fields import Fields
from ingc.k8s.meta import Meta, read_meta
from ingc.options import BackendMode

VERSION = "v1"
BACKENDS = "ingc/backends"
"""The annotation by which a Service's owner decides how it is reached."""
_FAMILIES = {"IPv4": 4, "IPv6": 6}


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One TCP or UDP port of a Service."""

    name: str
    """``""`` for the single unnamed port."""
    port: int
    target_port: int | str
    """The Pods' port, a number or a name; the Service's own number where it is not given."""
    node_port: int = 0
    """The port of every Node that leads to it; 0: none is allocated."""
    app_protocol: str = ""
    """What the Pods speak there, by its name in the API or IANA's; ``""`` where it has none."""


@dataclass(frozen=True, slots=True)
class BalancerAddress:
    """An address that a cluster's load balancer has for a Service."""

    address: str
    """An IP address or a DNS name."""
    dns: bool
    """True where it is a name."""
    faults: tuple[tuple[str, int, str], ...] = ()
    """The ports that it does not serve: protocol, number, and why."""


@dataclass(frozen=True, slots=True)
class Service:
    """A Service as far as it defines where its requests go."""

    meta: Meta
    type: str
    """ClusterIP, NodePort, LoadBalancer or ExternalName."""
    ports: tuple[ServicePort, ...]
    """The TCP ports."""
    cluster_ip: str
    """An IP address, ``None`` for a headless Service, ``""`` where none is allocated."""
    external_name: str
    origin: Origin
    broken: bool = False
    udp_ports: tuple[ServicePort, ...] = ()
    selector: Mapping[str, str] = field(default_factory=dict)
    """The labels of its Pods; empty where nothing chooses them."""
    backends: BackendMode | None = None
    """How its owner wants it to be reached; ``None``: as the operator's option has it."""
    families: tuple[int, ...] = ()
    """The versions of IP that it has addresses of, 4 and 6; empty where that is not known."""
    local: bool = False
    """True where a Node's port leads to Pods of that Node alone."""
    publishes_unready: bool = False
    """True where its Pods count as ready whatever they say."""
    keeps_clients: bool = False
    """True for ``sessionAffinity: ClientIP``: an address of a client stays with its Pod."""
    prefers_zone: bool = False
    """True where its ``trafficDistribution`` prefers Pods of the client's zone."""
    external_ips: tuple[str, ...] = ()
    """Addresses outside of the cluster that are routed to its Nodes."""
    balancers: tuple[BalancerAddress, ...] = ()
    """``status.loadBalancer``; empty while that is pending."""

    @property
    def headless(self) -> bool:
        """True for ``clusterIP: None``: its DNS name gives the Pods' addresses."""
        return self.cluster_ip == "None"

    @property
    def allocated(self) -> bool:
        """True where the Service has an address of its own."""
        return self.cluster_ip not in ("", "None")

    def find_port(self, port: int | str, protocol: str = "TCP") -> ServicePort | None:
        """Return the port of this number or name."""
        for candidate in self.ports_of(protocol):
            if port in (candidate.port, candidate.name or None):
                return candidate
        return None

    def ports_of(self, protocol: str) -> tuple[ServicePort, ...]:
        """Return the ports of a protocol, ``TCP`` or ``UDP``."""
        return self.udp_ports if protocol == "UDP" else self.ports


def read_service(fields: Fields, ref: ObjectRef, _version: str) -> Service:
    """Read a Service, reporting each finding."""
    meta = read_meta(fields, ref)
    spec = fields.mapping("spec")
    if spec is None:
        if fields.value.get("spec") is None:
            fields.report(FieldMissing(field_name="spec"), "spec")
        return Service(meta, "ClusterIP", (), "", "", fields.origin)
    service_type = spec.text("type", "ClusterIP")
    external_name = (spec.required if service_type == "ExternalName" else spec.text)("externalName")
    ports = [_read_port(port) for port in spec.mappings("ports")]
    by_protocol = {
        protocol: tuple(port for spoken, port in filter(None, ports) if spoken == protocol)
        for protocol in ("TCP", "UDP")
    }
    return Service(
        meta=meta,
        type=service_type,
        ports=by_protocol["TCP"],
        cluster_ip=_read_cluster_ip(spec),
        external_name=external_name,
        origin=fields.origin,
        udp_ports=by_protocol["UDP"],
        selector=spec.strings("selector"),
        backends=_read_backends(fields, meta),
        families=_read_families(spec),
        local=spec.text("externalTrafficPolicy") == "Local",
        publishes_unready=spec.boolean("publishNotReadyAddresses") is True,
        keeps_clients=spec.text("sessionAffinity") == "ClientIP",
        prefers_zone=spec.text("trafficDistribution") in ("PreferClose", "PreferSameZone"),
        external_ips=tuple(
            item
            for index, item in enumerate(spec.texts("externalIPs"))
            if check_address(spec, item, "externalIPs", index)
        ),
        balancers=tuple(_read_balancers(fields)),
    )


def _read_backends(fields: Fields, meta: Meta) -> BackendMode | None:
    text = meta.annotations.get(BACKENDS)
    if text is None:
        return None
    found = next((mode for mode in get_args(BackendMode) if mode == text), None)
    if found is None:
        entry = BackendsUnknown(value=text, modes=get_args(BackendMode))
        fields.report(entry, "metadata", "annotations", BACKENDS)
    return found


def _read_families(spec: Fields) -> tuple[int, ...]:
    """Return the versions of ``ipFamilies``; without them those of the Service's own addresses."""
    given = [_FAMILIES[name] for name in spec.texts("ipFamilies") if name in _FAMILIES]
    own = spec.texts("clusterIPs") or (spec.text("clusterIP"),)
    given = given or [6 if ":" in item else 4 for item in own if item not in ("", "None")]
    return tuple(dict.fromkeys(given))


def _read_balancers(fields: Fields) -> Iterator[BalancerAddress]:
    status = fields.mapping("status")
    balancer = status.mapping("loadBalancer") if status else None
    for item in balancer.mappings("ingress") if balancer else ():
        address, name = item.text("ip"), item.text("hostname")
        faults = tuple(_read_faults(item))
        if address and check_address(item, address, "ip"):
            yield BalancerAddress(address, dns=False, faults=faults)
        elif name and not address:
            yield BalancerAddress(name.removesuffix(".").lower(), dns=True, faults=faults)


def _read_faults(item: Fields) -> Iterator[tuple[str, int, str]]:
    for port in item.mappings("ports"):
        number, why = port.integer("port"), port.text("error")
        if number is not None and why:
            yield port.text("protocol") or "TCP", number, why


def _read_port(fields: Fields) -> tuple[str, ServicePort] | None:
    """Return a port and its protocol."""
    port, name = fields.integer("port"), fields.text("name")
    if port is None:
        if fields.value.get("port") is None:
            fields.report(FieldMissing(field_name="port"), "port")
        return None
    good = check_port_number(fields, port, "port")
    target: int | str | None = port
    given = fields.value.get("targetPort")
    if given not in (None, "", 0) or type(given) is bool:
        target = read_int_or_string(fields, "targetPort")
        if isinstance(target, int):
            good = check_port_number(fields, target, "targetPort") and good
        elif target is not None:
            good = check_port_name(fields, target, "targetPort") and good
    node_port = fields.integer("nodePort") or 0
    if node_port:
        good = check_port_number(fields, node_port, "nodePort") and good
    spoken = fields.text("appProtocol")
    if not good or target is None:
        return None
    return fields.text("protocol") or "TCP", ServicePort(name, port, target, node_port, spoken)


def _read_cluster_ip(spec: Fields) -> str:
    address = spec.text("clusterIP")
    if address in ("", "None"):
        return address
    return address if check_address(spec, address, "clusterIP") else ""


def check_address(fields: Fields, address: str, *path: str | int) -> bool:
    """Report an address that is neither IPv4 nor IPv6."""
    try:
        if "%" in address:
            raise ValueError("nginx takes no address with a zone")
        ipaddress.ip_address(address)
    except ValueError:
        fields.report(AddressInvalid(value=address), *path)
        return False
    return True
