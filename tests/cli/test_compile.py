"""``ingc compile``: what goes where, and the exit codes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.run import MAIN, environment, ingc, inside


def test_stdout_has_the_configuration_and_nothing_else(folder: Path) -> None:
    done = ingc("compile", "web.yaml", cwd=folder)
    assert done.code == 0
    assert done.out.startswith("# Compiled by ingc")
    assert done.out.endswith("}\n")
    assert done.err == ""


def test_warnings_go_to_stderr_and_change_neither_stdout_nor_the_code(folder: Path) -> None:
    done = ingc("compile", "empty.yaml", cwd=folder)
    assert done.code == 0
    assert "warning[ING314]" in done.err
    assert "ING" not in done.out
    assert "return 503;" in done.out


def test_errors_leave_stdout_empty(folder: Path) -> None:
    done = ingc("compile", "web.yaml", "bad.yaml", cwd=folder)
    assert done.code == 1
    assert done.out == ""
    for code in ("ING201", "ING204", "2 errors"):
        assert code in done.err
    assert "bad.yaml:" in done.err


def test_strict_makes_an_error_of_the_warning(folder: Path) -> None:
    done = ingc("compile", "--strict", "empty.yaml", cwd=folder)
    assert done.code == 1
    assert "error[ING314]" in done.err
    assert done.out == ""


def test_isolate_prints_the_rest_and_still_ends_with_1(folder: Path) -> None:
    done = ingc("compile", "--on-error", "isolate", "web.yaml", "bad.yaml", cwd=folder)
    assert done.code == 1
    assert "a.test" in done.out
    assert "Not.a.host" not in done.out
    assert "error[ING201]" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compile"], "Missing argument"),
        (["compile", "absent.yaml"], "absent.yaml"),
        (["compile", "absent-*.yaml"], "absent-*.yaml"),
        (["compile", "web.yaml", "--no-such-option"], "--no-such-option"),
        (["compile", "web.yaml", "--backends", "magic"], "magic"),
        (["compile", "web.yaml", "--http-port", "0"], "--http-port"),
        (["compile", "web.yaml", "--nginx-version", "1.10"], "1.22.0"),
        (["compile", "web.yaml", "--nginx-version", "new"], '"new"'),
        (["compile", "web.yaml", "--listen-address", "localhost"], "--listen-address"),
        (["compile", "web.yaml", "--default-backend-service", "web"], "shop/web"),
        (["compile", "web.yaml", "--default-backend-service", "a/b:70000"], "65535"),
        (["compile", "web.yaml", "--tls-files", "/tls"], "{namespace}"),
        (["compile", "web.yaml", "--assume-port", "http"], "http=8080"),
        (["compile", "web.yaml", "--max-input", "much"], "--max-input"),
        (["compile", "web.yaml", "-o", "x", "-d", "y"], "exclude"),
        (["compile", "web.yaml", "-d", "y", "--fragment"], "-d"),
        (["compile", "web.yaml", "-d", "y", "--emit", "ir"], "-d"),
        (["compile", "web.yaml", "-o", "absent/nginx.conf"], "absent/nginx.conf"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_and_unreadable_input_end_with_2(
    folder: Path, arguments: list[str], said: str
) -> None:
    before = sorted(folder.iterdir())
    done = inside(*arguments, cwd=folder)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert sorted(folder.iterdir()) == before


def test_a_proof_that_fails_ends_with_3(folder: Path) -> None:
    broken = "import ingc.plan.layout as l; l.quote = lambda text: text\n"
    done = ingc("compile", "web.yaml", "-o", "nginx.conf", cwd=folder, before=broken)
    assert done.code == 3
    assert "error[ING901]" in done.err
    assert not (folder / "nginx.conf").exists()


def test_a_bug_ends_with_3_and_no_traceback(folder: Path) -> None:
    broken = "import ingc.compiler as c; c.plan = lambda config: 1 / 0\n"
    done = ingc("compile", "web.yaml", "-o", "nginx.conf", cwd=folder, before=broken)
    assert done.code == 3
    assert "ING999" in done.err
    assert not (folder / "nginx.conf").exists()


def test_a_reader_that_goes_away_is_no_bug(folder: Path) -> None:
    program = [sys.executable, "-c", MAIN, "compile", "web.yaml"]
    with subprocess.Popen(
        program, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
        process.wait(60)
    assert b"Traceback" not in said
    assert b"ING999" not in said


def test_nothing_selected_is_an_error_that_lists_the_classes(folder: Path) -> None:
    done = ingc("compile", "other-class.yaml", cwd=folder)
    assert done.code == 1
    assert done.out == ""
    assert "error[ING131]" in done.err
    assert "traefik (1)" in done.err
    assert "--ingress-class" in done.err
    assert inside("compile", "other-class.yaml", "--ingress-class=traefik", cwd=folder).code == 0
    assert inside("compile", "other-class.yaml", "--ingress-class", "*", cwd=folder).code == 0


def test_standard_input(folder: Path) -> None:
    text = (folder / "web.yaml").read_text(encoding="utf-8")
    done = ingc("compile", "-", cwd=folder, stdin=text)
    assert done.code == 0
    assert done.out == inside("compile", "web.yaml", cwd=folder).out
    bad = ingc("compile", "-", cwd=folder, stdin=(folder / "bad.yaml").read_text("utf-8"))
    assert bad.code == 1
    assert "<stdin>:" in bad.err


def test_folders_and_patterns(folder: Path) -> None:
    (folder / "manifests" / "deep").mkdir(parents=True)
    (folder / "web.yaml").rename(folder / "manifests" / "deep" / "web.yml")
    (folder / "manifests" / "notes.txt").write_text("not a manifest", encoding="utf-8")
    for given in ("manifests", "manifests/**/*.yml", "."):
        done = inside("compile", given, "--on-error=isolate", cwd=folder)
        assert "a.test" in done.out


# -o FILE


def test_output_replaces_the_file_in_one_step(folder: Path) -> None:
    conf = folder / "nginx.conf"
    conf.write_text("old", encoding="utf-8")
    before = conf.stat().st_ino
    done = ingc("compile", "web.yaml", "-o", "nginx.conf", cwd=folder)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert conf.read_text("utf-8") == inside("compile", "web.yaml", cwd=folder).out
    assert conf.stat().st_ino != before
    assert stat.S_IMODE(conf.stat().st_mode) == 0o644


def test_on_an_error_the_old_file_stays_and_nothing_is_left_behind(folder: Path) -> None:
    conf = folder / "nginx.conf"
    conf.write_text("old", encoding="utf-8")
    before = sorted(folder.iterdir())
    for arguments in (["bad.yaml"], ["web.yaml", "--nonsense"], ["absent.yaml"]):
        assert inside("compile", *arguments, "-o", "nginx.conf", cwd=folder).code in (1, 2)
        assert conf.read_text("utf-8") == "old"
        assert sorted(folder.iterdir()) == before


def test_a_folder_in_the_place_of_the_file(folder: Path) -> None:
    (folder / "nginx.conf").mkdir()
    before = sorted(folder.iterdir())
    done = ingc("compile", "web.yaml", "-o", "nginx.conf", cwd=folder)
    assert done.code == 2
    assert "nginx.conf" in done.err
    assert sorted(folder.iterdir()) == before


def test_a_link_is_followed_and_stays(folder: Path) -> None:
    (folder / "there").mkdir()
    (folder / "nginx.conf").symlink_to(Path("there", "real.conf"))
    assert inside("compile", "web.yaml", "-o", "nginx.conf", cwd=folder).code == 0
    assert (folder / "nginx.conf").is_symlink()
    assert (folder / "there" / "real.conf").read_text("utf-8").startswith("# Compiled")


def test_a_pipe_is_written_to_and_not_replaced(folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    assert ingc("compile", "web.yaml", "-o", "pipe", cwd=folder).code == 0
    reader.join(10)
    assert received[0].startswith("# Compiled")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


# --emit


def test_emit_ir(folder: Path) -> None:
    done = ingc(
        "compile", "tls.yaml", "--emit", "ir", "--tls-files={namespace}/{secret}", cwd=folder
    )
    assert done.code == 0
    config = json.loads(done.out)
    assert config["kind"] == "Config"
    assert [host["name"] for host in config["hosts"]] == ["", "tls.test"]
    origin = config["hosts"][1]["routes"][0]["origin"]
    assert "source" not in origin
    assert origin["kind"] == "Ingress"
    assert "BEGIN" not in done.out


def test_emit_routes_is_what_routes_prints_as_json(folder: Path) -> None:
    emitted = inside("compile", "web.yaml", "--emit", "routes", cwd=folder)
    printed = inside("routes", "web.yaml", "--format", "json", cwd=folder)
    assert emitted.out == printed.out
    assert json.loads(emitted.out)["routes"]


def test_fragment(folder: Path) -> None:
    done = inside("compile", "web.yaml", "--fragment", "-o", "part.conf", cwd=folder)
    assert done.code == 0
    assert "events" not in (folder / "part.conf").read_text("utf-8")


@pytest.mark.parametrize(
    "locale",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_the_locale_changes_no_byte(folder: Path, locale: dict[str, str]) -> None:
    text = (folder / "web.yaml").read_text("utf-8").replace('"/exact"', '"/€/café"')
    (folder / "web.yaml").write_text(text, "utf-8")
    inside("compile", "web.yaml", "-o", "nginx.conf", cwd=folder)
    expected = (folder / "nginx.conf").read_text("utf-8")
    assert "/€/café" in expected
    done = ingc("compile", "web.yaml", cwd=folder, env=locale)
    assert done.code == 0
    assert done.out == expected
    routes = ingc("routes", "web.yaml", cwd=folder, env=locale)
    assert "/€/café" in routes.out
    bad = ingc("check", "bad.yaml", cwd=folder, env=locale)
    assert bad.code == 1


def _stand_in(folder: Path, version: str) -> Path:
    """Make a program that answers ``-V`` as an nginx of this version does."""
    nginx = folder / "bin" / "nginx"
    nginx.parent.mkdir(exist_ok=True)
    nginx.write_text(f"#!/bin/sh\necho 'nginx version: nginx/{version}' >&2\n", encoding="utf-8")
    nginx.chmod(0o755)
    return nginx


def test_an_nginx_older_than_the_target_is_said_and_changes_no_byte(folder: Path) -> None:
    old = _stand_in(folder, "1.22.1")
    quiet = ingc("compile", "web.yaml", "--nginx-version", "1.26", cwd=folder)
    for given in (("--nginx", str(old)), ()):
        env = {"PATH": f"{old.parent}:{os.environ['PATH']}"}
        done = ingc("compile", "web.yaml", *given, cwd=folder, env=env)
        assert done.out == quiet.out
        assert f"{old} is 1.22.1" in done.target_note
        assert "pass --nginx-version auto" in done.target_note
        assert not ingc("compile", "web.yaml", "-q", *given, cwd=folder, env=env).target_note
    auto = ingc("compile", "web.yaml", "--nginx-version=auto", "--nginx", str(old), cwd=folder)
    assert auto.target_note == ""
    new = _stand_in(folder, "1.28.0")
    done = ingc("compile", "web.yaml", "--nginx", str(new), cwd=folder)
    assert (done.out, done.target_note) == (quiet.out, "")
