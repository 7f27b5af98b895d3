"""``routes``, ``explain-code``, ``completion``, help and version."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ingc.cli import settings
from ingc.cli.groups import GROUPS
from ingc.diagnostics.catalogue.index import ENTRIES
from tests.cli.conftest import WEB, write
from tests.cli.run import ingc, inside
from tests.objects import path, rule
from tests.shop import ingress

COMMANDS = (
    "compile",
    "check",
    "routes",
    "explain",
    "try",
    "serve",
    "test",
    "diff",
    "annotations",
    "explain-code",
    "completion",
    "help",
    "version",
)


def test_routes_as_text(folder: Path) -> None:
    done = ingc("routes", "web.yaml", cwd=folder)
    assert done.code == 0
    heading, *rows = done.out.splitlines()
    assert heading.split() == ["HOST", "PATH", "TYPE", "TARGET", "INGRESS", "SOURCE"]
    assert [row.split()[:4] for row in rows] == [
        ["a.test", "/exact", "Exact", "shop/web:80"],
        ["a.test", "/", "Prefix", "shop/web:80"],
    ]
    assert rows[0].split()[-1].startswith("web.yaml:")


def test_routes_as_json_has_nulls_for_what_is_absent(folder: Path) -> None:
    own = ingress("shop/own", rule("a.test", path("/own", "web")), default="web")
    resource = {"resource": {"kind": "Bucket", "name": "b"}}
    other = ingress("shop/files", rule(None, path("/files", resource)))
    write(folder, "more.yaml", [own, other])
    done = inside("routes", "web.yaml", "more.yaml", "--format", "json", cwd=folder)
    assert done.code == 0
    rows = json.loads(done.out)["routes"]
    keys = [
        "host",
        "path",
        "path_type",
        "ingress",
        "field",
        "service",
        "port",
        "upstream",
        "source",
    ]
    assert all(list(row)[: len(keys)] == keys for row in rows)
    files = next(row for row in rows if row["path"] == "/files")
    absent = {key for key, value in files.items() if value is None}
    assert {"host", "service", "port", "upstream"} <= absent
    default = next(row for row in rows if row["field"] == "spec.defaultBackend")
    assert default["path_type"] is None
    assert default["upstream"] == "shop_web_80"
    exact = next(row for row in rows if row["path"] == "/exact")
    assert exact["ingress"] == "shop/web"
    assert exact["service"] == "shop/web"
    assert str(exact["port"]) == "80"
    file, _, line = exact["source"].partition(":")
    assert '"path": "/exact"' in (folder / file).read_text("utf-8").splitlines()[int(line) - 1]


def test_some_routes(folder: Path) -> None:
    table = inside("routes", "web.yaml", "--host", "A.test", "--path", "/exact", cwd=folder)
    assert [row.split()[1] for row in table.out.splitlines()] == ["PATH", "/exact"]
    tree = inside("routes", "web.yaml", "--service", "shop/web", "--format", "tree", cwd=folder)
    assert tree.out.startswith("a.test\n├─ /exact  Exact  shop/web spec.rules[0].http.paths[1]")
    assert "└─ 10.96.0.1:80\n" in tree.out
    assert "\x1b" not in tree.out
    none = inside("routes", "web.yaml", "--ingress-namespace", "other", cwd=folder)
    assert (none.code, len(none.out.splitlines())) == (0, 1)
    assert "note: no route is chosen" in none.err


def test_routes_as_a_picture(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = ingc("routes", "web.yaml", "--format", "svg", cwd=folder)
    again = ingc("routes", "web.yaml", "--format", "svg", cwd=folder, env={"PYTHONHASHSEED": "7"})
    assert drawn.code == 0
    assert drawn.out.startswith("<?xml")
    assert again.out == drawn.out
    monkeypatch.setitem(sys.modules, "drawsvg", None)
    missing = inside("routes", "web.yaml", "--format", "svg", cwd=folder)
    assert missing.code == 2
    assert "--format svg needs drawsvg: pip install 'ingc[svg]'" in missing.err


@pytest.mark.parametrize("wrong", ["web", "a/b/c", "A/b", "a/b:80"])
def test_a_service_is_named_with_its_namespace(folder: Path, wrong: str) -> None:
    done = inside("routes", "web.yaml", "--service", wrong, cwd=folder)
    assert done.code == 2
    assert "--service: " in done.err


def test_routes_of_an_input_with_errors(folder: Path) -> None:
    done = inside("routes", "bad.yaml", cwd=folder)
    assert done.code == 1
    assert done.out == ""
    assert "ING201" in done.err


def test_explain_code() -> None:
    for asked in ("ING205", "ing205", "path-has-forbidden-part"):
        done = (
            ingc("explain-code", asked)
            if asked == "ING205"
            else inside("explain-code", asked, cwd=Path.cwd())
        )
        assert done.code == 0
        assert "ING205" in done.out
        assert "Fix:" in done.out


def test_explain_every_code(folder: Path) -> None:
    for code, entry in ENTRIES.items():
        done = inside("explain-code", code, cwd=folder)
        assert done.code == 0
        assert code in done.out
        assert entry.name in done.out


def test_explain_code_without_one_lists_all(folder: Path) -> None:
    done = inside("explain-code", cwd=folder)
    assert done.code == 0
    assert all(code in done.out for code in ENTRIES)


def test_explain_an_unknown_code(folder: Path) -> None:
    done = inside("explain-code", "ING2050", cwd=folder)
    assert done.code == 2
    assert done.out == ""
    assert "ING205" in done.err
    assert inside("explain-code", "", cwd=folder).code == 2
    assert inside("explain-code", "x" * 10_000, cwd=folder).code == 2


def test_help_lists_the_commands(folder: Path) -> None:
    for arguments in (["--help"], ["-h"]):
        done = inside(*arguments, cwd=folder)
        assert done.code == 0
        assert all(command in done.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(folder: Path, command: str) -> None:
    done = inside(command, "--help", cwd=folder)
    assert done.code == 0
    assert done.err == ""
    assert f"ingc {command}" in done.out
    assert max(map(len, done.out.splitlines())) <= 100
    # every option says what it is for
    for line in re.findall(r"^  (?:-., )?--[a-z-]+.*$(?:\n {10,}.*)?", done.out, re.MULTILINE):
        assert len(line.split()) > 1, line


@pytest.mark.parametrize("command", COMMANDS[:-1])
def test_help_has_three_examples_and_what_is_the_commands_own_first(
    folder: Path, command: str
) -> None:
    done = inside("help", command, cwd=folder)
    assert done.out == inside(command, "--help", cwd=folder).out
    head, _, rest = done.out.partition("\nOptions:\n")
    examples = [line for line in head.splitlines() if line.startswith("    ")]
    assert len([line for line in examples if f"ingc {command}" in line]) >= 3 - ("|" in head)
    shared = [heading for heading in GROUPS if f"\n{heading}:\n" in rest]
    assert shared in ([], list(GROUPS))
    assert ("Flags of ingress-nginx's controller" in rest) == bool(shared)
    own = rest.partition("\nInput:\n")[0]
    assert not any(name in own for name in ("--backends", "--strict", "--quiet"))


def test_each_shared_option_has_a_heading() -> None:
    names = [name for listed in GROUPS.values() for name in listed]
    assert sorted(names) == sorted(name for name, _ in settings._OPTIONS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("complie", "compile"), ("validate", "check"), ("get", "routes"), ("explian", "explain")],
)
def test_a_mistyped_command_is_answered_with_the_nearest(
    folder: Path, typed: str, meant: str
) -> None:
    for arguments in ((typed,), ("help", typed)):
        done = inside(*arguments, cwd=folder)
        assert done.code == 2
        assert f'no command "{typed}"; did you mean {meant}?' in done.err
    assert "ingc help lists" in inside("xyzzy", cwd=folder).err


def test_help_needs_no_readable_config_file(folder: Path) -> None:
    (folder / "ingc.toml").write_text("http-port = ", encoding="utf-8")
    done = inside("compile", "--help", cwd=folder)
    assert done.code == 0


def test_version(folder: Path) -> None:
    done = inside("--version", cwd=folder)
    assert done.code == 0
    assert re.search(r"\d+\.\d+", done.out)
    assert inside("version", cwd=folder).out == done.out
    module = [sys.executable, "-m", "ingc", "--version"]
    assert subprocess.run(module, capture_output=True, check=True).stdout.decode() == done.out


def test_the_output_does_not_depend_on_the_folder(folder: Path) -> None:
    write(folder, "again.yaml", WEB)
    here = inside("compile", "web.yaml", cwd=folder).out
    there = inside("compile", folder / "again.yaml", cwd=Path("/")).out
    assert here == there


def test_an_annotation_by_its_name(folder: Path) -> None:
    done = inside("annotations", "nginx.ingress.kubernetes.io/whitelist-source-range", cwd=folder)
    assert done.out.startswith("allowlist-source-range\nalso whitelist-source-range\n")
    done = inside("annotations", "enable-opentelemetry", cwd=folder)
    assert "with         --with-module opentelemetry\nwithout it   a warning; " in done.out
    done = inside("annotations", "secure-backends", cwd=folder)
    assert "in the input  a warning\n" in done.out
    done = inside("annotations", "server-snippet", cwd=folder)
    assert "an error; --accept-ignored server-snippet makes a warning of it" in done.out
    done = inside("annotations", "kubernetes.io/ingress.class", cwd=folder)
    assert done.code == 2
    assert "names the class, as spec.ingressClassName does: see --ingress-class" in done.err


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("rewrite-targt", "did you mean rewrite-target?"),
        ("proxy-set-headers", "a key of the ConfigMap of --configmap"),
    ],
)
def test_no_annotation_of_that_name(folder: Path, name: str, told: str) -> None:
    done = inside("annotations", name, cwd=folder)
    assert done.code == 2
    assert told in done.err
