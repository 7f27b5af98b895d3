"""The pages of docs/ that show files and no commands: what stands in them is taken."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingc.cli import settings
from tests.cli.run import inside
from tests.diagnostics.render.test_gitlab import check_report

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NOT_IN_A_FILE = {"--filename", "--config"}


def _blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_whole_config_file_is_whole_and_is_taken(tmp_path: Path) -> None:
    (block,) = _blocks("config-file.md", "toml")
    (tmp_path / "ingc.toml").write_text(block, "utf-8")
    shutil.copy(ROOT / "examples" / "shop.yaml", tmp_path)
    done = inside("check", "shop.yaml", cwd=tmp_path)
    # The objects that it names are not there; that they are asked for says that it was read.
    assert done.err.startswith("note: options from ingc.toml\n")
    assert "the ConfigMap ingress-nginx/tcp-services is not in the input" in done.err
    named = set(re.findall(r"^#? ?([a-z0-9-]+) = ", block, re.MULTILINE))
    shared = {name for name, _ in settings._OPTIONS} - NOT_IN_A_FILE
    assert {name.removeprefix("--") for name in shared} <= named


def _commands(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("ingc "):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _commands(item)


@pytest.mark.usefixtures("real_nginx")
def test_what_runs_in_ci_runs(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    shutil.copy(ROOT / "examples" / "shop.yaml", tmp_path / "manifests")
    tests = "host shop.example.com\n  / -> web/storefront:80\n"
    (tmp_path / "routes.ingc").write_text(tests, "utf-8")
    blocks = [yaml.safe_load(block) for block in _blocks("ci.md", "yaml")]
    commands = [item for block in blocks for item in _commands(block) if "origin/main" not in item]
    assert len(commands) >= 5
    for command in commands:
        words = shlex.split(command)[1:]
        at = words.index(">") if ">" in words else len(words)
        done = inside(*words[:at], cwd=tmp_path)
        assert done.code == 0, (command, done.err)
        if "gitlab" in words:
            check_report(yaml.safe_load(done.out))
    assert (tmp_path / "routes.xml").exists()


def test_the_hooks_of_pre_commit_are_those_of_the_page(tmp_path: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert all({"id", "name", "entry", "language", "files"} <= hook.keys() for hook in hooks)
    (shown,) = [block for block in _blocks("ci.md", "yaml") if "repos:" in block]
    used = yaml.safe_load(shown)["repos"][0]["hooks"]
    assert [hook["id"] for hook in used] == [hook["id"] for hook in hooks]
    shutil.copy(ROOT / "examples" / "shop.yaml", tmp_path)
    check, layout = hooks
    done = inside(*check["entry"].split()[1:], *check["args"], cwd=tmp_path)
    assert done.code == 0, done.err
    (tmp_path / "a.ingc").write_text("host a.test\n/ -> 404\n", "utf-8")
    assert inside(*layout["entry"].split()[1:], "a.ingc", cwd=tmp_path).code == 0


def test_the_index_names_every_page() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page})" not in index} == set()


def test_each_page_with_commands_says_in_which_folder_they_run() -> None:
    for path in DOCS.glob("*.md"):
        text = path.read_text("utf-8")
        if "```console" in text:
            assert re.search(r"[Tt]he commands\s+run\s+in\s+\[examples", text), path.name
