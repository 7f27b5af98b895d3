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
    listed = _git("ls-tree", "-r", "-z", "--full-tree", identity, why="the folder can't be listed")
    blobs: list[tuple[str, Path]] = []
    for entry in listed.split(b"\0"):
        meta, tab, name = entry.partition(b"\t")
        if not tab:
            continue
        mode, kind, blob = meta.decode("ascii").split()
        if kind == "blob" and mode not in (_LINK, _MODULE):
            blobs.append((blob, folder / _inner(os.fsdecode(name))))
    contents = _contents([blob for blob, _ in blobs])
    folder.mkdir(exist_ok=True)
    for (_, path), content in zip(blobs, contents, strict=True):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                stream.write(content)
        except (OSError, ValueError) as error:
            inner = path.relative_to(folder)
            raise NoRevision(f'its file "{inner}" can not be written: {error}') from error


def _inner(name: str) -> str:
    """Return the name of a file of a tree, unless it leads out of the folder.

    git refuses such names in what it makes and, if so set, in what it receives, but reads them
    from any object. Raises `NoRevision`.
    """
    if {"", ".", ".."} & set(name.split("/")):
        raise NoRevision(f'its file "{name}" has a name that leads out of its folder')
    return name


def _contents(blobs: list[str]) -> list[bytes]:
    """Return the contents of many objects by one run of git."""
    names = "".join(f"{blob}\n" for blob in blobs).encode("ascii")
    data = _git("cat-file", "--batch", why="the files can't be read", given=names)
    found: list[bytes] = []
    at = 0
    for blob in blobs:
        end = data.index(b"\n", at)
        _, _, size = data[at:end].rpartition(b" ")
        if not size.isdigit():
            raise NoRevision(f"the repository lacks its object {blob}")
        found.append(data[end + 1 : end + 1 + int(size)])
        at = end + 1 + int(size) + 1
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
