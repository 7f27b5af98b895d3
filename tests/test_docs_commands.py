"""The commands on the pages of docs/ print what the pages show.

A block ```` ```routes NAME ```` is a file that the commands below it find.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from ingc.routetest import format_file
from tests.routetest.language import findings, parsed
from tests.test_docs_example import ROOT, rendered

UPDATE = os.environ.get("INGC_UPDATE_DOCS") == "1"
PAGES = ("route-tests.md", "diff.md")

_FILES = re.compile(r"^```routes (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_what_is_printed(name: str, tmp_path: Path) -> None:
    for example in (ROOT / "examples").glob("*.yaml"):
        shutil.copy(example, tmp_path)
    page = ROOT / "docs" / name
    text = page.read_text(encoding="utf-8")
    for file, content in _FILES.findall(text):
        (tmp_path / file).write_text(content, encoding="utf-8")
        assert findings(content) or format_file(parsed(content)) == content
    found = rendered(text, tmp_path)
    assert found.count("\n$ ") >= 5
    if UPDATE:
        page.write_text(found, encoding="utf-8")
        text = found
    assert found == text, "INGC_UPDATE_DOCS=1 pytest tests/test_docs_commands.py"
