"""The commands of docs/coming-from-ingress-nginx.md print what the page shows."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.run import inside

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "coming-from-ingress-nginx.md"
UPDATE = os.environ.get("INGC_UPDATE_DOCS") == "1"

_CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_VARIES = (
    (r"nginx \d+\.\d+\.\d+ \(.*?\)", "nginx 1.31.3 (…/nginx)"),
    (r" +X-Request-ID: (?:.*\n)+? +X-Scheme: .*\n", "          …\n"),
    (r" +Server: (?:.*\n)+? +Connection: .*\n", "          …\n"),
)
"""What differs from run to run, and what the page shows for it: ids, ports, dates, lengths."""


def printed(command: str, folder: Path) -> str:
    """Return what a terminal would show: findings before the result, as ``ingc`` prints them."""
    name, *arguments = shlex.split(command)
    if name == "ls":
        shown = "\n\n".join(_listing(folder, argument) for argument in arguments)
        return shown + "\n"
    if name == "sed":
        *arguments, into, file = arguments
        assert into == ">", command
        edited = subprocess.run(["sed", *arguments], cwd=folder, capture_output=True, check=True)
        (folder / file).write_bytes(edited.stdout)
        return ""
    assert name == "ingc", command
    done = inside(*arguments, cwd=folder)
    text = done.err + done.out
    for pattern, instead in _VARIES:
        text = re.sub(pattern, instead, text)
    return text


def _listing(folder: Path, name: str) -> str:
    names = sorted(path.name for path in (folder / name).iterdir())
    return "\n".join([f"{name}:", *(name for name in names if not name.startswith("."))])


def rendered(text: str, folder: Path, printed: Callable[[str, Path], str] = printed) -> str:
    """Return the page with what its commands print now."""

    def run(block: re.Match[str]) -> str:
        commands = [line for line in block.group().splitlines() if line.startswith("$ ")]
        return "\n".join(f"{line}\n{printed(line[2:], folder)}" for line in commands)

    return _CONSOLE.sub(run, text)


@pytest.mark.usefixtures("real_nginx")
def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    for example in (ROOT / "examples").iterdir():
        if example.is_file():
            shutil.copy(example, tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    found = rendered(text, tmp_path)
    assert found.count("\n$ ") >= 8
    if UPDATE:
        PAGE.write_text(found, encoding="utf-8")
        text = found
    assert found == text, "INGC_UPDATE_DOCS=1 pytest tests/test_docs_example.py"
