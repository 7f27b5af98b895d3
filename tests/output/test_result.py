"""`ingc.Result.write`: the folder of ``ingc compile -d``, from a program."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

import ingc
from tests.cli.run import ingc as run
from tests.objects import Object, path, rule
from tests.shop import ingress, service

WEB = ingress("web", rule("a.test", path("/", "web")))
BASIC = "nginx.ingress.kubernetes.io/auth-"
GUARDED = ingress("guarded", rule("b.test", path("/", "web")))
GUARDED["metadata"]["annotations"] = {f"{BASIC}type": "basic", f"{BASIC}secret": "users"}
USERS: Object = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "users", "namespace": "shop"},
    "stringData": {"auth": "anna:{PLAIN}secret\n"},
}
SERVICE = service("web", clusterIP="10.96.0.1")
ALL = [WEB, GUARDED, USERS, SERVICE]


class Refused(Exception):
    """What a tester raises."""


class Refuser:
    """Keeps what it was given, and refuses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[str] = []

    def refuse(self, conf: Path) -> None:
        assert conf.parent == self.folder
        self.seen = sorted(item.name for item in self.folder.rglob("*") if item.is_file())
        raise Refused


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder that nginx's workers may enter once it is there."""
    return tmp_path / "out"


def _tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = (item for item in folder.rglob("*") if item.is_file())
    return {
        str(item.relative_to(folder)): (stat.S_IMODE(item.stat().st_mode), item.read_bytes())
        for item in files
    }


def test_it_writes_what_the_command_writes(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text("".join(map(json.dumps, ALL)), encoding="utf-8")
    done = run("compile", "in.json", "-d", "by-command", cwd=tmp_path)
    assert done.code == 0, done.err
    conf = ingc.compile(ALL).write(tmp_path / "by-library")
    assert conf == tmp_path / "by-library" / "nginx.conf"
    written = _tree(tmp_path / "by-library")
    assert written == _tree(tmp_path / "by-command")
    assert any(name.startswith("auth/") for name in written)


def test_a_folder_may_be_named_by_text_and_loses_what_it_had(tmp_path: Path) -> None:
    folder = str(tmp_path / "out" / "inner")
    ingc.compile(ALL).write(folder)
    assert len(list(Path(folder).glob("auth/*"))) == 1
    ingc.compile([WEB, SERVICE]).write(folder)
    assert list(Path(folder).glob("auth/*")) == []


def test_a_failed_result_replaces_nothing(out: Path) -> None:
    ingc.compile(ALL).write(out)
    before = _tree(out)
    failed = ingc.compile([ingress("bad", rule("Bad.test", path("/", "web")))])
    with pytest.raises(ingc.NotWritten, match="the compile found errors"):
        failed.write(out)
    assert _tree(out) == before


def test_a_fragment_is_no_configuration(out: Path) -> None:
    result = ingc.compile(ALL, ingc.Options(fragment=True))
    with pytest.raises(ingc.NotWritten, match="fragment"):
        result.write(out)
    assert _tree(out) == {}


def test_what_a_tester_refuses_is_not_there(out: Path) -> None:
    ingc.compile([WEB, SERVICE]).write(out)
    before = _tree(out)
    refuser = Refuser(out)
    with pytest.raises(Refused):
        ingc.compile(ALL).write(out, tested_by=refuser)
    assert any(name.endswith(".htpasswd") for name in refuser.seen)
    assert _tree(out) == {**before, ".ingc-files.json": _tree(out)[".ingc-files.json"]}


def test_a_group_that_is_not_there_is_named_with_the_way_out(out: Path) -> None:
    with pytest.raises(ingc.NotWritten, match='no group "no-such" here; pass worker_group=NAME'):
        ingc.compile(ALL).write(out, worker_group="no-such")
    assert _tree(out) == {}


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ingc.NotWritten, match="file"):
        ingc.compile([WEB, SERVICE]).write(tmp_path / "file" / "inner")
