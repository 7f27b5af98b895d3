"""Every code about the input has a case that shows it at its line."""

from __future__ import annotations

import re
from pathlib import Path

from ingc.diagnostics.catalogue.index import ENTRIES
from tests.k8s.marked import FOLDERS, TESTS, all_cases

EXCEPTIONS: dict[str, str] = {
    "ING109": "no file holds objects of a program; tests/k8s/test_client_objects.py",
    "ING602": "it takes hundreds of names; tests/nginx/test_starting.py",
    "ING603": "it takes many ports; tests/nginx/test_starting.py",
}
"""Code → why no marked case can show it."""


def shown() -> set[str]:
    """Return the codes that the marked cases show."""
    return {code for case in all_cases() for code in (*(c for _, c in case.found), *case.also)}


def about_input() -> set[str]:
    return {code for code in ENTRIES if re.fullmatch(r"ING[1-6]\d\d", code)}


def test_every_code_about_the_input_is_shown_by_a_case() -> None:
    missing = about_input() - shown() - set(EXCEPTIONS)
    assert not missing, f"no marked case shows {sorted(missing)}"


def test_no_case_shows_a_code_that_does_not_exist() -> None:
    assert shown() <= set(ENTRIES)


def test_the_exceptions_are_still_exceptions() -> None:
    assert not set(EXCEPTIONS) & shown()
    assert set(EXCEPTIONS) <= set(ENTRIES)


def test_every_marked_file_is_read() -> None:
    folders = {TESTS / folder for folder in FOLDERS}
    for path in TESTS.rglob("*.yaml"):
        if re.search(r"# <- ING\d", path.read_text(encoding="utf-8")):
            assert Path(path).parent in folders, path


def test_errors_warnings_and_notes_are_all_shown() -> None:
    assert {ENTRIES[code].severity for code in shown()} == {e.severity for e in ENTRIES.values()}
