"""The commands on the pages of docs/ print what the pages show.

A block ```` ```routes NAME ```` is a file that the commands below it find.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path

import pytest

from ingc.routetest import format_file
from tests.cli.run import inside
from tests.cli.test_serve import serving, wait_for
from tests.routetest.language import findings, parsed
from tests.test_docs_example import ROOT, printed, rendered

UPDATE = os.environ.get("INGC_UPDATE_DOCS") == "1"
COMMANDS_AT_LEAST = {"route-tests.md": 5, "diff.md": 5}
PAGES = (
    *COMMANDS_AT_LEAST,
    "annotations-command.md",
    "check.md",
    "compile.md",
    "completion.md",
    "explain-code.md",
    "limits.md",
    "migrate.md",
    "outside.md",
    "reach.md",
    "routes.md",
    "serve.md",
    "try.md",
)

_FILES = re.compile(r"^```routes (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Shell(contextlib.ExitStack):
    """What a page uses of a shell beside the commands: ``|``, ``>``, ``&`` and ``curl``."""

    def run(self, command: str, folder: Path) -> str:
        """Return what a terminal would show."""
        words = shlex.split(command)
        if words[-1] == "&":
            return self._begin(words[2:-1], folder)
        if words[0] == "curl":
            *asked, pipe, name, option = words
            if (pipe, name) == ("|", "head"):
                return _head(self._asked(asked[1:]), option)
            return self._asked(words[1:])
        if words[0] == "kill":
            self.close()
            return ""
        if words[0] == "ingc" and {"|", ">"} & set(words):
            return self._joined(words[1:], folder)
        return printed(command, folder)

    def _begin(self, arguments: list[str], folder: Path) -> str:
        self._server = server = self.enter_context(serving(folder, *arguments))
        wait_for(lambda: "Ctrl-C" in server.said() or server.process.poll() is not None, "a word")
        said = server.said().replace(str(server.port), "8080")
        assert "Ctrl-C" in said, said
        return re.sub(r"nginx \d+\.\d+\.\d+ \(.*?\)", "nginx 1.31.3 (…/nginx)", said)

    def _asked(self, words: list[str]) -> str:
        *options, url = words
        headers = [value for name, value in pairwise(options) if name == "-H"]
        named = dict(header.split(": ", 1) for header in headers)
        path = "/" + url.split("/", 3)[3]
        connection = HTTPConnection("127.0.0.1", self._server.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=named)
            answer = connection.getresponse()
            body = answer.read().decode()
        if "-i" not in options:
            return body
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        lines += [f"{k}: {v}" for k, v in answer.getheaders() if k.startswith("X-")]
        return "\n".join([*lines, "…", ""])

    def _joined(self, words: list[str], folder: Path) -> str:
        at = next(number for number, word in enumerate(words) if word in ("|", ">"))
        done = inside(*words[:at], cwd=folder)
        if words[at] == ">":
            (folder / words[at + 1]).write_text(done.out, encoding="utf-8")
            return done.err
        name, option = words[at + 1 :]
        assert name == "head", words
        return done.err + _head(done.out, option)


def _head(text: str, option: str) -> str:
    return "".join(text.splitlines(keepends=True)[: int(option.removeprefix("-"))])


@pytest.mark.usefixtures("real_nginx")
@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_what_is_printed(name: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "examples"
    folder.mkdir()
    for example in (ROOT / "examples").iterdir():
        if example.is_file():
            shutil.copy(example, folder)
    page = ROOT / "docs" / name
    text = page.read_text(encoding="utf-8")
    for file, content in _FILES.findall(text):
        (folder / file).write_text(content, encoding="utf-8")
        assert findings(content) or format_file(parsed(content)) == content
    with Shell() as shell:
        found = rendered(text, folder, shell.run)
    assert found.count("\n$ ") >= COMMANDS_AT_LEAST.get(name, 2)
    if UPDATE:
        page.write_text(found, encoding="utf-8")
        text = found
    assert found == text, "INGC_UPDATE_DOCS=1 pytest tests/test_docs_commands.py"
