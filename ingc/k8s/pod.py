"""v1 Pod, as far as it shows whether a Service's requests can reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.backend import check_port_number
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta
from ingc.k8s.service import check_address

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port that a container of a Pod declares."""

    name: str
    """``""`` for an unnamed one."""
    number: int
    protocol: str = "TCP"
    host_port: int = 0
    """The port of its Node that leads to it; 0: none."""
    host_address: str = ""
    """The Node's address that `host_port` is opened on; ``""``: all of them."""

    def __str__(self) -> str:
        """``8080 (http)``, or the number alone."""
        return f"{self.number} ({self.name})" if self.name else str(self.number)


@dataclass(frozen=True, slots=True)
class Pod:
    """A Pod; it decides where the mode ``pods`` or ``host-port`` reads it, and else explains."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    ports: tuple[ContainerPort, ...]
    node: str
    """``""`` where it is not scheduled, or the manifest does not name it."""
    address: str
    """``status.podIP``; ``""`` where the manifest has none."""
    unready: str
    """Why it takes no requests, by ``status``; ``""`` where it does, or no status is given."""
    origin: Origin = field(default_factory=Origin)
    broken: bool = False
    addresses: tuple[str, ...] = ()
    """``status.podIPs``, that of the cluster's first family in front."""
    host_addresses: tuple[str, ...] = ()
    """``status.hostIPs``: the addresses of its Node."""
    host_network: bool = False
    """True where its ports are those of its Node."""
    ready: bool = False
    """True where its condition ``Ready`` is."""
    ended: bool = False
    """True where it has no process any more."""
    terminating: bool = False


def read_pod(fields: Fields, ref: ObjectRef, _version: str) -> Pod:
    """Read a Pod, reporting each finding."""
    meta = read_meta(fields, ref)
    metadata = fields.mapping("metadata")
    spec, status = fields.mapping("spec"), fields.mapping("status")
    host_network = bool(spec and spec.boolean("hostNetwork"))
    return Pod(
        namespace=ref.namespace,
        name=ref.name,
        labels=meta.labels,
        ports=tuple(_read_ports(spec, host_network=host_network)) if spec else (),
        node=spec.text("nodeName") if spec else "",
        address=status.text("podIP") if status else "",
        unready=_why_unready(status) if status else "",
        origin=fields.origin,
        addresses=_read_addresses(status, "podIP") if status else (),
        host_addresses=_read_addresses(status, "hostIP") if status else (),
        host_network=host_network,
        ready=status is not None and is_ready(status),
        ended=status is not None and status.text("phase") in _ENDED,
        terminating=metadata is not None and not metadata.lacks("deletionTimestamp"),
    )


_ENDED = ("Succeeded", "Failed")


def _read_ports(spec: Fields, *, host_network: bool) -> Iterator[ContainerPort]:
    """Yield the ports of containers, and of those that start first and stay (sidecars)."""
    beside = (item for item in spec.mappings("initContainers") if _stays(item))
    for container in (*spec.mappings("containers"), *beside):
        for port in container.mappings("ports"):
            number = port.integer("containerPort")
            if number is None or not check_port_number(port, number, "containerPort"):
                continue
            host_port = port.integer("hostPort") or (number if host_network else 0)
            if host_port and not check_port_number(port, host_port, "hostPort"):
                continue
            address = port.text("hostIP")
            yield ContainerPort(
                port.text("name"),
                number,
                port.text("protocol") or "TCP",
                host_port,
                address if address and check_address(port, address, "hostIP") else "",
            )


def _stays(container: Fields) -> bool:
    return container.text("restartPolicy") == "Always"


def _read_addresses(status: Fields, name: str) -> tuple[str, ...]:
    """Return the addresses of ``podIPs`` or ``hostIPs``; without them the one of before them."""
    found = [
        item.text("ip")
        for item in status.mappings(name + "s")
        if not item.lacks("ip") and check_address(item, item.text("ip"), "ip")
    ]
    first = status.text(name)
    if not found and first and check_address(status, first, name):
        found.append(first)
    return tuple(found)


def _why_unready(status: Fields) -> str:
    phase = status.text("phase")
    if phase in _ENDED:
        return f"it has ended ({phase})"
    return why_unready(status) or (f"its phase is {phase}" if phase == "Pending" else "")


def why_unready(status: Fields) -> str:
    """Return why a Pod's or a Node's condition ``Ready`` is not true; empty where it is.

    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions
    """
    for condition in status.mappings("conditions"):
        if condition.text("type") == "Ready" and condition.text("status") != "True":
            reason = ": ".join(filter(None, map(condition.text, ("reason", "message"))))
            return f"it is not ready ({reason})" if reason else "it is not ready"
    return ""


def is_ready(status: Fields) -> bool:
    """Return whether a Pod's or a Node's condition ``Ready`` is true."""
    return any(
        condition.text("type") == "Ready" and condition.text("status") == "True"
        for condition in status.mappings("conditions")
    )
