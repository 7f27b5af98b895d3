"""Folders of our own among temporary ones, which outlive nobody: the next run removes what a killed
one left.

Who has a folder holds its lock (flock(2)), which the kernel gives back when a run is killed. A
folder gets its mark when it is locked, so that no run takes a new folder for one that was left.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MARK = ".ingc-private"
_SHORT = Path("/tmp")  # noqa: S108  mkdtemp makes a private folder there
_NAME = re.compile(r"ingc-[a-z0-9_]{8}").fullmatch
"""As mkdtemp makes them."""


@dataclass(frozen=True, slots=True)
class PrivateFolder:
    """A folder that is ours until it is removed, or until this process ends."""

    path: Path
    _lock: int

    def remove(self) -> None:
        """Remove it with what it holds."""
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self._lock)


def make_private(suits: Callable[[Path], bool] = Path.is_dir) -> PrivateFolder:
    """Make a folder that only its owner may enter; first remove what killed runs left.

    It lies where Python puts temporary files (``TMPDIR``), or in ``/tmp`` where that does not
    suit. Raises `OSError`.
    """
    usual = Path(tempfile.gettempdir())
    for parent in dict.fromkeys((usual, _SHORT)):
        _remove_left(parent)
    path = Path(tempfile.mkdtemp(prefix="ingc-", dir=usual))
    if not suits(path):
        path.rmdir()
        path = Path(tempfile.mkdtemp(prefix="ingc-", dir=_SHORT))
    lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    (path / MARK).touch(mode=0o600)
    return PrivateFolder(path, lock)


@contextmanager
def private_folder() -> Iterator[Path]:
    """Give a folder that only its owner may enter, and remove it. Raises `OSError`."""
    made = make_private()
    try:
        yield made.path
    finally:
        made.remove()


def _remove_left(parent: Path) -> None:
    with contextlib.suppress(OSError):
        for path in parent.iterdir():
            if _NAME(path.name) and _is_ours(path):
                _remove_unless_held(path)


def _is_ours(path: Path) -> bool:
    with contextlib.suppress(OSError):
        found, mark = path.lstat(), (path / MARK).lstat()
        ours = found.st_uid == mark.st_uid == os.geteuid()
        return ours and stat.S_ISDIR(found.st_mode) and stat.S_ISREG(mark.st_mode)
    return False


def _remove_unless_held(path: Path) -> None:
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    except OSError:
        pass  # its run lives, or the file system knows no locks
    finally:
        os.close(lock)
