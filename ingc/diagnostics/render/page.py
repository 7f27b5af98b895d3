"""The page of a code, and the list of all codes: what `ingc explain-code` prints."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection
from string import Formatter

from ingc.diagnostics.model import Entry, Severity


def render_page(entry: type[Entry]) -> str:
    """Return a code's page: its name and severity, what it means, how it reads in the output."""
    return "\n".join(
        [f"{entry.code} {entry.name}", _standing(entry), "", explanation(entry), "", _sample(entry)]
    )


def render_index(entries: Collection[type[Entry]]) -> str:
    """Return one line per code: code, severity, name and message."""
    severity = max(len(entry.severity.value) for entry in entries)
    name = max(len(entry.name) for entry in entries)
    return "".join(
        f"{entry.code}  {entry.severity.value:{severity}}  {entry.name:{name}}  "
        f"{with_blanks(entry.summary)}\n"
        for entry in entries
    )


def explanation(entry: type[Entry]) -> str:
    """Return the text of a code's page: meaning, example, fix; Markdown without a last break."""
    return inspect.cleandoc(entry.__doc__ or "")


def with_blanks(template: str) -> str:
    """Write a template with its fields as blanks: ``{path_type}`` as ``<path type>``."""
    return "".join(
        text + (f"<{field.replace('_', ' ')}>" if field else "")
        for text, field, _, _ in Formatter().parse(template)
    )


def _standing(entry: type[Entry]) -> str:
    strict = ""
    if entry.severity is not Severity.ERROR:
        strict = ", an error with --strict" if entry.strict else ", with --strict too"
    return f"{entry.severity.value}{strict}; since ingc {entry.since}"


def _sample(entry: type[Entry]) -> str:
    label, advice = with_blanks(entry.label), with_blanks(entry.help)
    lines = [
        "In the output:",
        f"  {entry.severity.value}[{entry.code}]: {with_blanks(entry.summary)}",
        f"     | ^^^ {label}" if _has_text(label) else "",
        f"     = help: {advice}" if _has_text(advice) else "",
    ]
    return "".join(f"{line}\n" for line in lines if line)


def _has_text(template: str) -> bool:
    """Return whether there is more than one blank: ``<why>`` alone explains nothing."""
    return re.sub(r"<[^<>]*>", "", template).strip() != ""
