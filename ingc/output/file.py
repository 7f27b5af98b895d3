"""Writing files: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

UNFINISHED = ".ingc-new"
"""The end of the name of a file that is still being written."""


class NotWritten(OSError):
    """The output can't be written; what was there before is still there."""


def write_file(path: Path, content: bytes, mode: int = 0o644, group: int | None = None) -> None:
    """Replace a file in one step: written beside it, synced, renamed. Raises `NotWritten`."""
    try:
        descriptor, temporary = tempfile.mkstemp(UNFINISHED, f".{path.name}.", path.parent)
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
