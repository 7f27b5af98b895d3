"""The generated pages of docs/ are those that the declarations give."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingc.cli.commands import cli
from ingc.cli.completing import WORDS_FILE
from ingc.cli.completion_words import completion_words
from ingc.cli.man import man_pages
from ingc.reference import counts, pages

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
UPDATE = os.environ.get("INGC_UPDATE_DOCS") == "1"


@pytest.mark.parametrize(("name", "text"), list(pages()), ids=lambda value: value[:20])
def test_the_page_is_fresh(name: str, text: str) -> None:
    path = DOCS / name
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "INGC_UPDATE_DOCS=1 pytest tests/test_docs.py"


def _generated() -> Iterator[tuple[Path, str]]:
    yield WORDS_FILE, completion_words(cli)
    for name, text in man_pages(cli):
        yield ROOT / "man" / name, text


@pytest.mark.parametrize(("file", "text"), list(_generated()), ids=lambda value: str(value)[-20:])
def test_what_is_made_of_the_commands_is_fresh(file: Path, text: str) -> None:
    if UPDATE:
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, "INGC_UPDATE_DOCS=1 pytest tests/test_docs.py"


def test_there_is_no_other_manual_page() -> None:
    assert {path.name for path in (ROOT / "man").iterdir()} == {name for name, _ in man_pages(cli)}


def test_the_readme_counts_the_annotations() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert counts() in " ".join(readme.split())
