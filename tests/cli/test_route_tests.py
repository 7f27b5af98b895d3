"""``ingc test``: what it prints and writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import write
from tests.cli.run import Done, ingc, inside
from tests.objects import path, rule
from tests.shop import ingress

PASSING = """\
host a.test
  /      -> shop/web:80
  /exact -> shop/web:80 and ingress shop/web
"""
FAILING = PASSING + "  /x     -> 404\n"


def asked(folder: Path, *arguments: str) -> Done:
    return inside("test", *arguments, cwd=folder)


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    """Files of tests beside the manifests: ok, bad."""
    (folder / "ok.ingc").write_text(PASSING, encoding="utf-8")
    (folder / "bad.ingc").write_text(FAILING, encoding="utf-8")


def test_all_pass(folder: Path) -> None:
    done = ingc("test", "ok.ingc", "web.yaml", cwd=folder)
    assert (done.code, done.err) == (0, "")
    assert done.out == "2 tests: 2 passed\n2 of 2 rules hit (100.0 %)\n"


def test_one_fails(folder: Path) -> None:
    done = asked(folder, "bad.ingc", "web.yaml")
    assert done.code == 4
    assert done.out == (
        "FAIL bad.ingc:4  GET http://a.test/x\n"
        "     expected  404\n"
        "     got       shop/web:80\n"
        "     taken by  shop/web spec.rules[0].http.paths[0] (Prefix /)  web.yaml:15\n"
        "3 tests: 2 passed, 1 failed\n"
        "2 of 2 rules hit (100.0 %)\n"
    )


@pytest.mark.parametrize("text", ["", "# later\n", "let a = b\nhost a.test\n"])
def test_a_file_without_tests_passes_nothing(folder: Path, text: str) -> None:
    (folder / "none.ingc").write_text(text, encoding="utf-8")
    done = asked(folder, "none.ingc", "web.yaml")
    assert (done.code, done.out, done.err) == (1, "", "Error: none.ingc: there is no test\n")
    assert asked(folder, "none.ingc", "ok.ingc", "web.yaml").code == 0


def test_too_few_rules_are_hit(folder: Path) -> None:
    (folder / "few.ingc").write_text("http://a.test/ -> shop/web\n", encoding="utf-8")
    done = asked(folder, "few.ingc", "web.yaml", "--fail-under", "50")
    assert done.code == 0
    done = asked(folder, "few.ingc", "web.yaml", "--fail-under", "50.1")
    assert done.code == 4
    assert "1 of 2 rules hit (50.0 %, 50.1 % required)\n" in done.out
    assert "not hit   shop/web spec.rules[0].http.paths[1] (Exact /exact)" in done.out


def test_json(folder: Path) -> None:
    done = asked(folder, "ok.ingc", "bad.ingc", "web.yaml", "--format", "json")
    assert done.code == 4
    told = json.loads(done.out)
    assert (told["passed"], told["failed"], told["skipped"]) == (4, 1, 0)
    assert told["coverage"] == {"rules": 2, "hit": 2, "percent": 100.0, "missed": []}
    failed = told["tests"][-1]
    assert (failed["file"], failed["line"], failed["result"]) == ("bad.ingc", 4, "failed")
    assert failed["failures"] == [{"expected": "404", "got": "shop/web:80", "why": None}]
    assert failed["route"]["ingress"] == "shop/web"
    assert failed["route"]["source"].startswith("web.yaml:")


_COUNTS = {"tests", "failures", "errors"}
_JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", *_COUNTS}, {"testsuite"}),
    "testsuite": ({"name", *_COUNTS}, {"skipped", "time", "timestamp"}, {"testcase"}),
    "testcase": ({"name", "classname"}, {"file", "line"}, {"skipped", "failure"}),
    "skipped": (set(), {"message", "type"}, set()),
    "failure": ({"message", "type"}, set(), set()),
}
"""Of each element: attributes that must be there, that may be, and what may be inside."""


def test_junit(folder: Path) -> None:
    done = asked(folder, "bad.ingc", "web.yaml", "--junit", "out.xml")
    assert done.code == 4
    root = ElementTree.parse(folder / "out.xml").getroot()  # noqa: S314 - our own file
    assert root.attrib == {"tests": "3", "failures": "1", "errors": "0"}
    for element in root.iter():
        required, others, children = _JUNIT[element.tag]
        assert required <= element.attrib.keys() <= required | others
        assert {child.tag for child in element} <= children
    (failure,) = root.iter("failure")
    assert failure.attrib["message"] == "expected 404, got shop/web:80"


def test_faults_of_a_file_of_tests(folder: Path) -> None:
    (folder / "wrong.ingc").write_text("host a.test\nget / -> 404\n", encoding="utf-8")
    done = asked(folder, "wrong.ingc", "web.yaml")
    assert (done.code, done.out) == (1, "")
    assert "error[ING701]" in done.err
    assert "--> wrong.ingc:2:1" in done.err


def test_faults_of_the_input(folder: Path) -> None:
    done = asked(folder, "ok.ingc", "bad.yaml")
    assert (done.code, done.out) == (1, "")
    assert "error[ING2" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no file of tests is given"),
        (("web.yaml",), "no file of tests is given"),
        (("ok.ingc",), "nothing to test"),
        (("ok.ingc", "web.yaml", "--conf", "x.conf"), "exclude each other"),
        (("ok.ingc", "--conf", "missing.conf"), "missing.conf"),
        (("missing.ingc", "web.yaml"), "missing.ingc: no such file"),
        (("ok.ingc", "missing.yaml"), "missing.yaml"),
        (("ok.ingc", "web.yaml", "--check"), "--check belongs to --fmt"),
        (("--fmt", "ok.ingc", "web.yaml"), "--fmt takes files of tests alone"),
        (("--record", "ok.ingc", "web.yaml"), "--record takes INPUT"),
        (("ok.ingc", "--live", "ftp://x"), "neither http nor https"),
        (("ok.ingc", "--live", "http://127.0.0.1:1/x"), "name the server alone"),
        (("ok.ingc", "--live", "http://127.0.0.1:99999"), "Port out of range"),
        (("--record", "web.yaml", "--format", "json"), "--record writes tests"),
        (("--fmt", "ok.ingc", "--junit", "x"), "--fmt takes files of tests alone"),
        (("ok.ingc", "--live", "http://a", "--live", "http://b"), "two servers for http"),
        (("ok.ingc", "--live", "http://a", "--fail-under", "5"), "--fail-under needs INPUT"),
    ],
)
def test_wrong_usage(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    done = asked(folder, *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_format(folder: Path) -> None:
    messy, neat = "host a.test\n/ -> 404\n", "host a.test\n  / -> 404\n"
    (folder / "messy.ingc").write_text(messy, encoding="utf-8")
    done = asked(folder, "--fmt", "--check", "messy.ingc", "ok.ingc")
    assert (done.code, done.err) == (4, "would change messy.ingc\n")
    assert (folder / "messy.ingc").read_text(encoding="utf-8") == messy
    assert asked(folder, "--fmt", "messy.ingc", "ok.ingc").code == 0
    assert (folder / "messy.ingc").read_text(encoding="utf-8") == neat
    assert (folder / "ok.ingc").read_text(encoding="utf-8") == PASSING
    assert asked(folder, "--fmt", "--check", "messy.ingc").code == 0


def test_a_file_with_faults_is_not_formatted(folder: Path) -> None:
    (folder / "wrong.ingc").write_text("host a.test\nnonsense\n", encoding="utf-8")
    assert asked(folder, "--fmt", "wrong.ingc").code == 1
    assert (folder / "wrong.ingc").read_text(encoding="utf-8") == "host a.test\nnonsense\n"


def test_what_is_recorded_passes(folder: Path) -> None:
    for number, name in enumerate(("web.yaml", "tls.yaml", "no-certificate.yaml", "empty.yaml")):
        recorded = asked(folder, "--record", name)
        assert recorded.code == 0
        (folder / f"r{number}.ingc").write_text(recorded.out, encoding="utf-8")
        done = asked(folder, f"r{number}.ingc", name, "--fail-under", "100")
        assert done.code == 0, done.out
        assert asked(folder, "--fmt", "--check", f"r{number}.ingc").code == 0


def test_an_nginx_conf(folder: Path) -> None:
    assert inside("compile", "web.yaml", "-o", "nginx.conf", cwd=folder).code == 0
    assert asked(folder, "ok.ingc", "--conf", "nginx.conf").code == 0
    done = asked(folder, "bad.ingc", "--conf", "nginx.conf")
    assert done.code == 4
    assert "taken by  shop/web spec.rules[0].http.paths[0] (prefix /)  nginx.conf:" in done.out


def test_of_many_rules_that_are_not_hit_some_are_listed(folder: Path) -> None:
    many = [ingress(f"shop/i{n}", rule(f"h{n}.test", path("/", "web"))) for n in range(25)]
    write(folder, "many.yaml", many)
    done = asked(folder, "ok.ingc", "many.yaml")
    assert done.out.count("     not hit   ") == 20
    assert done.out.endswith("     and 5 more (--format json has all)\n")
