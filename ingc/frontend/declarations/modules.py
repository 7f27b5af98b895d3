"""Modules that stock nginx lacks, and that both annotations and keys of the ConfigMap need."""

from __future__ import annotations

from ingc.frontend.declarations.declare import OfModule

MODSECURITY = OfModule(
    "modsecurity",
    "stock nginx has no ModSecurity",
    "put a firewall before or behind nginx",
    protects=True,
)
OPENTELEMETRY = OfModule(
    "opentelemetry",
    "stock nginx has no OpenTelemetry",
    "correlate by the X-Request-ID that every backend gets, or trace in the application",
)
