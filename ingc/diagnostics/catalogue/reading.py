"""ING0xx: reading files, YAML and JSON."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, code
from ingc.diagnostics.model import Entry


@code("ING001", name="yaml-syntax", severity=ERROR)
class YamlSyntax(Entry):
    """The document is not valid YAML.

    Example: a tab used for indentation, a quote that is never closed, two keys on one line.

    Fix: correct the document at the place shown. The rest of the file after a syntax error is
    not read.
    """

    problem: str
    summary = "not valid YAML: {problem}"
    label = "the parser stopped here"
    help = "correct the document; most often it is the indentation or a missing quote"
