"""Diagnostics as SARIF 2.1.0, the form that code scanners exchange."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote

from ingc.diagnostics.model import Diagnostic, Entry, Origin, Span, format_field
from ingc.diagnostics.render.page import explanation
from ingc.syntax.visible import visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

Node = dict[str, object]


def render_sarif(diagnostics: Sequence[Diagnostic], *, version: str | None = None) -> str:
    """Return a log of one run, in ASCII, with a rule for each code that occurs.

    ``version`` is that of ingc. Columns count characters. Relative file names are relative to
    the folder that the program ran in, called ``%SRCROOT%``.
    """
    occurring = {diagnostic.code: type(diagnostic.entry) for diagnostic in diagnostics}
    entries = [occurring[code] for code in sorted(occurring)]
    places = {entry.code: index for index, entry in enumerate(entries)}
    driver: Node = {"name": "ingc", "rules": [_rule(entry) for entry in entries]}
    if version:
        driver |= {"version": version}
    run: Node = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, places[diagnostic.code]) for diagnostic in diagnostics],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _rule(entry: type[Entry]) -> Node:
    page = explanation(entry)
    paragraphs = [" ".join(paragraph.split("\n")) for paragraph in page.split("\n\n")]
    meaning = [paragraph for paragraph in paragraphs if not paragraph.startswith("Fix:")]
    return {
        "id": entry.code,
        "name": entry.name,
        "shortDescription": {"text": paragraphs[0]},
        "fullDescription": {"text": "\n\n".join(meaning)},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": entry.severity.value},
    }


def _result(diagnostic: Diagnostic, rule: int) -> Node:
    lines = [diagnostic.message, f"help: {diagnostic.help}" if diagnostic.help else ""]
    result: Node = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": "\n".join(visible(line) for line in lines if line)},
    }
    location = _location(diagnostic.origin, diagnostic.label)
    result["locations"] = [location] if location else []
    related = (_location(place.origin, place.label) for place in diagnostic.also)
    numbered = [{"id": number, **place} for number, place in enumerate(related, 1) if place]
    if numbered:
        result["relatedLocations"] = numbered
    return result


def _location(origin: Origin, label: str) -> Node:
    """Return where a diagnostic applies; empty if nothing is known."""
    location: Node = {}
    if origin.source:
        physical: Node = {"artifactLocation": _artifact(origin.source.file)}
        span = origin.span
        if span:
            physical["region"] = _region(span)
        location["physicalLocation"] = physical
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


def _artifact(file: str) -> Node:
    path = PurePath(file)
    uri = quote(_as_bytes(path.as_posix()))
    if path.is_absolute():
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _as_bytes(file: str) -> bytes:
    """Return a file name's bytes, whatever the locale; undecodable ones as they are on disk."""
    try:
        return file.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return file.encode("utf-8", "surrogatepass")
