"""Certificates and keys, written into a private folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ingc.ir import OutputFile


def write_files(folder: Path, files: Iterable[OutputFile], group: int | None = None) -> None:
    """Write the files that a configuration refers to into a folder that is ours alone.

    What is for nginx's workers is for nobody else: they have ``group``; ``None``: they run as
    ourselves.
    """
    for file in files:
        path = folder / file.path
        path.parent.mkdir(exist_ok=True)
        if group is not None:
            path.parent.chmod(0o711)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600 if file.private or file.workers else 0o644)
        path.write_bytes(file.content)
        if file.workers and group is not None:
            os.chown(path, -1, group)
            path.chmod(0o640)
