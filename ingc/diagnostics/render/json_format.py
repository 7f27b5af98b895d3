"""Diagnostics as JSON, one object each; what is absent is null."""

from __future__ import annotations

from collections.abc import Sequence

from ingc.diagnostics.model import Diagnostic, Origin, format_field
from ingc.syntax.visible import as_json


def render_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Return ``{"diagnostics": [...]}``, in ASCII, so that no terminal reads commands in it.

    ``line`` and ``column`` count from 1, the column in characters.
    """
    found = [_diagnostic(diagnostic) for diagnostic in diagnostics]
    return as_json({"diagnostics": found}, 2, ascii_only=True) + "\n"


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    place = _place(diagnostic.origin)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **place,
        "help": diagnostic.help or None,
        "label": diagnostic.label or None,
        "related": [
            {"label": related.label or None, **_place(related.origin)}
            for related in diagnostic.also
        ],
    }


def _place(origin: Origin) -> dict[str, object]:
    span = origin.span
    return {
        "file": origin.source.file if origin.source else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "object": str(origin.object) if origin.object else None,
        "field": format_field(origin.field) or None,
    }
