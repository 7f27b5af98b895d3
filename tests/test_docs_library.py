"""The Python of docs/library.md runs, from top to bottom, and prints what the page shows."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingc.nginx import free_port
from tests.test_docs_example import ROOT

PAGE = ROOT / "docs" / "library.md"
UPDATE = os.environ.get("INGC_UPDATE_DOCS") == "1"

_BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the page's program runs; nginx's workers may enter it."""
    for path in (tmp_path, tmp_path.parent):
        path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("real_nginx", "folder")
def test_the_page_shows_what_is_printed() -> None:
    text = PAGE.read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": "page"}
    port, printing = str(free_port()), 0

    def run(block: re.Match[str]) -> str:
        nonlocal printing
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(block[1].replace("8080", port), names)  # noqa: S102
        said = out.getvalue().replace(port, "8080")
        if not said:
            assert block[2] is None, block[1]
            return block[0]
        printing += 1
        return f"```python\n{block[1]}```\n\n```text\n{said}```"

    found = _BLOCK.sub(run, text)
    assert printing >= 7
    if UPDATE:
        PAGE.write_text(found, encoding="utf-8")
        text = found
    assert found == text, "INGC_UPDATE_DOCS=1 pytest tests/test_docs_library.py"
