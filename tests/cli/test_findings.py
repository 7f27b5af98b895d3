"""How findings are shown: errors last, counted, fewer where asked for, and only new ones again."""

from __future__ import annotations

import os
import pty
import re
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import BAD, write
from tests.cli.run import MAIN, environment, inside
from tests.cli.test_serve import serving, wait_for
from tests.objects import path, rule
from tests.shop import ingress

_HEAD = re.compile(r"^(error|warning|note)\[", re.MULTILINE)


def test_errors_come_last_and_are_counted(folder: Path) -> None:
    done = inside("check", "bad.yaml", "empty.yaml", "--watch-namespace", "shop", cwd=folder)
    kinds = _HEAD.findall(done.err)
    assert kinds == sorted(kinds, key=["note", "warning", "error"].index)
    assert {"error", "warning"} <= set(kinds)
    assert done.err.splitlines()[-1] == "2 errors, 1 warning"


def test_quiet_shows_errors_alone(folder: Path) -> None:
    (folder / "ingc.toml").write_text("strict = false\n", "utf-8")
    for option in ("-q", "--quiet", "--quiet=true"):
        done = inside("check", "bad.yaml", "empty.yaml", option, "--election-id=x", cwd=folder)
        assert done.code == 1
        assert set(_HEAD.findall(done.err)) == {"error"}
        assert "note" not in done.err
        assert done.err.splitlines()[-1] == "2 errors"
    assert inside("check", "empty.yaml", "-q", cwd=folder).err == ""
    (folder / "ingc.toml").write_text("quiet = true\n", "utf-8")
    assert inside("check", "empty.yaml", cwd=folder).err == ""


def test_summary_counts_each_code(folder: Path) -> None:
    hosts = [ingress(f"shop/h{n}", rule(f"No.{n}", path("/", "web"))) for n in range(11)]
    write(folder, "hosts.yaml", hosts)
    done = inside("check", "hosts.yaml", "empty.yaml", "--summary", cwd=folder)
    assert done.err.splitlines() == [
        " 1  warning[ING314]  no-usable-endpoint",
        "11  error[ING201]    host-invalid",
        "",
        "11 errors, 1 warning",
    ]


def test_routes_only_counts_what_is_no_error(folder: Path) -> None:
    for form in ("text", "tree"):
        done = inside("routes", "empty.yaml", "--format", form, cwd=folder)
        assert done.err == "1 warning; ingc check prints each\n"
    wrong = inside("routes", "bad.yaml", "empty.yaml", cwd=folder)
    assert set(_HEAD.findall(wrong.err)) == {"error"}
    assert wrong.err.endswith("2 errors, 1 warning; ingc check prints each\n")


def test_quiet_and_summary_count_the_codes_of_errors(folder: Path) -> None:
    done = inside("check", "-q", "--summary", "bad.yaml", "empty.yaml", cwd=folder)
    assert done.code == 1
    assert "error[ING201]" in done.err
    assert "warning" not in done.err
    assert "-->" not in done.err
    assert done.err.endswith("\n\n2 errors\n")


def test_a_wrong_folder_is_an_error_unless_nothing_is_fine(folder: Path) -> None:
    old = folder / "nginx.conf"
    old.write_text("old", "utf-8")
    for command in (("compile", "-o", "nginx.conf"), ("check",), ("routes",)):
        done = inside(*command, "other-class.yaml", cwd=folder)
        assert done.code == 1
        assert "error[ING131]" in done.err
        assert "--allow-empty accepts" in done.err
        assert old.read_text("utf-8") == "old"
    for command in (("check",), ("routes",), ("compile", "-o", "nginx.conf")):
        done = inside(*command, "other-class.yaml", "--allow-empty", cwd=folder)
        assert done.code == 0, done.err
        assert "error[" not in done.err
    assert "return 404" in old.read_text("utf-8")


@pytest.mark.usefixtures("real_nginx")
def test_a_reload_shows_only_what_is_new(folder: Path) -> None:
    with serving(folder, "empty.yaml") as server:
        wait_for(lambda: "Ctrl-C" in server.said(), "the start")
        assert server.said().count("ING314") == 1
        text = (folder / "empty.yaml").read_text("utf-8")
        (folder / "empty.yaml").write_text("\n\n" + text, "utf-8")
        wait_for(lambda: "reloaded" in server.said(), "the reload")
        assert server.said().count("ING314") == 1
        assert "1 warning, none of them new" in server.said()
        write(folder, "empty.yaml", BAD)
        wait_for(lambda: "last good" in server.said(), "the word about the wrong edit")
        assert server.said().count("error[ING201]") == 1


@pytest.mark.usefixtures("real_nginx")
def test_serve_takes_an_input_without_an_ingress(folder: Path) -> None:
    with serving(folder, "--echo", "other-class.yaml") as server:
        wait_for(lambda: server.get("o.test")[0] == 404, "the answer")
        assert "note[ING131]" in server.said()


def _terminal(folder: Path, before: str, *arguments: str) -> str:
    """Return what a terminal shows of a run, every byte of it."""
    child, screen = pty.fork()
    if child == 0:
        os.chdir(folder)
        command = [sys.executable, "-c", before + MAIN, *arguments]
        os.execve(sys.executable, command, environment({"TERM": "xterm"}))  # noqa: S606
    told = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            part = os.read(screen, 4096)
        except OSError:
            break
        if not part:
            break
        told += part
    os.waitpid(child, 0)
    os.close(screen)
    return told.decode()


def test_progress_shows_the_work_after_half_a_second_and_vanishes(folder: Path) -> None:
    quick = _terminal(folder, "", "check", "web.yaml")
    assert "reading" not in quick
    slow = (
        "import time, ingc.cli.session as s; from ingc.cli.progress import Work;\n"
        "for name in ('compiling', 'proving'):\n"
        "    def wait(self, *n, was=getattr(Work, name)): was(self, *n); time.sleep(0.4)\n"
        "    setattr(Work, name, wait)\n"
    )
    told = _terminal(folder, slow, "check", "empty.yaml")
    assert "proving" in told
    assert "\r\x1b[2Kreading" not in told
    drawn, _, after = told.rpartition("\r\x1b[2K")
    assert "warning" not in drawn
    assert "proving" not in after
    assert "1 warning" in re.sub(r"\x1b\[[0-9;]*m", "", after)
