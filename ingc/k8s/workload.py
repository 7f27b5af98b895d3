"""apps Deployment, ReplicaSet, StatefulSet and DaemonSet, as far as they make Pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.condition import Condition, read_conditions
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta
from ingc.k8s.pod import Owner, read_owners

VERSION = "apps/v1"


@dataclass(frozen=True, slots=True)
class Workload:
    """What keeps a number of Pods running."""

    kind: str
    """``Deployment``, ``ReplicaSet``, ``StatefulSet`` or ``DaemonSet``."""
    namespace: str
    name: str
    owners: tuple[Owner, ...]
    labels: Mapping[str, str]
    """Those of the Pods that it makes, ``spec.template.metadata.labels``."""
    account: str
    """The ServiceAccount of its Pods; ``""`` where none is named."""
    wanted: int | None
    """How many Pods it shall have; ``None`` where that is not known."""
    wanted_field: tuple[str, str]
    """The field that has the number."""
    there: int | None
    """How many it has, by ``status``; ``None`` where the manifest has none."""
    ready: int | None
    """How many are ready; ``None`` where the manifest has no ``status``."""
    conditions: tuple[Condition, ...]
    origin: Origin


def read_workload(fields: Fields, ref: ObjectRef, _version: str) -> Workload:
    """Read a workload; a missing ``spec.replicas`` is 1, as the API server has it."""
    spec, status = fields.mapping("spec"), fields.mapping("status")
    template = spec.mapping("template") if spec else None
    daemon = ref.kind == "DaemonSet"
    count = status.integer if status else (lambda _: None)
    if daemon:
        wanted = count("desiredNumberScheduled")
    else:
        replicas = spec.integer("replicas") if spec else None
        wanted = 1 if replicas is None else replicas
    ready = count("numberReady" if daemon else "readyReplicas")
    there = count("currentNumberScheduled" if daemon else "replicas")
    inner = template.mapping("spec") if template else None
    return Workload(
        kind=ref.kind,
        namespace=ref.namespace,
        name=ref.name,
        owners=read_owners(fields.mapping("metadata")),
        labels=read_meta(template, ref).labels if template else {},
        account=inner.text("serviceAccountName") if inner else "",
        wanted=wanted,
        wanted_field=("status", "desiredNumberScheduled") if daemon else ("spec", "replicas"),
        there=(there or 0) if status else None,
        ready=(ready or 0) if status else None,
        conditions=read_conditions(status),
        origin=fields.origin,
    )
