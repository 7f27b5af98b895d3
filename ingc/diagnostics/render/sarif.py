"""Diagnostics as SARIF 2.1.0, the form that code scanners exchange."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ingc.diagnostics.model import Diagnostic, Entry, Origin, Severity, Span, format_field
from ingc.diagnostics.render.page import explanation
from ingc.diagnostics.render.place import (
    NearestPlace,
    Surroundings,
    fingerprints,
    is_absolute,
    nearest,
)
from ingc.syntax.visible import as_json, visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_FINGERPRINT = "ingcFinding/v1"
"""A name of our own: what GitHub computes itself is called otherwise, and must not be given."""

_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_LONGEST = 1024
"""Characters of a description that GitHub takes."""

Node = dict[str, object]


def render_sarif(
    diagnostics: Sequence[Diagnostic],
    *,
    version: str | None = None,
    around: Surroundings | None = None,
) -> str:
    """Return a log of one run, in ASCII, with a rule for each code that occurs.

    ``version`` is that of ingc. Columns count characters. Relative file names begin at the root
    of ``around``, called ``%SRCROOT%``. With an ``around`` that knows the input, each result has a
    location in a file, without which GitHub's code scanning refuses the whole log.
    """
    known = around or Surroundings()
    occurring = {diagnostic.code: type(diagnostic.entry) for diagnostic in diagnostics}
    entries = [occurring[code] for code in sorted(occurring)]
    places = {entry.code: index for index, entry in enumerate(entries)}
    driver: Node = {"name": "ingc", "rules": [_rule(entry) for entry in entries]}
    if version:
        driver |= {"version": version, "semanticVersion": version}
    marks = fingerprints(diagnostics, known)
    run: Node = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(diagnostic, places[diagnostic.code], mark, known)
            for diagnostic, mark in zip(diagnostics, marks, strict=True)
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return as_json(log, 2, ascii_only=True) + "\n"


def _rule(entry: type[Entry]) -> Node:
    page = explanation(entry)
    paragraphs = [" ".join(paragraph.split("\n")) for paragraph in page.split("\n\n")]
    meaning = [paragraph for paragraph in paragraphs if not paragraph.startswith("Fix:")]
    return {
        "id": entry.code,
        "name": entry.name,
        "shortDescription": {"text": paragraphs[0][:_LONGEST]},
        "fullDescription": {"text": "\n\n".join(meaning)[:_LONGEST]},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": entry.severity.value},
        "properties": {
            "tags": ["kubernetes", "nginx"],
            "precision": "high",
            "problem.severity": _PROBLEMS[entry.severity],
        },
    }


def _result(diagnostic: Diagnostic, rule: int, mark: str, around: Surroundings) -> Node:
    lines = [diagnostic.message, f"help: {diagnostic.help}" if diagnostic.help else ""]
    result: Node = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": "\n".join(visible(line) for line in lines if line)},
    }
    place = nearest(diagnostic, around)
    location = _location(place, diagnostic.origin, diagnostic.label, around)
    result["locations"] = [location] if location else []
    related = (
        _location(_own(item.origin), item.origin, item.label, around) for item in diagnostic.also
    )
    numbered = [{"id": number, **place} for number, place in enumerate(related, 1) if place]
    if numbered:
        result["relatedLocations"] = numbered
    result["partialFingerprints"] = {_FINGERPRINT: mark}
    return result


def _own(origin: Origin) -> NearestPlace | None:
    if origin.source is None:
        return None
    return NearestPlace(origin.source.file, origin.span)


def _location(place: NearestPlace | None, origin: Origin, label: str, around: Surroundings) -> Node:
    """Return where a diagnostic applies; empty if nothing is known."""
    location: Node = {}
    if place:
        location["physicalLocation"] = {
            "artifactLocation": _artifact(around.name(place.file)),
            "region": _region(place.span) if place.span else {"startLine": place.line},
        }
    logical = _logical(origin)
    if logical:
        location["logicalLocations"] = [logical]
    if location and label:
        location["message"] = {"text": visible(label)}
    return location


def _region(span: Span) -> Node:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endColumn": span.column + max(span.width, 1),
    }


def _logical(origin: Origin) -> Node:
    field = format_field(origin.field)
    parts = [visible(part) for part in (str(origin.object or ""), field) if part]
    if not parts:
        return {}
    kind = "property" if field else "object"
    return {"name": parts[-1], "fullyQualifiedName": " ".join(parts), "kind": kind}


def _artifact(name: str) -> Node:
    uri = quote(_as_bytes(name))
    return {"uri": f"file://{uri}"} if is_absolute(name) else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _as_bytes(file: str) -> bytes:
    """Return a file name's bytes, whatever the locale; undecodable ones as they are on disk."""
    try:
        return file.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return file.encode("utf-8", "surrogatepass")
