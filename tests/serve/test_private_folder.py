"""Folders of our own: what a killed run leaves is removed by the next, and nothing else is."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ingc.serve.private_folder import MARK, make_private, private_folder
from tests.nginx.binaries import ROOT

_HOLDER = """
import time
from ingc.serve.private_folder import make_private
made = make_private()
(made.path / "tls.key").write_text("secret")
print(made.path, flush=True)
time.sleep(60)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_private_and_gone_at_the_end(place: Path) -> None:
    with private_folder() as folder:
        assert folder.parent == place
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "a").mkdir()
    assert not list(place.iterdir())


def test_what_a_killed_run_left_is_removed(place: Path) -> None:
    command = [sys.executable, "-c", _HOLDER]
    env = {"TMPDIR": str(place), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as holder:
        assert holder.stdout is not None
        left = Path(holder.stdout.readline().strip())
        try:
            with private_folder():
                assert (left / "tls.key").exists(), "its run lives"
        finally:
            holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        assert (left / "tls.key").exists()
        with private_folder() as folder:
            assert [item.name for item in place.iterdir()] == [folder.name]


def test_what_is_not_ours_stays(place: Path) -> None:
    for name in ("ingc-abcdefgh", "ingc-12345678", "else", "ingc-abcd_fgh"):
        (place / name).mkdir()
    elsewhere = place / "else"
    (elsewhere / MARK).touch()
    (place / "ingc-12345678" / MARK).symlink_to(elsewhere / MARK)
    (place / "ingc-zzzzzzzz").symlink_to(elsewhere)
    before = sorted(item.name for item in place.iterdir())
    make_private().remove()
    assert sorted(item.name for item in place.iterdir()) == before


def test_a_place_that_does_not_suit(place: Path) -> None:
    made = make_private(lambda folder: folder.parent != place)
    try:
        assert made.path.parent == Path("/tmp")  # noqa: S108
    finally:
        made.remove()
    assert not list(place.iterdir())
