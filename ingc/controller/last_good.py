"""The configuration that nginx served last, beside the one that it is to serve.

Links, not copies: files are replaced, never written to. The folder is the controller's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ingc.output import CONF, FOLDERS, MANIFEST, UNFINISHED

LAST_GOOD = "last-good"


def keep(folder: Path) -> None:
    """Take note that nginx serves what the folder holds. Raises `OSError`."""
    _mirror(folder, folder / LAST_GOOD)


def put_back(folder: Path) -> bool:
    """Make the folder hold what nginx served last; false: it never did. Raises `OSError`."""
    if not (folder / LAST_GOOD / CONF).exists():
        return False
    _mirror(folder / LAST_GOOD, folder)
    return True


def _mirror(source: Path, target: Path) -> None:
    """Make the target hold what the source does; nginx.conf when all that it names is there.

    Whoever is killed in the middle leaves a target with the one nginx.conf or the other, and all
    that it names.
    """
    target.mkdir(mode=0o755, exist_ok=True)
    wanted = tuple(_files(source))
    for name in wanted:
        if name != CONF:
            _link(source / name, target / name)
    _link(source / CONF, target / CONF)
    for name in set(_files(target)) - set(wanted):
        (target / name).unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[str]:
    for name in (MANIFEST, CONF):
        if (folder / name).is_file():
            yield name
    for inner in FOLDERS:
        if (folder / inner).is_dir() and not (folder / inner).is_symlink():
            yield from (
                f"{inner}/{path.name}"
                for path in sorted((folder / inner).iterdir())
                if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
            )


def _link(source: Path, target: Path) -> None:
    if target.exists() and source.samefile(target):
        return
    if not target.parent.exists():
        target.parent.mkdir(mode=0o755)
    beside = target.with_name(f".{target.name}{UNFINISHED}")
    beside.unlink(missing_ok=True)
    os.link(source, beside)
    beside.replace(target)
