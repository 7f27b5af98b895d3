"""The README shows what ``ingc explain`` prints."""

from __future__ import annotations

from pathlib import Path

from tests.cli.run import inside

ROOT = Path(__file__).parents[2]


def test_the_readme_shows_what_is_printed() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, shown = readme.partition("$ ingc explain ")
    command, _, shown = shown.partition("\n")
    done = inside("explain", *command.split(), cwd=ROOT)
    assert shown.partition("```")[0] == done.out
