"""Files as a git revision has them: ``HEAD~1:manifests``, as git itself names them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath

_NAMED = re.compile(r"([^:]+):(.*)", re.DOTALL).fullmatch
_LINK, _MODULE = "120000", "160000"
_TIMEOUT = 60.0


class NoRevision(Exception):
    """A revision, or a path in it, can't be read; the text states why."""


def names_revision(text: str) -> bool:
    """Return whether a text has the form ``REVISION:PATH``."""
    return _NAMED(text) is not None


def extract(text: str, folder: Path) -> str:
    """Write the files of ``REVISION:PATH`` into a folder; return where they are in it.

    Links and submodules are left out. Raises `NoRevision`.
    """
    named = _NAMED(text)
    if named is None:
        raise NoRevision(f'"{text}" does not have the form REVISION:PATH')
    revision, path = named.groups()
    _git(
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{revision}^{{commit}}",
        why=f'there is no revision "{revision}"',
    )
    missing = f'revision "{revision}" has no path "{path}"'
    found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", text, why=missing)
    identity = found.decode("ascii").strip()
    kind = _git("cat-file", "-t", identity, why=missing).decode("ascii").strip()
    name = PurePosixPath(path).name or "."
    if kind == "blob":
        (folder / name).write_bytes(_git("cat-file", "blob", identity, why=missing))
        return name
    if kind != "tree":
        raise NoRevision(f'"{text}" is neither a file nor a folder')
    _write_tree(identity, folder / name)
    return name


def _write_tree(identity: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    listed = _git("ls-tree", "-r", "-z", "--full-tree", identity, why="the folder can't be listed")
    blobs: list[tuple[str, Path]] = []
    for entry in listed.split(b"\0"):
        meta, tab, name = entry.partition(b"\t")
        if not tab:
            continue
        mode, kind, blob = meta.decode("ascii").split()
        parts = PurePosixPath(os.fsdecode(name)).parts
        if kind == "blob" and mode not in (_LINK, _MODULE) and ".." not in parts:
            blobs.append((blob, folder.joinpath(*parts)))
    contents = _contents([blob for blob, _ in blobs])
    for (_, path), content in zip(blobs, contents, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _contents(blobs: list[str]) -> list[bytes]:
    """Return the contents of many objects by one run of git."""
    names = "".join(f"{blob}\n" for blob in blobs).encode("ascii")
    data = _git("cat-file", "--batch", why="the files can't be read", given=names)
    found: list[bytes] = []
    at = 0
    for _ in blobs:
        end = data.index(b"\n", at)
        size = int(data[at:end].split()[-1])
        found.append(data[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return found


def _git(*arguments: str, why: str, given: bytes = b"") -> bytes:
    """Run git in the working directory, without a shell. Raises `NoRevision`."""
    program = shutil.which("git")
    if program is None:
        raise NoRevision("a revision is named, and there is no git on PATH")
    try:
        done = subprocess.run(
            [program, *arguments], input=given, capture_output=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise NoRevision(f"git can't be run: {error}") from error
    if done.returncode:
        messages = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NoRevision(f"{why}{f' ({messages[0]})' if messages else ''}")
    return done.stdout
