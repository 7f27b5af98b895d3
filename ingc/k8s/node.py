"""v1 Node, as far as it shows whether the Pods on it can be reached."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.diagnostics.catalogue.objects import FieldWrongType
from ingc.k8s.condition import Condition, is_ready, read_conditions, why_unready
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta
from ingc.k8s.service import check_address

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """One entry of ``status.addresses``."""

    type: str
    """``InternalIP`` or ``ExternalIP``."""
    address: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Taint:
    """What keeps Pods that do not tolerate it from a Node."""

    key: str
    value: str
    effect: str
    """``NoSchedule``, ``PreferNoSchedule`` or ``NoExecute``."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class Node:
    """A Node; it decides where a way to a Service goes by Nodes, and else explains."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    pod_networks: tuple[str, ...]
    """``spec.podCIDRs``: the networks that its Pods' addresses are of."""
    taints: tuple[Taint, ...]
    cordoned: bool
    """``spec.unschedulable``."""
    addresses: tuple[NodeAddress, ...]
    allocatable: Mapping[str, object]
    """What it has for Pods, by resource; quantities as written."""
    conditions: tuple[Condition, ...]
    origin: Origin
    broken: bool = False

    @property
    def ready(self) -> bool:
        """True where its condition ``Ready`` is."""
        return is_ready(self.conditions)

    @property
    def unready(self) -> str:
        """Why it runs nothing as it should, by ``status``; ``""`` where it does."""
        return why_unready(self.conditions)

    @property
    def internal(self) -> tuple[str, ...]:
        """Its addresses of type InternalIP, in their order."""
        return tuple(item.address for item in self.addresses if item.type == "InternalIP")

    @property
    def external(self) -> tuple[str, ...]:
        """Its addresses of type ExternalIP, in their order."""
        return tuple(item.address for item in self.addresses if item.type == "ExternalIP")


def read_node(fields: Fields, ref: ObjectRef, _version: str) -> Node:
    """Read a Node, reporting each finding about where it can be reached."""
    spec, status = fields.mapping("spec"), fields.mapping("status")
    quiet = fields.unheard()
    beside, state = quiet.mapping("spec"), quiet.mapping("status")
    allocatable = state.mapping("allocatable") if state else None
    return Node(
        name=ref.name,
        labels=read_meta(fields, ref).labels,
        annotations=read_meta(quiet, ref).annotations,
        pod_networks=_read_networks(spec) if spec else (),
        taints=tuple(
            Taint(item.text("key"), item.text("value"), item.text("effect"), item.origin)
            for item in (beside.mappings("taints") if beside else ())
        ),
        cordoned=beside is not None and beside.boolean("unschedulable") is True,
        addresses=tuple(_read_addresses(status)) if status else (),
        allocatable=allocatable.value if allocatable else {},
        conditions=read_conditions(status),
        origin=fields.origin,
    )


def _read_addresses(status: Fields) -> Iterator[NodeAddress]:
    for item in status.mappings("addresses"):
        kind, address = item.text("type"), item.text("address")
        if kind in ("InternalIP", "ExternalIP") and check_address(item, address, "address"):
            yield NodeAddress(kind, address, item.origin)


def _read_networks(spec: Fields) -> tuple[str, ...]:
    """Return ``podCIDRs``; without them the ``podCIDR`` of before them."""
    first = spec.text("podCIDR")
    name = "podCIDR" if spec.lists_nothing("podCIDRs") else "podCIDRs"
    kept = []
    for text in spec.texts("podCIDRs") or ((first,) if first else ()):
        try:
            kept.append(str(ipaddress.ip_network(text)))
        except ValueError:
            entry = FieldWrongType(
                field_name=name,
                wanted="a network such as 10.244.1.0/24",
                found=f'"{text[:80]}"',
                fix="write a network in CIDR form, without bits of a host",
            )
            spec.report(entry, name)
    return tuple(kept)
