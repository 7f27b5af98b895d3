"""v1 and events.k8s.io Event: what a controller, the scheduler or a kubelet says of an object."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.fields import Fields

VERSIONS = ("v1", "events.k8s.io/v1", "events.k8s.io/v1beta1")


@dataclass(frozen=True, slots=True)
class Event:
    """One event."""

    about: ObjectRef
    reason: str
    """Such as ``FailedScheduling``."""
    message: str
    warning: bool
    last: str
    """When it was seen last, as written; ``""`` where it has no time."""
    note_field: str
    """The field that has the message: ``message``, or ``note`` in events.k8s.io."""
    origin: Origin


def read_event(fields: Fields, ref: ObjectRef, version: str) -> Event:
    """Read an Event of either group; https://kubernetes.io/docs/reference/kubernetes-api/"""
    newer = version != "v1"
    about = fields.mapping("regarding" if newer else "involvedObject")
    series = fields.mapping("series")
    times = (
        series.text("lastObservedTime") if series else "",
        fields.text("deprecatedLastTimestamp" if newer else "lastTimestamp"),
        fields.text("eventTime"),
        fields.text("deprecatedFirstTimestamp" if newer else "firstTimestamp"),
    )
    note_field = "note" if newer else "message"
    return Event(
        about=ObjectRef(
            about.text("kind") if about else "",
            (about.text("namespace") if about else "") or ref.namespace,
            about.text("name") if about else "",
        ),
        reason=fields.text("reason"),
        message=fields.text(note_field),
        warning=fields.text("type") == "Warning",
        last=next(filter(None, times), ""),
        note_field=note_field,
        origin=fields.origin,
    )
