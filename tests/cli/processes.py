"""What runs on this machine."""

from __future__ import annotations

from pathlib import Path


def processes_with(text: str) -> list[str]:
    """Return the command lines of the processes that have a text in it."""
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = cmdline.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if text in command:
            found.append(command)
    return found


def workers_below(scratch: Path) -> list[int]:
    """Return the workers of each nginx that works in a folder."""
    found = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            works = (status.parent / "cwd").readlink()
            titled = status.read_bytes().startswith(b"nginx: worker process")
        except OSError:
            continue
        if titled and scratch in works.parents:
            found.append(int(status.parent.name))
    return found


def user_of(pid: int) -> int:
    """Return the effective user id of a process."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    (uids,) = (line.split()[1:] for line in lines if line.startswith("Uid:"))
    return int(uids[1])
