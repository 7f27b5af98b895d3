"""Writes a configuration and its files into a folder: one run at a time, whole or not at all.

The order makes a killed run harmless: the manifest names every file before it is written, so that
the next run knows what to remove; nginx.conf is renamed when all that it names is there; files of
earlier configurations go last.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingc.ir import OutputFile
from ingc.output.file import UNFINISHED, NotWritten, write_file

CONF = "nginx.conf"
MANIFEST = ".ingc-files.json"
"""Lists the files that we wrote into a folder, so that the next run may remove them."""
FOLDERS = ("certs", "auth")
"""Where what nginx.conf names lies."""

_OURS = re.compile(
    r"(?:certs|auth)/[a-z0-9-]+_[a-z0-9.-]+\.[0-9a-f]{16}\.(?:ca\.)?(?:crt|key|crl|htpasswd)"
).fullmatch
_PATIENCE = 30.0
"""Seconds that another run may hold the folder; one takes milliseconds."""
_PAUSE = 0.02


class TrialRefused(Exception):
    """A configuration is not to be used."""


def write_folder(
    folder: Path,
    config: str,
    files: Iterable[OutputFile],
    group: int | None = None,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Write a configuration and its files: the files first, nginx.conf last, then the old go.

    ``group`` is that of nginx's workers; ``None``: they run as ourselves. ``check`` is given a
    file beside nginx.conf with the new text, when all that it names is there; where it raises
    (`TrialRefused` has no more to report) nothing was replaced, and what was added is removed.

    Raises `NotWritten`; the configuration that was there keeps its files then.
    """
    files = tuple(files)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            _remove_unfinished(folder)
            _write_all(folder, config, files, group, check)
    except NotWritten:
        raise
    except OSError as error:
        raise NotWritten(f"{error.filename or folder}: {error.strerror}") from error


def _write_all(
    folder: Path,
    config: str,
    files: tuple[OutputFile, ...],
    group: int | None,
    check: Callable[[Path], None] | None,
) -> None:
    earlier = _read_manifest(folder)
    added = [folder / file.path for file in files if not (folder / file.path).exists()]
    for inner in dict.fromkeys((folder / file.path).parent for file in files):
        _make_inside(folder, inner)
    written = [file.path for file in files]
    stale = sorted(earlier - set(written))
    _write_manifest(folder, [*written, *stale])
    for file in files:
        path = folder / file.path
        _write(path, file, group)
        if file.workers and group is not None:
            _check_way(folder, path.parent, group)
    if check is not None:
        try:
            _try(folder, config, check)
        except BaseException:
            for path in added:
                path.unlink(missing_ok=True)
            _write_manifest(folder, earlier)
            raise
    write_file(folder / CONF, config.encode())
    for name in stale:
        if not (folder / name).parent.is_symlink():
            (folder / name).unlink(missing_ok=True)
    _write_manifest(folder, written)


def _try(folder: Path, config: str, check: Callable[[Path], None]) -> None:
    """Check the text in a file of its own, which a later run removes where this one is killed."""
    beside = folder / f".nginx.conf.test{UNFINISHED}"
    try:
        write_file(beside, config.encode())
        check(beside)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock (flock(2)), which the kernel gives back when a run is killed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise NotWritten(f"{folder}: another run has written to it for too long") from None
            time.sleep(_PAUSE)
        else:
            return


def _remove_unfinished(folder: Path) -> None:
    """Remove what a killed run left: nobody else writes here while we hold the lock."""
    for inner in (folder, *(folder / name for name in FOLDERS)):
        if inner.is_dir() and (inner == folder or not inner.is_symlink()):
            for path in inner.glob(f".*{UNFINISHED}"):
                path.unlink(missing_ok=True)


def _write(path: Path, file: OutputFile, group: int | None) -> None:
    if not file.workers:
        write_file(path, bytes(file.content), 0o600 if file.private else 0o644)
    elif group is None:
        write_file(path, bytes(file.content), 0o600)
    else:
        write_file(path, bytes(file.content), 0o640, group)


def _check_way(folder: Path, inner: Path, group: int) -> None:
    """A file that a group may read is of no use in a folder that it may not enter."""
    for place in (folder, inner):
        found = place.stat()
        may_enter = found.st_mode & 0o001 or (found.st_mode & 0o010 and found.st_gid == group)
        if not may_enter:
            raise NotWritten(f"{place}: nginx's workers may not enter it; try chmod o+x {place}")


def _make_inside(folder: Path, inner: Path) -> None:
    """Make a folder below ours; one that is a link could lead anywhere and is refused."""
    if inner.is_symlink():
        raise NotWritten(f"{inner} is a symbolic link; certificates are not written through it")
    if not inner.exists():
        inner.mkdir(mode=0o700)
        inner.chmod(0o755)  # whatever the umask: nginx's workers read files in it
    if folder.resolve() not in inner.resolve().parents:
        raise NotWritten(f"{inner} is not inside {folder}")


def _read_manifest(folder: Path) -> set[str]:
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return set()
    names = listed.get("files") if isinstance(listed, dict) else None
    found = names if isinstance(names, list) else []
    return {name for name in found if isinstance(name, str) and _OURS(name)}


def _write_manifest(folder: Path, names: Iterable[str]) -> None:
    if not (listed := sorted(names)) and not (folder / MANIFEST).exists():
        return
    text = json.dumps({"files": listed}, indent=2) + "\n"
    write_file(folder / MANIFEST, text.encode())
