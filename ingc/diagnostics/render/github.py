"""Diagnostics as workflow commands, which GitHub prints beside the lines of a change."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingc.diagnostics.model import Diagnostic, Severity
from ingc.diagnostics.render.place import STDIN, Surroundings
from ingc.syntax.visible import visible

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_WITHIN_LINES = re.compile(r"[^\r\n]+")


def render_github(diagnostics: Sequence[Diagnostic], *, around: Surroundings | None = None) -> str:
    """Return one command a line: ``::error file=…,line=…,col=…,title=ING205 …::message``.

    Files are named from the root of ``around``, as GitHub names those of a change.
    """
    known = around or Surroundings()
    return "".join(f"{_command(diagnostic, known)}\n" for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic, around: Surroundings) -> str:
    properties = ",".join(
        f"{name}={_property(value)}" for name, value in _properties(diagnostic, around).items()
    )
    return f"::{_COMMANDS[diagnostic.severity]} {properties}::{_data(_message(diagnostic))}"


def _properties(diagnostic: Diagnostic, around: Surroundings) -> dict[str, str]:
    properties = {}
    span = diagnostic.span
    if diagnostic.file and diagnostic.file != STDIN:
        properties["file"] = around.name(diagnostic.file)
        if span:
            properties |= {"line": str(span.line), "col": str(span.column)}
    properties["title"] = f"{diagnostic.code} {diagnostic.entry.name}"
    return properties


def _message(diagnostic: Diagnostic) -> str:
    place = ", ".join(part for part in (diagnostic.object, diagnostic.field) if part)
    label = f" ({diagnostic.label})" if diagnostic.label else ""
    lines = [
        diagnostic.message + label,
        f"at {place}" if place else "",
        f"help: {diagnostic.help}" if diagnostic.help else "",
    ]
    return "\n".join(visible(line) for line in lines if line)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    escaped = _WITHIN_LINES.sub(lambda match: visible(match[0]), text)
    return _data(escaped).replace(":", "%3A").replace(",", "%2C")
