"""The commands of docs/explain.md and docs/why-404.md print what the pages show."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.cli.run import ingc, inside

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("explain.md", "why-404.md")]
UPDATE = os.environ.get("INGC_UPDATE_DOCS") == "1"

_CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def printed(command: str, folder: Path) -> str:
    """Return what a terminal would show: findings before the result."""
    name, *arguments = shlex.split(command)
    assert name == "ingc", command
    if "<" in arguments:
        place = arguments.index("<")
        stdin = (folder / arguments[place + 1]).read_text(encoding="utf-8")
        done = ingc(*arguments[:place], cwd=folder, stdin=stdin)
    else:
        done = inside(*arguments, cwd=folder)
    return done.err + done.out


def rendered(text: str, folder: Path) -> str:
    """Return a page with what its commands print now."""

    def run(block: re.Match[str]) -> str:
        commands = [line for line in block.group().splitlines() if line.startswith("$ ")]
        return "\n".join(f"{line}\n{printed(line[2:], folder)}" for line in commands)

    return _CONSOLE.sub(run, text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_shows_what_is_printed(page: Path, tmp_path: Path) -> None:
    files = [item for item in (ROOT / "examples").iterdir() if item.is_file()]
    for example in (*files, *(ROOT / "examples/why-404").iterdir()):
        shutil.copy(example, tmp_path)
    text = page.read_text(encoding="utf-8")
    found = rendered(text, tmp_path)
    assert found.count("\n$ ") >= 8
    if UPDATE:
        page.write_text(found, encoding="utf-8")
        text = found
    assert found == text, "INGC_UPDATE_DOCS=1 pytest tests/explain/test_pages.py"
