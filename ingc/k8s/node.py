"""v1 Node, as far as it shows whether and where the Pods on it can be reached."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingc.diagnostics import ObjectRef, Origin
from ingc.diagnostics.catalogue.objects import FieldWrongType
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta
from ingc.k8s.pod import is_ready, why_unready
from ingc.k8s.service import check_address

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Node:
    """A Node; it decides where the mode ``node-port`` or ``host-port`` reads it, and else
    explains.
    """

    name: str
    unready: str
    """Why it runs nothing as it should, by ``status``; ``""`` where it does."""
    origin: Origin = field(default_factory=Origin)
    broken: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    ready: bool = False
    """True where its condition ``Ready`` is."""
    internal: tuple[str, ...] = ()
    """Its addresses of type InternalIP, in their order."""
    external: tuple[str, ...] = ()
    """Its addresses of type ExternalIP, in their order."""
    pod_networks: tuple[str, ...] = ()
    """``spec.podCIDRs``: the networks that its Pods' addresses are of."""


def read_node(fields: Fields, ref: ObjectRef, _version: str) -> Node:
    """Read a Node, reporting each finding."""
    spec, status = fields.mapping("spec"), fields.mapping("status")
    addresses = tuple(_read_addresses(status)) if status else ()
    return Node(
        ref.name,
        why_unready(status) if status else "",
        origin=fields.origin,
        labels=read_meta(fields, ref).labels,
        ready=status is not None and is_ready(status),
        internal=tuple(address for kind, address in addresses if kind == "InternalIP"),
        external=tuple(address for kind, address in addresses if kind == "ExternalIP"),
        pod_networks=_read_networks(spec) if spec else (),
    )


def _read_addresses(status: Fields) -> Iterator[tuple[str, str]]:
    for item in status.mappings("addresses"):
        kind, address = item.text("type"), item.text("address")
        if kind in ("InternalIP", "ExternalIP") and check_address(item, address, "address"):
            yield kind, address


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
