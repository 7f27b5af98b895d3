"""v1 Pod, as far as it shows whether a Service's requests can reach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port that a container of a Pod declares."""

    name: str
    """``""`` for an unnamed one."""
    number: int

    def __str__(self) -> str:
        """``8080 (http)``, or the number alone."""
        return f"{self.number} ({self.name})" if self.name else str(self.number)


@dataclass(frozen=True, slots=True)
class Pod:
    """A Pod; it decides nothing of a configuration and helps to explain one."""

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


def read_pod(fields: Fields, ref: ObjectRef, _version: str) -> Pod:
    """Read a Pod."""
    spec, status = fields.mapping("spec"), fields.mapping("status")
    return Pod(
        namespace=ref.namespace,
        name=ref.name,
        labels=read_meta(fields, ref).labels,
        ports=tuple(_read_ports(spec)) if spec else (),
        node=spec.text("nodeName") if spec else "",
        address=status.text("podIP") if status else "",
        unready=_why_unready(status) if status else "",
    )


def _read_ports(spec: Fields) -> list[ContainerPort]:
    found = []
    for container in spec.mappings("containers"):
        for port in container.mappings("ports"):
            number = port.integer("containerPort")
            if number is not None:
                found.append(ContainerPort(port.text("name"), number))
    return found


def _why_unready(status: Fields) -> str:
    phase = status.text("phase")
    if phase in ("Succeeded", "Failed"):
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
