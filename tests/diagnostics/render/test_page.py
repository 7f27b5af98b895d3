"""Pages of codes, and their list."""

from __future__ import annotations

import re

import pytest

from ingc.diagnostics import Entry, Severity
from ingc.diagnostics.catalogue.hosts_paths import PathUnprintable
from ingc.diagnostics.catalogue.index import ENTRIES
from ingc.diagnostics.render.page import explanation, render_index, render_page, with_blanks


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_page_says_what_the_catalogue_says(entry: type[Entry]) -> None:
    page = render_page(entry)
    heading, standing, empty, *_ = page.split("\n")
    assert heading == f"{entry.code} {entry.name}"
    assert standing.startswith(entry.severity.value)
    assert standing.endswith(f"since ingc {entry.since}")
    assert ("an error with --strict" in standing) == entry.strict
    assert empty == ""
    assert explanation(entry) in page
    assert f"{entry.severity.value}[{entry.code}]: {with_blanks(entry.summary)}" in page
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_page_is_plain_text_without_indentation_of_the_source(entry: type[Entry]) -> None:
    text = explanation(entry)
    assert all(char == "\n" or char.isprintable() for char in text)
    assert not re.search(r"^    |[ \t]$", text, re.MULTILINE)
    assert "\\\\" not in text


def test_blanks_stand_for_fields() -> None:
    assert with_blanks('path "{path}" for {path_type}') == 'path "<path>" for <path type>'
    assert with_blanks("plain") == "plain"


def test_a_blank_alone_is_not_shown() -> None:
    assert PathUnprintable.label == "{why}"
    assert "^^^" not in render_page(PathUnprintable)


def test_the_list_has_one_line_for_each_code() -> None:
    lines = render_index(ENTRIES.values()).splitlines()
    assert [line.split()[0] for line in lines] == list(ENTRIES)
    for line, entry in zip(lines, ENTRIES.values(), strict=True):
        assert line.split()[1:3] == [entry.severity.value, entry.name]
        assert line.endswith(with_blanks(entry.summary))


def test_only_errors_say_nothing_of_strict() -> None:
    for entry in ENTRIES.values():
        assert ("--strict" in render_page(entry).split("\n")[1]) == (
            entry.severity is not Severity.ERROR
        )
