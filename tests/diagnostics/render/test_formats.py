"""Each format of one fixed list, as files to be read: `expected/`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from ingc.diagnostics import Diagnostic
from ingc.diagnostics.render.github import render_github
from ingc.diagnostics.render.gitlab import render_gitlab
from ingc.diagnostics.render.json_format import render_json
from ingc.diagnostics.render.page import render_page
from ingc.diagnostics.render.sarif import render_sarif
from ingc.diagnostics.render.text import render_text, summary
from tests.diagnostics.findings import FINDINGS

Expect = Callable[[str, str], None]


def _text(diagnostics: tuple[Diagnostic, ...]) -> str:
    return render_text(diagnostics, color=False) + "\n" + summary(diagnostics) + "\n"


@pytest.mark.parametrize(
    ("name", "render"),
    [
        ("text.txt", _text),
        ("json.json", render_json),
        ("sarif.json", render_sarif),
        ("github.txt", render_github),
        ("gitlab.json", render_gitlab),
    ],
)
def test_format_is_as_expected(
    name: str, render: Callable[[tuple[Diagnostic, ...]], str], expect: Expect
) -> None:
    expect(name, render(FINDINGS))


def test_page_is_as_expected(expect: Expect) -> None:
    pages = {type(d.entry).code: render_page(type(d.entry)) for d in FINDINGS}
    expect("pages.txt", "\n".join(pages[code] for code in sorted(pages)))


@pytest.mark.parametrize("render", [_text, render_json, render_sarif, render_github, render_gitlab])
def test_no_format_prints_control_characters(
    render: Callable[[tuple[Diagnostic, ...]], str],
) -> None:
    assert all(char == "\n" or char.isprintable() for char in render(FINDINGS))


@pytest.mark.parametrize("render", [render_json, render_sarif, render_github])
def test_no_machine_format_hides_or_merges_findings(
    render: Callable[[tuple[Diagnostic, ...]], str],
) -> None:
    codes = re.findall(r'"(?:code|ruleId)": "(ING\d+)"|title=(ING\d+) ', render(FINDINGS))
    assert [one or other for one, other in codes] == [d.code for d in FINDINGS]


def test_nothing_found() -> None:
    assert render_text((), color=False) == ""
    assert summary(()) == "nothing to report"
    assert json.loads(render_json(())) == {"diagnostics": []}
    assert render_github(()) == ""
    assert json.loads(render_sarif(()))["runs"][0]["results"] == []
