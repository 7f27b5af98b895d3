"""v1 Service."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingc.diagnostics import ObjectRef, Origin
from ingc.diagnostics.catalogue.backends import AddressInvalid
from ingc.diagnostics.catalogue.objects import FieldMissing
from ingc.k8s.backend import check_port_name, check_port_number, read_int_or_string
from ingc.k8s.fields import Fields
from ingc.k8s.meta import Meta, read_meta

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One TCP or UDP port of a Service."""

    name: str
    """``""`` for the single unnamed port."""
    port: int
    target_port: int | str
    """The Pods' port, a number or a name; the Service's own number where it is not given."""


@dataclass(frozen=True, slots=True)
class BalancerAddress:
    """An address that a cluster's load balancer has for a Service."""

    address: str
    """An IP address or a DNS name."""
    dns: bool
    """True where it is a name."""


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
        external_ips=spec.unheard().texts("externalIPs") if "externalIPs" in spec.value else (),
        balancers=tuple(_read_balancers(fields)) if service_type == "LoadBalancer" else (),
    )


def _read_balancers(fields: Fields) -> Iterator[BalancerAddress]:
    status = fields.unheard().mapping("status")
    balancer = status.mapping("loadBalancer") if status else None
    for item in balancer.mappings("ingress") if balancer else ():
        address, name = item.text("ip"), item.text("hostname")
        if address or name:
            yield BalancerAddress(address or name, dns=not address)


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
    if not good or target is None:
        return None
    return fields.text("protocol") or "TCP", ServicePort(name, port, target)


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
