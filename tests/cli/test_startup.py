"""The command line loads what a command needs, and a question about itself loads no command."""

from __future__ import annotations

import importlib
from pathlib import Path

import click
import pytest

from ingc.cli.commands import COMMANDS, cli
from tests.cli.run import ingc
from tests.loading import loaded_by, of_ingc

FOLDER = Path(importlib.import_module("ingc.cli").__file__ or "").parent
NO_COMMANDS = {
    "__init__",
    "commands",
    "comparing",
    "completing",
    "completion_words",
    "confs",
    "exits",
    "explaining",
    "findings",
    "flags",
    "folder",
    "groups",
    "kubectl_plugin",
    "man",
    "module_settings",
    "output",
    "ports",
    "progress",
    "session",
    "settings",
    "testing",
    "urls",
    "workers",
}
FAILING = {"ingc.cli.exits", "ingc.cli.commands", "ingc.syntax", "ingc.syntax.visible"}
"""What ends a run with a message, in which nothing moves a terminal."""
FRAME = {"ingc", "ingc.explain", "ingc.lazy", "ingc.cli"} | FAILING
"""What every run loads."""

STAGES = {"compiler", "emit", "frontend", "match", "merge", "model", "plan", "prove", "resolve"}
HEAVY = {"crossplane", "cryptography", "jinja2", "lark", "pcre2", "watchfiles", "yaml"}
WEB = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {rules: [{host: a.test}]}
"""


def _loaded(*arguments: str, **environment: str) -> set[str]:
    run = f"import sys; sys.argv[1:] = {list(arguments)!r}; from ingc.cli import main; main()"
    return loaded_by(run, **environment)


@pytest.mark.parametrize("arguments", [["--version"], ["-h"], ["complie"], ["--verison"]])
def test_what_no_command_answers_loads_none(arguments: list[str]) -> None:
    loaded = _loaded(*arguments)
    assert of_ingc(loaded) == FRAME
    assert not HEAVY & loaded


@pytest.mark.parametrize("line", ["ingc ", "ingc ex", "ingc --ver", "ingc compile --ba"])
def test_completion_loads_no_command(line: str) -> None:
    loaded = _loaded(_INGC_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD="1")
    assert of_ingc(loaded) == FRAME - FAILING | {"ingc.cli.completing"}
    assert "click" not in loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_loads_no_stage(name: str) -> None:
    loaded = _loaded("help", name)
    assert not {f"ingc.{stage}" for stage in STAGES} & loaded
    assert not HEAVY & loaded


@pytest.mark.parametrize("name", ["compile", "diff", "explain", "serve", "test", "try"])
def test_what_is_typed_wrongly_loads_no_stage(name: str) -> None:
    for wrong in ([], ["--no-such-option"]):
        loaded = _loaded(name, *wrong)
        assert not {f"ingc.{stage}" for stage in STAGES} & loaded
        assert not HEAVY & loaded


def test_the_page_of_a_code_loads_the_catalogue_alone() -> None:
    loaded = _loaded("explain-code", "ING205")
    parts = {name.split(".")[1] for name in of_ingc(loaded) - FRAME}
    assert parts == {"cli", "diagnostics"}
    assert not HEAVY & loaded


def test_a_plain_compile_loads_what_it_needs(tmp_path: Path) -> None:
    source = tmp_path / "web.yaml"
    source.write_text(WEB, encoding="utf-8")
    loaded = _loaded("compile", str(source), "--nginx-version", "1.26")
    assert {"ingc.compiler", "ingc.prove.proof", "jinja2", "crossplane"} <= loaded
    beside = {"diff", "nginx", "reference", "routetest", "serve", "show"}
    assert not beside & {name.split(".")[1] for name in of_ingc(loaded) if "." in name}
    assert not {"cryptography", "lark", "tomllib"} & loaded


def test_every_module_of_a_command_is_a_command() -> None:
    modules = {f"ingc.cli.{path.stem}" for path in FOLDER.glob("*.py")}
    assert {module for module, _ in COMMANDS.values()} == {
        module for module in modules if module.rpartition(".")[2] not in NO_COMMANDS
    }
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_a_mistyped_option_is_answered_with_the_nearest(tmp_path: Path) -> None:
    done = ingc("compile", "--outptu", "x", "web.yaml", cwd=tmp_path)
    assert done.code == 2
    assert "--output" in done.err.replace("--outptu", "")
