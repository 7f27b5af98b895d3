"""Findings: what is wrong where, collected by every stage and rendered at the edge.

Part of the foundation: imports no stage.
"""

from ingc.diagnostics.model import (
    Diagnostic,
    Entry,
    FieldPath,
    ObjectRef,
    Origin,
    Related,
    Severity,
    Source,
    Span,
    format_field,
)
from ingc.diagnostics.sink import Sink

__all__ = [
    "Diagnostic",
    "Entry",
    "FieldPath",
    "ObjectRef",
    "Origin",
    "Related",
    "Severity",
    "Sink",
    "Source",
    "Span",
    "format_field",
]
