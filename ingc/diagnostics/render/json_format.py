"""Diagnostics as JSON, one object each; what is absent is null."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ingc.diagnostics.model import Diagnostic, Origin, format_field


def render_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Return ``{"diagnostics": [...]}``, in ASCII, so that no terminal reads commands in it.

    ``line`` and ``column`` count from 1, the column in characters.
    """
    found = [_diagnostic(diagnostic) for diagnostic in diagnostics]
    return json.dumps({"diagnostics": found}, indent=2) + "\n"


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
