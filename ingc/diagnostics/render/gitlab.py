"""Diagnostics as a code quality report, which GitLab prints beside the lines of a merge request.

The form is that of GitLab's page "Code Quality report format": a list, each with a description, a
check's name, a fingerprint that no other has, a severity, and a path from the repository's root.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingc.diagnostics.model import Diagnostic, Severity
from ingc.diagnostics.render.place import NearestPlace, Surroundings, fingerprints, nearest
from ingc.syntax.visible import as_json, visible

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
_NOWHERE = NearestPlace("unknown")


def render_gitlab(diagnostics: Sequence[Diagnostic], *, around: Surroundings | None = None) -> str:
    """Return a JSON list, in ASCII, empty where nothing was found."""
    known = around or Surroundings()
    marks = fingerprints(diagnostics, known)
    issues = [_issue(item, mark, known) for item, mark in zip(diagnostics, marks, strict=True)]
    return as_json(issues, 2, ascii_only=True) + "\n"


def _issue(diagnostic: Diagnostic, mark: str, around: Surroundings) -> dict[str, object]:
    place = nearest(diagnostic, around) or _NOWHERE
    advice = f" ({diagnostic.help})" if diagnostic.help else ""
    return {
        "description": visible(f"{diagnostic.code}: {diagnostic.message}{advice}"),
        "check_name": diagnostic.entry.name,
        "fingerprint": mark,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {
            "path": visible(around.name(place.file)),
            "lines": {"begin": place.line},
        },
    }
