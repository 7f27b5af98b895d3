"""Templates of a configuration tool, which are no nginx.conf before they are rendered."""

from __future__ import annotations

import re

_HIDDEN = re.compile(r"""(?<![^\s;{}])#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""", re.DOTALL)
"""Comments and texts in quotes."""
_MARK = re.compile(r"\{\{|\{%|<%")
"""No directive can hold these: of Jinja, Go, Helm, Ansible, and of ERB."""


def template_mark(text: str) -> tuple[str, int] | None:
    """Return the first mark of a template and its line; ``None`` where there is none."""
    bare = _HIDDEN.sub(lambda found: "\n" * found[0].count("\n"), text)
    found = _MARK.search(bare)
    return (found[0], bare.count("\n", 0, found.start()) + 1) if found else None
