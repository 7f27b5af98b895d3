"""A large file of YAML documents, read in shares by several processes at once.

A ``---`` at the beginning of a line ends a document whatever it stands in, so a share that begins
with one reads as it does in its file. What is combined is only what nobody has anything to report
about: any finding, and aliases beyond their budget, make the file be read in one piece, so that the
findings are the same. (A directive cut off from its document is a finding.)
"""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ingc.diagnostics import Sink
from ingc.load import yaml_text
from ingc.load.aliases import AliasBudget
from ingc.load.spans import Parsed, Take
from ingc.load.text import FileText
from ingc.load.yaml_text import ReadYaml

LARGE = 8_000_000
"""Characters from which it pays to start processes."""
_SHARE = 1_000_000
"""Characters of a share, at least."""
_SHARES_EACH = 4
"""Shares of a process, so that none waits long for the last."""
_MOST_PROCESSES = 8
_FEWEST_PROCESSES = 4
"""To start them and to hand documents over takes a third to a half of the work once more."""
_CPU_MAX = Path("/sys/fs/cgroup/cpu.max")
_DOCUMENT = re.compile(r"(?<=[\n\r])---(?=[ \t\r\n]|\Z)")

Share = tuple[int, str]
"""Where it begins in its file, and its text."""
ReadShare = tuple[list[ReadYaml], int]
"""Its documents, and how much their aliases stand for."""
Run = Callable[[Callable[[Share], ReadShare | None], list[Share]], Iterable[ReadShare | None]]
"""Calls a function with each share, as `map` does."""


def processors() -> int:
    """Return how many processes to read with on this machine; 1 where more would not pay."""
    usable = getattr(os, "sched_getaffinity", None)
    count = min(len(usable(0)) if usable else os.cpu_count() or 1, _quota())
    return min(count, _MOST_PROCESSES) if count >= _FEWEST_PROCESSES else 1


def _quota() -> int:
    """Return how many processors a container may use at once (cgroup v2, ``cpu.max``)."""
    try:
        most, period = _CPU_MAX.read_text(encoding="ascii").split()
        return int(most) // int(period)
    except (OSError, ValueError):
        return _MOST_PROCESSES


def parse(
    file: FileText,
    sink: Sink,
    take: Take,
    budget: AliasBudget,
    progress: Callable[[int], None],
    processes: int,
) -> bool:
    """Do what `yaml_text.parse` does, with so many processes where the file is large."""
    if processes > 1 and len(file.text) >= LARGE:
        size = max(_SHARE, len(file.text) // (processes * _SHARES_EACH))
        read = _in_processes(file.text, budget, size, processes)
        if read is not None:
            yaml_text.take_read(file, sink, take, progress, read)
            return True
    return yaml_text.parse(file, sink, take, budget, progress)


def _in_processes(
    text: str, budget: AliasBudget, size: int, processes: int
) -> list[ReadYaml] | None:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    # A fork would take over the locks that other threads hold.
    context = multiprocessing.get_context("spawn")
    try:
        # Their collector is theirs alone.
        with ProcessPoolExecutor(processes, context, initializer=gc.disable) as pool:
            read = read_shares(text, budget, size, pool.map)
            pool.shutdown(cancel_futures=True)
            return read
    except (OSError, BrokenProcessPool):
        return None


def read_shares(text: str, budget: AliasBudget, size: int, run: Run = map) -> list[ReadYaml] | None:
    """Return the documents of a text, read in shares of at least so many characters.

    ``None`` where it has to be read in one piece; the budget is as it was then.
    """
    shares = list(_shares(text, size))
    found: list[ReadYaml] = []
    taken = 0
    for read in run(read_share, shares) if len(shares) > 1 else (None,):
        if read is None:
            return None
        found += read[0]
        taken += read[1]
    if taken > budget.left:
        return None
    budget.left -= taken
    return found


def read_share(share: Share) -> ReadShare | None:
    """Read a share; ``None`` where there is anything to report."""
    start, text = share
    sink, budget, found = Sink(), AliasBudget(), list[ReadYaml]()
    before = budget.left

    def take(parsed: Parsed) -> int:
        region = parsed.region
        items = {number: at + start for number, at in (region.items or {}).items()}
        found.append(ReadYaml(parsed.value, region.start + start, region.end + start, items))
        return 0

    whole = yaml_text.parse(FileText("", text), sink, take, budget, lambda _: None)
    return None if not whole or sink.diagnostics() else (found, before - budget.left)


def _shares(text: str, size: int) -> Iterator[Share]:
    start = 0
    while start < len(text):
        match = _DOCUMENT.search(text, start + size)
        end = match.start() if match else len(text)
        yield start, text[start:end]
        start = end
