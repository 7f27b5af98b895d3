"""The catalogue has no holes: every entry is complete, well worded and used."""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import ingc
from ingc.diagnostics import Entry, Severity, catalogue
from ingc.diagnostics.catalogue.index import AREAS, ENTRIES, find, suggest
from tests.loading import loaded_by

PACKAGE = Path(ingc.__file__).parent
FOLDER = Path(catalogue.__file__).parent

FIRST_DIGITS = {
    "reading": "0",
    "foreign": "0",
    "objects": "1",
    "hosts_paths": "2",
    "tenancy": "2",
    "backends": "3",
    "ways": "3",
    "stream": "3",
    "annotations": "4",
    "configmap": "4",
    "modules": "4",
    "annotations_proxy": "4",
    "annotations_balance": "4",
    "annotations_protocols": "4",
    "annotations_headers": "4",
    "annotations_extauth": "4",
    "snippets": "4",
    "tls": "5",
    "routetest": "7",
    "departures": "8",
    "internal": "679",
}

NO_AREAS = {"__init__", "declare", "index"}

PROPER = {
    "ConfigMap",
    "EndpointSlice", "ExternalName", "Ingress", "IngressClass", "Kubernetes", "Secret", "Service",
    "TLS",
}  # fmt: skip
"""Words that keep their capital at the beginning of a message."""

each_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)


def _templates(entry: type[Entry]) -> dict[str, str]:
    return {"summary": entry.summary, "label": entry.label, "help": entry.help}


def _placeholders(template: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(template) if field is not None}


def _fields(entry: type[Entry]) -> set[str]:
    return set(entry.fields)


def _classes(module: Path) -> list[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef)]


def _area_files() -> list[Path]:
    return sorted(path for path in FOLDER.glob("*.py") if path.stem not in NO_AREAS)


def _modules_outside() -> Iterator[Path]:
    return (path for path in sorted(PACKAGE.rglob("*.py")) if FOLDER not in path.parents)


def _names_used(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_the_list_of_areas_is_the_folder() -> None:
    assert sorted(area.__name__.rpartition(".")[2] for area in AREAS) == [
        path.stem for path in _area_files()
    ]


def test_every_declared_class_is_an_entry_and_no_code_is_used_twice() -> None:
    declared = Counter(name for path in _area_files() for name in _classes(path))
    assert declared == Counter(entry.__name__ for entry in ENTRIES.values())


def test_codes_are_in_order() -> None:
    assert list(ENTRIES) == sorted(ENTRIES)


def test_names_are_unique() -> None:
    names = Counter(entry.name for entry in ENTRIES.values())
    assert [name for name, count in names.items() if count > 1] == []


@each_entry
def test_the_code_fits_its_area(entry: type[Entry]) -> None:
    area = entry.__module__.rpartition(".")[2]
    digits = FIRST_DIGITS["annotations" if area.startswith("annotations_") else area]
    assert re.fullmatch(rf"ING[{digits}]\d\d", entry.code)


@each_entry
def test_the_name_describes_the_defect_in_kebab_case(entry: type[Entry]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.name)
    assert not entry.name.startswith(("use-", "avoid-", "do-not-", "prefer-"))


@each_entry
def test_the_page_has_meaning_and_fix(entry: type[Entry]) -> None:
    first, *rest = inspect.cleandoc(entry.__doc__ or "").split("\n\n")
    assert first[0].isupper()
    assert first.endswith(".")
    fixes = [paragraph for paragraph in rest if paragraph.startswith("Fix: ")]
    assert len(fixes) == 1
    assert fixes[0].endswith((".", "`"))


@each_entry
def test_templates_use_the_entrys_own_fields_and_all_of_them(entry: type[Entry]) -> None:
    used = {name for text in _templates(entry).values() for name in _placeholders(text)}
    assert used <= _fields(entry)
    assert _fields(entry) <= used


@each_entry
def test_no_field_hides_what_every_entry_has(entry: type[Entry]) -> None:
    assert not _fields(entry) & (set(dir(Entry)) | set(Entry.__annotations__))


@each_entry
def test_the_summary_is_one_short_line_without_full_stop(entry: type[Entry]) -> None:
    assert not entry.summary.endswith((".", "!"))
    assert "\n" not in entry.summary
    assert len(re.sub(r"\{\w+\}", "", entry.summary)) <= 70
    first = re.split(r"[^\w]", entry.summary, maxsplit=1)[0]
    assert first == "" or first[0].islower() or first in PROPER


@each_entry
def test_label_and_help_are_lines_of_the_same_kind(entry: type[Entry]) -> None:
    for text in (entry.label, entry.help):
        assert "\n" not in text
        assert not text.endswith(".")
        assert not text[:1].isupper() or text.split()[0] in PROPER
    assert entry.help or entry.severity is Severity.NOTE


@each_entry
def test_only_what_is_no_error_can_be_lifted(entry: type[Entry]) -> None:
    assert not (entry.strict and entry.severity is Severity.ERROR)


def test_every_entry_is_reported_somewhere() -> None:
    used = set().union(*map(_names_used, _modules_outside()))
    unused = [f"{e.code} {e.__name__}" for e in ENTRIES.values() if e.__name__ not in used]
    assert unused == []


def test_every_code_that_is_mentioned_exists() -> None:
    root = PACKAGE.parent
    files = [*PACKAGE.rglob("*.py"), *(root / "golden").rglob("*"), *root.glob("*.md")]
    mentioned = {
        (code, path.relative_to(root).as_posix())
        for path in files
        if path.is_file()
        for code in re.findall(r"ING\d{3}\b", path.read_text(encoding="utf-8", errors="replace"))
    }
    assert {(code, path) for code, path in mentioned if code not in ENTRIES} == set()


def test_the_foundation_does_not_load_the_catalogue() -> None:
    for module in ("__init__.py", "model.py", "sink.py"):
        tree = ast.parse((FOLDER.parent / module).read_text(encoding="utf-8"))
        imports = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not [name for name in imports if name and "catalogue" in name]


def test_an_area_loads_no_other() -> None:
    area = "ingc.diagnostics.catalogue.tls"
    package = "ingc.diagnostics.catalogue"
    loaded = {name for name in loaded_by(f"import {area}") if name.startswith(package)}
    assert loaded == {package, f"{package}.declare", area}
    for path in _area_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = {str(node.module) for node in tree.body if isinstance(node, ast.ImportFrom)}
        assert {name for name in imports if name.startswith(package)} == {f"{package}.declare"}


def test_only_what_looks_codes_up_loads_all_areas() -> None:
    index = re.compile(r"\bcatalogue(\.| import )index\b").search
    using = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if index(path.read_text(encoding="utf-8"))
    }
    assert using == {"cli/explain_code.py", "cli/completion_words.py"}


@pytest.mark.parametrize("text", ["ING205", "ing205", " Ing205\n", "path-has-forbidden-part"])
def test_find_takes_codes_and_names(text: str) -> None:
    assert find(text) is ENTRIES["ING205"]


@pytest.mark.parametrize("text", ["", "205", "ING777", "path", "PathHasForbiddenPart"])
def test_find_does_not_guess(text: str) -> None:
    assert find(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("205", "ING205"),
        ("IGN205", "ING205"),
        ("E205", "ING205"),
        ("backend-mising", "backend-missing"),
        ("Host_Invalid", "host-invalid"),
        ("ING8888", None),
        ("", None),
        ("zzz", None),
        ("x" * 1_000_000, None),
    ],
)
def test_suggest_offers_what_is_close(text: str, meant: str | None) -> None:
    assert suggest(text) == meant
