"""v1 Pod, as far as it shows whether a Service's requests can reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.condition import Condition, is_ready, read_conditions, why_unready
from ingc.k8s.container import Container, ContainerPort, read_containers
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta
from ingc.k8s.service import check_address

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Owner:
    """An object that made another, of ``metadata.ownerReferences``."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Pod:
    """A Pod; it decides where a way to a Service goes by Pods, and else explains."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    node: str
    """``""`` where it is not scheduled, or the manifest does not name it."""
    address: str
    """``status.podIP``; ``""`` where the manifest has none."""
    addresses: tuple[str, ...]
    """``status.podIPs``, that of the cluster's first family in front; else ``status.podIP``."""
    host_addresses: tuple[str, ...]
    """``status.hostIPs``, the addresses of its Node; else ``status.hostIP``."""
    host_network: bool
    """True where it has the Node's addresses and ports."""
    containers: tuple[Container, ...]
    """The init containers first."""
    phase: str
    """``status.phase``; ``""`` where the manifest has none."""
    reason: str
    """``status.reason``, such as ``Evicted``."""
    message: str
    """``status.message``."""
    conditions: tuple[Condition, ...]
    owners: tuple[Owner, ...]
    deleted: str
    """``metadata.deletionTimestamp``; ``""`` where nobody has deleted it."""
    finalizers: tuple[str, ...]
    gates: tuple[str, ...]
    """The conditions that ``spec.readinessGates`` adds."""
    node_selector: Mapping[str, str]
    """The labels that its Node must have, ``spec.nodeSelector``."""
    claims: tuple[str, ...]
    """The PersistentVolumeClaims that its volumes name."""
    account: str
    """The ServiceAccount; ``""`` where the manifest names none."""
    origin: Origin
    broken: bool = False

    @property
    def ports(self) -> tuple[ContainerPort, ...]:
        """The ports of containers, and of those that start first and stay (sidecars)."""
        running = (item for item in self.containers if item.sidecar or not item.init)
        return tuple(port for item in running for port in item.ports)

    @property
    def ready(self) -> bool:
        """True where its condition ``Ready`` is."""
        return is_ready(self.conditions)

    @property
    def ended(self) -> bool:
        """True where it has no process any more."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def terminating(self) -> bool:
        """True where somebody has deleted it."""
        return self.deleted != ""

    @property
    def unready(self) -> str:
        """Why it takes no requests, by ``status``; ``""`` where it does, or no status is given."""
        if self.ended:
            return f"it has ended ({self.phase})"
        pending = f"its phase is {self.phase}" if self.phase == "Pending" else ""
        return why_unready(self.conditions) or pending


def read_pod(fields: Fields, ref: ObjectRef, _version: str) -> Pod:
    """Read a Pod, reporting each finding about where it can be reached.

    What only explains is read without a word: a field of a wrong type is as one that is missing.
    """
    spec, status = fields.mapping("spec"), fields.mapping("status")
    quiet = fields.unheard()
    metadata, beside, state = map(quiet.mapping, ("metadata", "spec", "status"))
    host_network = spec is not None and spec.boolean("hostNetwork") is True
    return Pod(
        namespace=ref.namespace,
        name=ref.name,
        labels=read_meta(fields, ref).labels,
        node=spec.text("nodeName") if spec else "",
        address=status.text("podIP") if status else "",
        addresses=_read_addresses(status, "podIP") if status else (),
        host_addresses=_read_addresses(status, "hostIP") if status else (),
        host_network=host_network,
        containers=read_containers(spec, state, host_network=host_network),
        phase=status.text("phase") if status else "",
        reason=state.text("reason") if state else "",
        message=state.text("message") if state else "",
        conditions=read_conditions(status),
        owners=read_owners(metadata),
        deleted=metadata.text("deletionTimestamp") if metadata else "",
        finalizers=metadata.texts("finalizers") if metadata else (),
        gates=tuple(item.text("conditionType") for item in _items(beside, "readinessGates")),
        node_selector=beside.strings("nodeSelector") if beside else {},
        claims=tuple(_read_claims(beside)),
        account=beside.text("serviceAccountName") if beside else "",
        origin=fields.origin,
    )


def read_owners(metadata: Fields | None) -> tuple[Owner, ...]:
    """Read ``metadata.ownerReferences``."""
    listed = _items(metadata, "ownerReferences")
    return tuple(Owner(item.text("kind"), item.text("name")) for item in listed)


def _items(fields: Fields | None, name: str) -> Iterator[Fields]:
    return fields.mappings(name) if fields else iter(())


def _read_claims(spec: Fields | None) -> Iterator[str]:
    for volume in _items(spec, "volumes"):
        claim = volume.mapping("persistentVolumeClaim")
        if claim is not None and claim.text("claimName"):
            yield claim.text("claimName")


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
    return tuple(dict.fromkeys(found))
