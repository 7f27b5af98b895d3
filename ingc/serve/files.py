"""Certificates and keys, written into a private folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ingc.ir import OutputFile


def write_files(folder: Path, files: Iterable[OutputFile]) -> None:
    """Write the files that a configuration refers to into a folder that is ours alone.

    nginx's workers have to run as ourselves: what is for them is for nobody else.
    """
    for file in files:
        path = folder / file.path
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600 if file.private or file.workers else 0o644)
        path.write_bytes(file.content)
