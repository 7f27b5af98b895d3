"""v1 Node, as far as it shows whether the Pods on it can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.condition import Condition, read_conditions, why_unready
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """One entry of ``status.addresses``."""

    type: str
    """``InternalIP``, ``ExternalIP``, ``Hostname``, ``InternalDNS`` or ``ExternalDNS``."""
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
    """A Node; it helps to explain a configuration."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    pod_ranges: tuple[str, ...]
    """``spec.podCIDR`` and ``spec.podCIDRs``."""
    taints: tuple[Taint, ...]
    cordoned: bool
    """``spec.unschedulable``."""
    addresses: tuple[NodeAddress, ...]
    allocatable: Mapping[str, object]
    """What it has for Pods, by resource; quantities as written."""
    conditions: tuple[Condition, ...]
    origin: Origin

    @property
    def unready(self) -> str:
        """Why it runs nothing as it should, by ``status``; ``""`` where it does."""
        return why_unready(self.conditions)

    def addresses_of(self, kind: str) -> tuple[NodeAddress, ...]:
        """Return its addresses of a type, such as ``InternalIP``."""
        return tuple(item for item in self.addresses if item.type == kind)


def read_node(fields: Fields, ref: ObjectRef, _version: str) -> Node:
    """Read a Node."""
    spec, status = fields.mapping("spec"), fields.mapping("status")
    meta = read_meta(fields, ref)
    allocatable = status.mapping("allocatable") if status else None
    ranges = (spec.text("podCIDR"), *spec.texts("podCIDRs")) if spec else ()
    return Node(
        name=ref.name,
        labels=meta.labels,
        annotations=meta.annotations,
        pod_ranges=tuple(dict.fromkeys(filter(None, ranges))),
        taints=tuple(
            Taint(item.text("key"), item.text("value"), item.text("effect"), item.origin)
            for item in (spec.mappings("taints") if spec else ())
        ),
        cordoned=spec.boolean("unschedulable") is True if spec else False,
        addresses=tuple(
            NodeAddress(item.text("type"), item.text("address"), item.origin)
            for item in (status.mappings("addresses") if status else ())
        ),
        allocatable=allocatable.value if allocatable else {},
        conditions=read_conditions(status),
        origin=fields.origin,
    )
