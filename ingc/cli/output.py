"""Writing results: whole or not at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ingc.ir import OutputFile

MANIFEST = ".ingc-files.json"
"""Lists the files that we wrote into a folder, so that the next run may remove them."""

_OURS = re.compile(
    r"(?:certs|auth)/[a-z0-9-]+_[a-z0-9.-]+\.[0-9a-f]{16}\.(?:ca\.)?(?:crt|key|crl|htpasswd)"
).fullmatch


class NotWritten(OSError):
    """The output can't be written; what was there before is still there."""


def write_file(path: Path, content: bytes, mode: int = 0o644, group: int | None = None) -> None:
    """Replace a file in one step: written beside it, synced, renamed. Raises `NotWritten`."""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise NotWritten(f"{path}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            if group is not None:
                _give(stream.fileno(), path, group)
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, NotWritten):
            raise
        raise NotWritten(f"{path}: {error.strerror}") from error


def _give(descriptor: int, path: Path, group: int) -> None:
    try:
        os.fchown(descriptor, -1, group)
    except PermissionError as error:
        raise NotWritten(f"{path}: only root or a member can give it to group {group}") from error


def write_named(path: Path, content: bytes) -> None:
    """Write to the file that the user named: through a link, and into a pipe or a device.

    Only a regular file is replaced. Raises `NotWritten`.
    """
    try:
        target = path.resolve()
        if target.is_file() or not target.exists():
            write_file(target, content)
        else:
            target.write_bytes(content)
    except NotWritten:
        raise
    except OSError as error:
        raise NotWritten(f"{path}: {error.strerror}") from error


def write_folder(
    folder: Path, config: str, files: Iterable[OutputFile], group: int | None = None
) -> None:
    """Write a configuration and its files: the files first, nginx.conf last, then the old go.

    ``group`` is that of nginx's workers; ``None``: they run as ourselves.

    Raises `NotWritten`; the configuration that was there keeps its files then.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        earlier = _read_manifest(folder)
        for file in files:
            path = folder / file.path
            _make_inside(folder, path.parent)
            _write(path, file, group)
            if file.workers and group is not None:
                _check_way(folder, path.parent, group)
            written.append(file.path)
        stale = sorted(earlier - set(written))
        _write_manifest(folder, [*written, *stale])
        write_file(folder / "nginx.conf", config.encode())
        for name in stale:
            if not (folder / name).parent.is_symlink():
                (folder / name).unlink(missing_ok=True)
        _write_manifest(folder, written)
    except OSError as error:
        if isinstance(error, NotWritten):
            raise
        raise NotWritten(f"{error.filename or folder}: {error.strerror}") from error


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
