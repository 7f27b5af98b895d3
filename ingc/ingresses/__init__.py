"""What became of each Ingress of an input, for its status and its Events."""

from __future__ import annotations

from ingc.ingresses.events import IngressEvent, ObjectEvents, events_by_object
from ingc.ingresses.report import IngressReport, report_ingresses

__all__ = [
    "IngressEvent",
    "IngressReport",
    "ObjectEvents",
    "events_by_object",
    "report_ingresses",
]
