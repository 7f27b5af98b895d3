"""Objects that decide nothing of a configuration and explain one, typed at first use.

A compile keeps their documents and reads nothing of them, unless a way to a Service goes by Pods
or Nodes. What is wrong in one is not reported: a field of a wrong type is as one that is missing,
and an object without a name is left out. Whoever uses Pods or Nodes finds the faults beside them.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ingc.diagnostics import Diagnostic, ObjectRef, Severity, Sink
from ingc.k8s.reading import Name, ObjectReading, read_document
from ingc.load.document import Document

if TYPE_CHECKING:
    from ingc.k8s.claim import PersistentVolume, PersistentVolumeClaim
    from ingc.k8s.event import Event
    from ingc.k8s.network_policy import NetworkPolicy
    from ingc.k8s.node import Node
    from ingc.k8s.pod import Pod
    from ingc.k8s.service_account import ServiceAccount
    from ingc.k8s.workload import Workload

GROUPS_BESIDE: Mapping[str, tuple[str, ...]] = {
    "DaemonSet": ("apps",),
    "Deployment": ("apps",),
    "Event": ("", "events.k8s.io"),
    "NetworkPolicy": ("networking.k8s.io",),
    "Node": ("",),
    "PersistentVolume": ("",),
    "PersistentVolumeClaim": ("",),
    "Pod": ("",),
    "ReplicaSet": ("apps",),
    "ServiceAccount": ("",),
    "StatefulSet": ("apps",),
}
"""The kinds, and the API groups that have them; `ingc.k8s.bystander_kinds` has what reads each."""


class Bystanders:
    """The objects beside a configuration, by kind."""

    def __init__(
        self,
        documents: Iterable[Document] = (),
        pods: Iterable[Pod] = (),
        nodes: Iterable[Node] = (),
        *,
        namespace: str = "default",
    ) -> None:
        """``pods`` and ``nodes`` are typed already; ``namespace`` is for those that name none."""
        self._documents = tuple(documents)
        self._typed = {"Pod": tuple(pods), "Node": tuple(nodes)}
        self._namespace = namespace

    @cached_property
    def _objects(self) -> Mapping[str, list[Any]]:
        """By kind, in the order of the input."""
        return self._read[0]

    @property
    def faults(self) -> Mapping[str, tuple[Diagnostic, ...]]:
        """What is wrong with Pods and Nodes, by kind: of each object the first error."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[Mapping[str, list[Any]], Mapping[str, tuple[Diagnostic, ...]]]:
        from ingc.k8s.bystander_kinds import KINDS

        reading = ObjectReading(Sink(), self._namespace)
        faults: dict[str, list[Diagnostic]] = defaultdict(list)
        for document in self._documents:
            kind, version = document.value["kind"], document.value["apiVersion"]
            own = dataclasses.replace(reading, sink=Sink())
            read_document(document, kind, version, KINDS[kind], own)
            if own.sink.errors and KINDS[kind].decides:
                found = own.sink.diagnostics()
                faults[kind].append(next(d for d in found if d.severity is Severity.ERROR))
        for kind, typed in self._typed.items():
            reading.objects[kind] += typed
        return reading.objects, {kind: tuple(found) for kind, found in faults.items()}

    @cached_property
    def pods(self) -> Mapping[Name, Pod]:
        """The Pods."""
        return _by_name(self._objects["Pod"])

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """The Nodes."""
        return {item.name: item for item in self._objects["Node"]}

    @cached_property
    def events(self) -> Mapping[ObjectRef, tuple[Event, ...]]:
        """The Events about each object, the latest first."""
        found: dict[ObjectRef, list[Event]] = defaultdict(list)
        for item in self._objects["Event"]:
            found[item.about].append(item)
        return {
            about: tuple(sorted(events, key=lambda item: item.last, reverse=True))
            for about, events in found.items()
        }

    @cached_property
    def claims(self) -> Mapping[Name, PersistentVolumeClaim]:
        """The PersistentVolumeClaims."""
        return _by_name(self._objects["PersistentVolumeClaim"])

    @cached_property
    def volumes(self) -> tuple[PersistentVolume, ...]:
        """The PersistentVolumes."""
        return tuple(self._objects["PersistentVolume"])

    @cached_property
    def policies(self) -> Mapping[str, tuple[NetworkPolicy, ...]]:
        """The NetworkPolicies of each namespace."""
        return _by_namespace(self._objects["NetworkPolicy"])

    @cached_property
    def workloads(self) -> Mapping[str, tuple[Workload, ...]]:
        """The Deployments, ReplicaSets, StatefulSets and DaemonSets of each namespace."""
        kinds = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
        return _by_namespace(item for kind in kinds for item in self._objects[kind])

    @cached_property
    def accounts(self) -> Mapping[Name, ServiceAccount]:
        """The ServiceAccounts."""
        return _by_name(self._objects["ServiceAccount"])


def _by_name(objects: Iterable[Any]) -> dict[Name, Any]:
    return {(item.namespace, item.name): item for item in objects}


def _by_namespace(objects: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for item in objects:
        found[item.namespace].append(item)
    return {namespace: tuple(items) for namespace, items in found.items()}
