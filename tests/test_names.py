"""No two public classes have one name without a reason."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import ingc

PACKAGE = Path(ingc.__file__).parent
REASONS: dict[str, str] = {}
"""Names that two public classes have, and why."""


def test_no_two_public_classes_have_one_name() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(str(path.relative_to(PACKAGE)))
    twice = {name: places for name, places in found.items() if len(places) > 1}
    assert {name: places for name, places in twice.items() if name not in REASONS} == {}
    assert set(REASONS) <= set(twice)
