"""v1 PersistentVolumeClaim and PersistentVolume, as far as a Pod waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.fields import Fields

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class PersistentVolumeClaim:
    """A claim of storage."""

    namespace: str
    name: str
    phase: str
    """``Pending``, ``Bound``, ``Lost``; ``""`` where the manifest has none."""
    storage_class: str
    """``spec.storageClassName``; ``""`` where none is named."""
    modes: tuple[str, ...]
    """``spec.accessModes``."""
    size: str
    """What is requested of storage, as written."""
    volume: str
    """The PersistentVolume that it is bound to, or requests; ``""`` for none."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class PersistentVolume:
    """A piece of storage."""

    name: str
    phase: str
    """``Available``, ``Bound``, ``Released``, ``Failed``."""
    storage_class: str
    modes: tuple[str, ...]
    size: str
    """``spec.capacity.storage``, as written."""
    claim: str
    """``namespace/name`` of the claim that it is for; ``""`` for none."""
    origin: Origin


def read_claim(fields: Fields, ref: ObjectRef, _version: str) -> PersistentVolumeClaim:
    """Read a PersistentVolumeClaim."""
    spec, status = fields.mapping("spec"), fields.mapping("status")
    resources = spec.mapping("resources") if spec else None
    return PersistentVolumeClaim(
        namespace=ref.namespace,
        name=ref.name,
        phase=status.text("phase") if status else "",
        storage_class=spec.text("storageClassName") if spec else "",
        modes=spec.texts("accessModes") if spec else (),
        size=_read_size(resources.mapping("requests") if resources else None),
        volume=spec.text("volumeName") if spec else "",
        origin=fields.origin,
    )


def read_volume(fields: Fields, ref: ObjectRef, _version: str) -> PersistentVolume:
    """Read a PersistentVolume."""
    spec, status = fields.mapping("spec"), fields.mapping("status")
    claim = spec.mapping("claimRef") if spec else None
    return PersistentVolume(
        name=ref.name,
        phase=status.text("phase") if status else "",
        storage_class=spec.text("storageClassName") if spec else "",
        modes=spec.texts("accessModes") if spec else (),
        size=_read_size(spec.mapping("capacity") if spec else None),
        claim=f"{claim.text('namespace')}/{claim.text('name')}" if claim else "",
        origin=fields.origin,
    )


def _read_size(resources: Fields | None) -> str:
    """Return a quantity of storage: YAML may have it as a text or as a number of bytes."""
    value = resources.value.get("storage") if resources else None
    return str(value) if type(value) in (str, int) else ""
