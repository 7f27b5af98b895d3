"""What became of each Ingress of an input, for its status and its Events."""

from __future__ import annotations

from ingc.ingresses.report import IngressEvent, IngressReport, report_ingresses

__all__ = ["IngressEvent", "IngressReport", "report_ingresses"]
