"""What Kubernetes Events have to say of the findings, and of which objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from ingc.diagnostics import Diagnostic, ObjectRef, Severity
from ingc.k8s.store import Store, version_of

_LONGEST_MESSAGE = 1024
"""Bytes; the API server refuses an Event with more (``note`` of events.k8s.io/v1)."""
_LONGEST_NAME = 200
"""Characters of an object's name in the name of its Event, of 253."""


@dataclass(frozen=True, slots=True)
class IngressEvent:
    """What an Event of Kubernetes has to say of a finding (core/v1 Event)."""

    type: Literal["Normal", "Warning"]
    """Of a finding it is ``Warning``."""
    reason: str
    """One word in CamelCase, the same for each finding of a code: ``BackendMissing``."""
    message: str
    """Code, what is wrong, and what to do; 1024 bytes at most."""


@dataclass(frozen=True, slots=True)
class ObjectEvents:
    """The Events of one object: one with rules, or one that these use."""

    reference: Mapping[str, str]
    """An ObjectReference (core/v1), as an Event's ``involvedObject`` or ``regarding``; without
    ``uid`` where the kind is none whose uid is kept (Services are, and kinds with rules), and
    without ``namespace`` where the kind has none."""
    events: tuple[IngressEvent, ...]
    """An Event for each finding that is more than a note, in the order of the findings."""


def event_object(
    reference: Mapping[str, str],
    event: IngressEvent,
    *,
    controller: str,
    instance: str,
    name: str = "",
) -> dict[str, Any]:
    """Return an Event as the API server takes it (events.k8s.io/v1), of now.

    ``reference`` is that of `ObjectEvents`; the Event lies in the object's namespace, or in
    ``default`` where it has none. ``controller`` and ``instance`` are who reports:
    ``reportingController``, such as ``example.com/ingress``, and ``reportingInstance``, such as the
    Pod's name. Without ``name`` the server makes one of the object's.
    """
    named = {"name": name} if name else {"generateName": f"{reference['name'][:_LONGEST_NAME]}-"}
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"namespace": reference.get("namespace") or "default", **named},
        "eventTime": datetime.now(UTC).isoformat(timespec="microseconds"),
        "type": event.type,
        "reason": event.reason,
        "note": event.message,
        "action": "Compile",
        "regarding": dict(reference),
        "reportingController": controller,
        "reportingInstance": instance,
    }


def event_of(found: Diagnostic) -> IngressEvent:
    """Return what an Event has to say of a finding."""
    place = f"{found.field}: " if found.field else ""
    advice = f"; {found.help}" if found.help else ""
    message = f"{found.code} {place}{found.message}{advice}"
    return IngressEvent("Warning", type(found.entry).__name__, _cut(message))


def events_of(found: Iterable[Diagnostic]) -> tuple[IngressEvent, ...]:
    """Return an Event for each finding that is more than a note."""
    return tuple(event_of(item) for item in found if item.severity is not Severity.NOTE)


def events_by_object(
    store: Store, found: Iterable[Diagnostic], passed_over: frozenset[ObjectRef]
) -> tuple[ObjectEvents, ...]:
    """Return the Events of each object that has some, in the order of the findings.

    Findings of no object, of one that is passed over and of unknown kinds are no Events.
    """
    by_object: dict[ObjectRef, list[Diagnostic]] = {}
    for item in found:
        ref = item.origin.object
        if item.severity is not Severity.NOTE and ref is not None and ref not in passed_over:
            by_object.setdefault(ref, []).append(item)
    uids = _uids(store) if by_object else {}
    rows = ((_reference(ref, uids.get(ref, "")), items) for ref, items in by_object.items())
    return tuple(ObjectEvents(named, events_of(items)) for named, items in rows if named)


def _reference(ref: ObjectRef, uid: str) -> dict[str, str]:
    """Return an ObjectReference; empty for kinds of unknown version."""
    version = version_of(ref.kind)
    if version is None:
        return {}
    named = {"apiVersion": version, "kind": ref.kind}
    if ref.namespace:
        named["namespace"] = ref.namespace
    return {**named, "name": ref.name, **({"uid": uid} if uid else {})}


def _uids(store: Store) -> dict[ObjectRef, str]:
    metas = [
        *(("Ingress", item.meta) for item in store.ingresses),
        *((item.kind.name, item.meta) for item in store.others),
        *(("Service", item.meta) for item in store.services.values()),
    ]
    return {ObjectRef(kind, meta.namespace, meta.name): meta.uid for kind, meta in metas}


def _cut(text: str) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) <= _LONGEST_MESSAGE:
        return text
    return data[: _LONGEST_MESSAGE - 3].decode("utf-8", "ignore") + "…"
