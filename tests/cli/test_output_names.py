"""Names of files, and paths, that would command a terminal or a continuous integration's log.

The author of a change chooses the names of its files, and of what is broken among them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ingc.diagnostics.model import Span
from ingc.diagnostics.render.excerpt import excerpt
from ingc.syntax.visible import as_json, visible
from tests.cli.conftest import write
from tests.cli.run import ingc, inside
from tests.objects import path, rule
from tests.shop import ingress, service

NAME = "x\x1b[31m\n::error::y ##[add-mask]z"
ODD = "/\x9b31m\u202e\u2028##vso[task.setvariable]x"
_MOVES = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|^ *::error::|##.*\\[", re.M
)
MORE = {"annotations": {"nginx.ingress.kubernetes.io/permanent-redirect": "http://b.test/"}}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    paths = [path(text, "web") for text in (ODD, f"{ODD}/", "/a")]
    write(folder, f"{NAME}.yaml", [ingress("shop/web", rule("a.test", *paths))])
    write(folder, "b.yaml", [ingress("shop/to", rule("b.test", path(ODD, "web")), **MORE)])
    write(folder, "c.yaml", [service("web", clusterIP="10.0.0.1")])
    tests = "host a.test\n /a -> shop/none:80\n  /c -> 200\n"
    (tmp_path / f"{NAME}.ingc").write_text(tests, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        *("check in", "check in --format json", "check in --format sarif"),
        *("check in --format gitlab", "routes in", "routes in --format json"),
        *("routes in --format tree", "routes in --format svg", "compile in --emit routes"),
        *("test TESTS in", "test TESTS in --format json", "test TESTS none", "test NONE in"),
        *("explain http://a.test/a in", "explain http://a.test/a in --format json"),
        *("explain http://a.test/a --conf TESTS", "explain http://a.test/a --conf NONE"),
        *("diff in in/c.yaml", "diff in in/c.yaml --format markdown", "diff NONE in"),
        *("test --fmt --check TESTS", "routes NONE"),
    ],
)
def test_no_output_takes_commands(hostile: Path, command: str) -> None:
    names = {"TESTS": f"{NAME}.ingc", "NONE": f"none{NAME}"}
    done = inside(*(names.get(word, word) for word in command.split()), cwd=hostile)
    assert done.code in (0, 1, 2, 4), done.err
    assert done.out or done.err
    for text in (done.out, done.err):
        found = _MOVES.search(text)
        assert found is None, text[max(found.start() - 80, 0) : found.end() + 80]


def test_a_link_that_leads_nowhere(hostile: Path) -> None:
    (hostile / "in" / f"{NAME}-link.yaml").symlink_to("nowhere")
    done = inside("check", "in", cwd=hostile)
    assert "no such file" in done.err
    assert _MOVES.search(done.err) is None


def test_a_file_that_a_conf_includes(hostile: Path) -> None:
    conf = f'http {{ include "{NAME}.conf"; server {{ listen 80; location / {{ return 200; }} }} }}'
    for number, text in enumerate((conf.replace("[", ""), f"http {{ {NAME} }}", f'"{NAME}')):
        (hostile / f"{number}.conf").write_text(text, "utf-8")
        done = inside("explain", "http://a.test/", "--conf", f"{number}.conf", cwd=hostile)
        assert done.code in (0, 2)
        assert _MOVES.search(done.out + done.err) is None


def test_junit_is_xml(hostile: Path) -> None:
    done = inside("test", f"{NAME}.ingc", "in", "--junit", "out.xml", cwd=hostile)
    assert done.code == 4
    tree = ElementTree.parse(hostile / "out.xml")  # noqa: S314 - our own
    failure = next(tree.iter("failure"))
    assert "x\\x1b[31m\\n::error::y" in str(failure.text)


def test_try_prints_the_rule(hostile: Path) -> None:
    url = "http://b.test/%C2%9B31m%E2%80%AE%E2%80%A8%23%23vso%5Btask.setvariable%5Dx"
    done = ingc("try", url, "in", cwd=hostile)
    assert "spec.rules[0].http.paths[0]" in done.out
    assert _MOVES.search(done.out + done.err) is None


def test_what_looks_like_a_command_is_printed_otherwise() -> None:
    assert visible("a # b ##[x] ###") == "a # b #\\x23[x] #\\x23\\x23"
    for ascii_only in (False, True):
        text = as_json({"a": "é##[x]###\x7f"}, ascii_only=ascii_only)
        assert "##" not in text
        assert json.loads(text) == {"a": "é##[x]###\x7f"}
    line = "  path: ##[x]"
    found = excerpt(Span(1, 9, 5, line))
    assert (found.text, found.indent, found.width) == ("  path: #\\x23[x]", 8, 8)
