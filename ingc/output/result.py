"""Writes the result of a compile into the folder that an nginx runs on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ingc.output.file import NotWritten
from ingc.output.folder import CONF, write_folder

if TYPE_CHECKING:
    from ingc.ir import OutputFile


class Tester(Protocol):
    """Who looks at a configuration before it replaces another, such as `ingc.Nginx`."""

    def refuse(self, conf: Path) -> None:
        """Raise where a file is not to be used; all that it names lies where it will lie."""


def write_result(
    config: str | None,
    files: tuple[OutputFile, ...],
    folder: str | Path,
    *,
    fragment: bool,
    worker_group: str | None,
    tested_by: Tester | None,
) -> Path:
    """Write a configuration and its files; see `ingc.Result.write`."""
    if config is None:
        raise NotWritten("there is no configuration to write: the compile found errors")
    if fragment:
        why = "a fragment is no nginx.conf of its own; write result.config into yours"
        raise NotWritten(why)
    into = Path(folder)
    group = _group(worker_group) if any(file.workers for file in files) else None
    write_folder(into, config, files, group, tested_by.refuse if tested_by else None)
    return into / CONF


def _group(named: str | None) -> int | None:
    """Return the group of nginx's workers, who read password files."""
    from ingc.nginx.workers import GroupUnknown, worker_group

    try:
        return worker_group(named)
    except GroupUnknown as error:
        raise NotWritten(f"{error}; pass worker_group=NAME") from error
