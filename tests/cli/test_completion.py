"""Completion: what may stand at the cursor, asked as the shells ask."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from ingc.cli.commands import COMMANDS
from ingc.cli.completing import WORDS_FILE, Item, fitting
from ingc.options import BackendMode
from tests.cli.run import MAIN, environment, ingc, inside

WORDS = json.loads(WORDS_FILE.read_text("utf-8"))


def _fitting(line: str) -> list[Item]:
    *before, incomplete = line.split(" ")
    return fitting(before, incomplete, WORDS)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("", list(COMMANDS)),
        ("ex", ["explain", "explain-code"]),
        ("--v", ["--version"]),
        ("complie ", []),
        ("compile --ba", ["--backends"]),
        ("compile --backends ", list(get_args(BackendMode))),
        ("compile --backends d", ["dns"]),
        ("compile --backends = d", ["dns"]),
        ("compile --backends =", list(get_args(BackendMode))),
        ("compile --backends=d", ["--backends=dns"]),
        ("compile --nginx-version a", ["auto"]),
        ("compile --nginx-version 1.2", [f"1.{minor}" for minor in range(22, 30)]),
        ("compile --strict --emit r", ["routes"]),
        ("compile --namespace ", []),
        ("explain-code ing205", ["ING205"]),
        ("explain-code path-not-a", ["path-not-absolute"]),
        ("annotations rewrite", ["rewrite-target"]),
        ("compile --accept-ignored server-sn", ["server-snippet"]),
        ("help expl", ["explain", "explain-code"]),
        ("completion ", ["bash", "zsh", "fish"]),
        ("check --format git", ["github", "gitlab"]),
    ],
)
def test_what_fits(line: str, values: list[str]) -> None:
    assert [value for _, value, _ in _fitting(line)] == values


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("compile man", "file"),
        ("compile -f ", "file"),
        ("compile -o ", "file"),
        ("compile a.yaml -d ", "dir"),
        ("compile -- --ba", "file"),
        ("explain http://a.test/ ", "file"),
        ("explain --conf ", "file"),
        ("test a.ingc ", "file"),
        ("diff a ", "file"),
    ],
)
def test_where_a_file_fits(line: str, kind: str) -> None:
    assert _fitting(line) == [(kind, line.rpartition(" ")[2], "")]


def test_each_item_says_what_it_means() -> None:
    meanings = {value: meaning for _, value, meaning in _fitting("")}
    assert meanings["explain"] == COMMANDS["explain"][1]
    assert all(meaning for _, _, meaning in _fitting("compile --"))


@pytest.mark.parametrize("broken", [{}, {"COMP_CWORD": "x"}, {"COMP_WORDS": 'ingc "a'}])
def test_no_traceback_for_what_a_shell_may_send(folder: Path, broken: dict[str, str]) -> None:
    for shell in ("bash", "zsh", "fish"):
        done = ingc(cwd=folder, env={"_INGC_COMPLETE": f"{shell}_complete", **broken})
        assert (done.code, done.err) == (0, "")


def _shell(folder: Path, name: str, program: str) -> str:
    """Run a program of a shell that finds ``ingc`` on PATH; skip where the shell is not here."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} on this machine")
    command = folder / "bin" / "ingc"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{MAIN}' \"$@\"\n", "utf-8")
    command.chmod(0o755)
    variables = environment({"PATH": f"{command.parent}:/usr/bin:/bin", "HOME": str(folder)})
    done = subprocess.run(
        [found, "-c", program], cwd=folder, env=variables, capture_output=True, check=True
    )
    return done.stdout.decode()


def test_bash_itself(folder: Path) -> None:
    program = """
    source <(ingc completion bash)
    COMP_WORDS=(ingc compile --backends c) COMP_CWORD=3
    _ingc_completion ingc
    echo "${COMPREPLY[@]}"
    """
    assert _shell(folder, "bash", program) == "cluster-ip\n"


def test_fish_itself(folder: Path) -> None:
    program = "ingc completion fish | source; complete -C 'ingc ex'; complete -C 'ingc check we'"
    assert _shell(folder, "fish", program).splitlines() == [
        f"explain\t{COMMANDS['explain'][1]}",
        f"explain-code\t{COMMANDS['explain-code'][1]}",
        "web.yaml",
    ]


def test_zsh_reads_the_script(folder: Path) -> None:
    program = "ingc completion zsh > _ingc; zsh -n _ingc && cat _ingc"
    assert "_ingc_completion" in _shell(folder, "zsh", program)


def test_an_unknown_shell(folder: Path) -> None:
    assert inside("completion", "tcsh", cwd=folder).code == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("com",), ["compile", "completion", ":4"]),
        (("compile", "--backends", "d"), ["dns", ":4"]),
        (("compile", ""), [":0"]),
        (("compile", "-d", ""), [":16"]),
    ],
)
def test_kubectl_completes(words: tuple[str, ...], expected: list[str]) -> None:
    script = "from ingc.cli.completing import complete_for_kubectl; complete_for_kubectl()"
    done = subprocess.run(
        [sys.executable, "-c", script, *words], env=environment(), capture_output=True, check=True
    )
    lines = done.stdout.decode().splitlines()
    assert [line.partition("\t")[0] for line in lines] == expected
    assert all("\t" in line for line in lines[:-1])
