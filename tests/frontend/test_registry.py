"""The registry has no holes: every annotation of ingress-nginx is declared, and shown by a case."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from ingc.diagnostics.catalogue.annotations import AnnotationValueNotUsed, AnnotationValueWrong
from ingc.frontend.annotations import registry, unsupported
from ingc.frontend.annotations.declare import OWN_PREFIX, Annotation, UnsupportedAnnotation
from ingc.frontend.annotations.registry import ALIASES, DECLARATIONS, FAMILIES, PREFIX
from ingc.frontend.declarations.declare import Support
from tests.golden.case import all_cases

NAMES = (Path(__file__).parent / "annotation_names.txt").read_text(encoding="utf-8").split()
"""The 138 names of ingress-nginx 1.15, older names of the same among them."""

SUPPORTED = [item for item in DECLARATIONS.values() if isinstance(item, Annotation)]


def test_every_name_is_declared_once() -> None:
    assert len(NAMES) == 138
    declared = [item.name for family in FAMILIES for item in family.declarations]
    assert len(declared) == len(set(declared))
    known = {
        *DECLARATIONS,
        *ALIASES,
    } - {item.name for item in unsupported.REMOVED.declarations}
    assert {name for name in known if not name.startswith(OWN_PREFIX)} == set(NAMES)


def test_every_module_of_the_folder_is_in_the_list() -> None:
    folder = Path(str(registry.__file__)).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    used = {
        name
        for name in modules
        if getattr(getattr(registry, name, None), "FAMILY", None) in FAMILIES
    }
    assert used == {name for name in modules if _holds_family(folder / f"{name}.py")}
    assert len(FAMILIES) == len(used) + len(unsupported.FAMILIES)


def _holds_family(path: Path) -> bool:
    return re.search(r"^FAMILY = ", path.read_text(encoding="utf-8"), re.MULTILINE) is not None


@pytest.mark.parametrize("declared", [d for d in DECLARATIONS.values() if d not in SUPPORTED])
def test_what_is_not_supported_says_why(declared: UnsupportedAnnotation) -> None:
    assert declared.doc
    assert declared.support is not Support.SUPPORTED


@cache
def _given() -> dict[str, set[str]]:
    """Return the values of each annotation in the golden cases, under its own name."""
    found: dict[str, set[str]] = {}
    key = re.compile(rf"(?:{re.escape(PREFIX)}/|(?={OWN_PREFIX}))([a-z0-9/-]+)[\"']?: *(.*)")
    for case in all_cases():
        for path in case.folder.glob("input*"):
            for name, value in key.findall(path.read_text(encoding="utf-8")):
                found.setdefault(ALIASES.get(name, name), set()).add(value.strip())
    return found


@cache
def _refused() -> set[str]:
    """Return the annotations of which a golden case shows a wrong value."""
    wrong = (AnnotationValueNotUsed, AnnotationValueWrong)
    return {
        found.entry.annotation
        for case in all_cases()
        for found in case.result.diagnostics
        if isinstance(found.entry, wrong)
    }


@pytest.mark.parametrize("declared", SUPPORTED, ids=lambda declared: declared.name)
def test_every_supported_annotation_is_shown(declared: Annotation[object]) -> None:
    assert declared.name in _given(), "no golden case has it"


@pytest.mark.parametrize("declared", SUPPORTED, ids=lambda declared: declared.name)
def test_a_wrong_value_of_every_supported_annotation_is_shown(declared: Annotation[object]) -> None:
    assert declared.name in _refused(), "no golden case shows a wrong value"
