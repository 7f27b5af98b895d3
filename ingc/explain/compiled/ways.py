"""By which way a Service is reached where it is not the default one: whom it leads to, and why not.

The stage that resolves backends has chosen among Pods, Nodes and addresses; this repeats its
choice, with the reasons.
"""

from __future__ import annotations

import dataclasses

from ingc.diagnostics import Origin
from ingc.explain.compiled.pods import Behind, Member
from ingc.ir import ServiceTarget
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.service import BACKENDS
from ingc.options import BackendMode
from ingc.resolve.lookup import Unusable, look_up
from ingc.resolve.service import WAYS
from ingc.resolve.ways.cluster import Cluster, Passage
from ingc.syntax.address import with_port

_LABELS: dict[BackendMode, str] = {"node-port": "nodes"}


def by_way(cluster: Cluster, wanted: ServiceTarget) -> Behind | None:
    """Return what a Service port leads to by the way that its owner or the operator names.

    ``None`` where neither does, or the Service is none of the input's.
    """
    service = cluster.store.services.get((wanted.namespace, wanted.service))
    if service is None or service.type == "ExternalName":
        return None
    backend = ServiceBackend(wanted.service, wanted.port, Origin())
    lookup = look_up(wanted.namespace, backend, cluster)
    port, mode = lookup.port(), lookup.mode
    if mode == "auto" or port is None:
        return None
    named = f"the annotation {BACKENDS} of Service {lookup.name}"
    way = f"{mode}, by {named if service.backends else '--backends'}"
    if mode not in WAYS:
        return Behind(way=way)
    found = WAYS[mode](lookup, service, port)
    members = [] if isinstance(found, Unusable) else [m for item in found for m in _members(item)]
    members.sort(key=lambda item: item.why_not != "")
    return Behind(tuple(members), way=way, label=_LABELS.get(mode, "pods"))


def with_way(behind: Behind, way: Behind | None) -> Behind:
    """Return what stands behind a Service port, by the way that is named, if one is."""
    if way is None:
        return behind
    return way if way.members else dataclasses.replace(behind, way=way.way)


def _members(passage: Passage) -> list[Member]:
    addresses = [with_port(item, passage.port) for item in passage.addresses if passage.port]
    return [
        Member(passage.pod, address, passage.node, passage.why_not) for address in addresses or [""]
    ]
