"""No two public classes have one name, so that a name in a message or an import means one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import ingc

PACKAGE = Path(ingc.__file__).parent
TWICE: Mapping[str, str] = {
    "Nginx": "Inside of ingc it is a binary; a program's `ingc.Nginx` is that on a folder, started "
    "and stopped.",
    "Outcome": "Of the controller it is what became of a change, of the model what becomes of a "
    "request.",
}
"""Names that several classes have all the same, each with the reason in a sentence."""


def classes_in(folder: Path) -> dict[str, list[str]]:
    """Return the modules of a folder by the public classes that stand in them."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(folder).as_posix())
    return dict(found)


def repeated(classes: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the names of several classes."""
    return {name: places for name, places in classes.items() if len(places) > 1}


def test_no_two_public_classes_have_one_name() -> None:
    found = repeated(classes_in(PACKAGE))
    assert {name: places for name, places in found.items() if name not in TWICE} == {}
    assert set(TWICE) <= set(found), "a reason without its classes"
    assert all(reason.endswith(".") and " " in reason for reason in TWICE.values())


def test_a_second_class_of_a_name_is_seen(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "one.py").write_text("class Refused: ...\nclass _Own: ...\n", encoding="utf-8")
    (tmp_path / "inner" / "two.py").write_text(
        "def make():\n    class Refused: ...\nclass _Own: ...\n", encoding="utf-8"
    )
    assert repeated(classes_in(tmp_path)) == {"Refused": ["inner/two.py", "one.py"]}
