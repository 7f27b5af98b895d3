"""The generated pages of docs/ are those that the declarations give."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingc.reference import counts, pages

DOCS = Path(__file__).parents[1] / "docs"
UPDATE = os.environ.get("INGC_UPDATE_DOCS") == "1"


@pytest.mark.parametrize(("name", "text"), list(pages()), ids=lambda value: value[:20])
def test_the_page_is_fresh(name: str, text: str) -> None:
    path = DOCS / name
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "INGC_UPDATE_DOCS=1 pytest tests/test_docs.py"


def test_the_readme_counts_the_annotations() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert counts() in " ".join(readme.split())
