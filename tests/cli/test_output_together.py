"""Runs that write to one folder at once, and runs that are killed."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from ingc.ir import OutputFile, SecretBytes
from ingc.output import folder as writing
from ingc.output.file import UNFINISHED
from ingc.output.folder import MANIFEST, write_folder

_FORK = multiprocessing.get_context("fork")
ROUNDS = 30


def _certificate(number: int) -> OutputFile:
    name = f"certs/web_own.{number:016x}.key"
    return OutputFile(name, SecretBytes(b"key %d" % number), private=True)


def _write(folder: Path, number: int) -> None:
    file = _certificate(number)
    write_folder(folder, f"names {file.path}\n", [file])


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _is_whole(folder: Path) -> None:
    text = (folder / "nginx.conf").read_text("utf-8")
    named = text.removeprefix("names ").strip()
    assert _files(folder) == {"nginx.conf", MANIFEST, named}
    assert json.loads((folder / MANIFEST).read_text("utf-8")) == {"files": [named]}


def test_runs_at_once_leave_one_of_their_results_whole(tmp_path: Path) -> None:
    for turn in range(ROUNDS):
        runs = [
            _FORK.Process(target=_write, args=(tmp_path, 4 * turn + number)) for number in range(4)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join(60)
            assert run.exitcode == 0
        _is_whole(tmp_path)


def _die_at(folder: Path, number: int, step: int) -> None:
    """Write as ever, and die as from kill -9 at a step of the writing."""
    steps = iter(range(100))
    rename = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if next(steps) == step:
            os._exit(9)
        return rename(path, target)

    Path.replace = replace  # type: ignore[method-assign, assignment]
    _write(folder, number)


@pytest.mark.parametrize("step", range(4))
def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path, step: int) -> None:
    _write(tmp_path, 1)
    killed = _FORK.Process(target=_die_at, args=(tmp_path, 2, step))
    killed.start()
    killed.join(60)
    assert killed.exitcode == 9
    conf = (tmp_path / "nginx.conf").read_text("utf-8")
    assert (tmp_path / conf.removeprefix("names ").strip()).is_file()
    assert any(UNFINISHED in name for name in _files(tmp_path))
    _write(tmp_path, 3)
    _is_whole(tmp_path)


def test_a_folder_that_is_held_for_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_PATIENCE", 0.1)
    with writing._alone(tmp_path), pytest.raises(writing.NotWritten, match="another run"):
        _write(tmp_path, 1)
