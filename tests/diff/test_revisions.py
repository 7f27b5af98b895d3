"""What a revision may hold that git itself would not make: its author chooses each byte of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ingc.diff.revisions import NoRevision, extract

_FILE, _FOLDER = b"100644", b"40000"
_LACKING = bytes([1]) * 20


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q")
    return folder


def git(*arguments: str, given: bytes = b"") -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@a.test")
    done = subprocess.run(["git", *who, *arguments], input=given, capture_output=True, check=True)
    return done.stdout.decode().strip()


def blob(text: bytes) -> bytes:
    return bytes.fromhex(git("hash-object", "-w", "--stdin", given=text))


def tree(*entries: tuple[bytes, bytes, bytes]) -> bytes:
    data = b"".join(mode + b" " + name + b"\0" + of for mode, name, of in entries)
    made = git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", given=data)
    return bytes.fromhex(made)


def commit(*entries: tuple[bytes, bytes, bytes]) -> str:
    """Commit a folder ``m``; return what is to be extracted."""
    return f"{git('commit-tree', tree((_FOLDER, b'm', tree(*entries))).hex(), '-m', 'x')}:m"


def extracted(named: str, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    extract(named, folder)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.usefixtures("repository")
def test_the_files_of_a_folder(tmp_path: Path) -> None:
    inner = tree((_FILE, b"b.yaml", blob(b"two")))
    named = commit((_FILE, b"a.yaml", blob(b"one")), (_FOLDER, b"in", inner))
    assert extracted(named, tmp_path / "out") == {"m/a.yaml": b"one", "m/in/b.yaml": b"two"}


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("name", ["{outside}", "../../outside", "a/../../../outside", ".", "/", ""])
def test_a_name_that_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    text = name.format(outside=outside)
    try:
        named = commit((_FILE, text.encode(), blob(b"theirs")))
    except subprocess.CalledProcessError:
        pytest.skip("this git does not store the name")
    with pytest.raises(NoRevision):
        extracted(named, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "repository"]


@pytest.mark.usefixtures("repository")
def test_files_that_can_not_all_be_written(tmp_path: Path) -> None:
    one = blob(b"one")
    inner = tree((_FILE, b"b", one))
    entries = {
        "a": ((_FILE, b"a", one), (_FOLDER, b"a", inner)),
        "twice": ((_FILE, b"twice", one), (_FILE, b"twice", blob(b"two"))),
        "object": ((_FILE, b"lacking", _LACKING),),
        "x" * 300: ((_FILE, b"x" * 300, one),),
    }
    for number, (words, made) in enumerate(entries.items()):
        with pytest.raises(NoRevision, match=words):
            extracted(commit(*made), tmp_path / str(number))
