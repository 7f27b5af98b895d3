"""v1 Pod, as far as it shows whether a Service's requests can reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.condition import Condition, read_conditions, why_unready
from ingc.k8s.container import Container, ContainerPort, read_containers
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Owner:
    """An object that made another, of ``metadata.ownerReferences``."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Pod:
    """A Pod; it helps to explain a configuration."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    owners: tuple[Owner, ...]
    deleted: str
    """``metadata.deletionTimestamp``; ``""`` where nobody has deleted it."""
    finalizers: tuple[str, ...]
    containers: tuple[Container, ...]
    """The init containers first."""
    node: str
    """``""`` where it is not scheduled, or the manifest does not name it."""
    host_network: bool
    """True where it has the Node's addresses and ports."""
    gates: tuple[str, ...]
    """The conditions that ``spec.readinessGates`` adds."""
    claims: tuple[str, ...]
    """The PersistentVolumeClaims that its volumes name."""
    account: str
    """The ServiceAccount; ``""`` where the manifest names none."""
    phase: str
    """``status.phase``; ``""`` where the manifest has none."""
    reason: str
    """``status.reason``, such as ``Evicted``."""
    message: str
    addresses: tuple[str, ...]
    """``status.podIP`` and ``status.podIPs``."""
    host_address: str
    """``status.hostIP``, the Node's; ``""`` where the manifest has none."""
    conditions: tuple[Condition, ...]
    origin: Origin

    @property
    def address(self) -> str:
        """``status.podIP``; ``""`` where the manifest has none."""
        return self.addresses[0] if self.addresses else ""

    @property
    def ports(self) -> tuple[ContainerPort, ...]:
        """The ports that its containers declare; those of init containers end with them."""
        running = (item for item in self.containers if item.sidecar or not item.init)
        return tuple(port for item in running for port in item.ports)

    @property
    def ended(self) -> bool:
        """True where its containers have ended for good."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def unready(self) -> str:
        """Why it takes no requests, by ``status``; ``""`` where it does, or no status is given."""
        if self.ended:
            return f"it has ended ({self.phase})"
        pending = f"its phase is {self.phase}" if self.phase == "Pending" else ""
        return why_unready(self.conditions) or pending


def read_pod(fields: Fields, ref: ObjectRef, _version: str) -> Pod:
    """Read a Pod."""
    metadata, spec = fields.mapping("metadata"), fields.mapping("spec")
    status = fields.mapping("status")
    return Pod(
        namespace=ref.namespace,
        name=ref.name,
        labels=read_meta(fields, ref).labels,
        owners=read_owners(metadata),
        deleted=metadata.text("deletionTimestamp") if metadata else "",
        finalizers=metadata.texts("finalizers") if metadata else (),
        containers=read_containers(spec, status),
        node=spec.text("nodeName") if spec else "",
        host_network=spec.boolean("hostNetwork") is True if spec else False,
        gates=tuple(item.text("conditionType") for item in _items(spec, "readinessGates")),
        claims=tuple(_read_claims(spec)),
        account=spec.text("serviceAccountName") if spec else "",
        phase=status.text("phase") if status else "",
        reason=status.text("reason") if status else "",
        message=status.text("message") if status else "",
        addresses=_read_addresses(status),
        host_address=status.text("hostIP") if status else "",
        conditions=read_conditions(status),
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


def _read_addresses(status: Fields | None) -> tuple[str, ...]:
    if status is None:
        return ()
    found = [status.text("podIP"), *(item.text("ip") for item in status.mappings("podIPs"))]
    return tuple(dict.fromkeys(filter(None, found)))
