"""What a long run is at, on a terminal: it appears after half a second, and vanishes."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from ingc.ir import Host
from ingc.model.tree import Content, Statement
from ingc.prove import Proofs
from ingc.prove.proofs import Context
from ingc.target import Version

_PATIENCE = 0.5  # seconds before anything is printed
_PACE = 0.1  # seconds between two looks
_WIDTH = 24
_CLEAR = "\r\x1b[2K"


class Work:
    """What is being done now, and how much of it is done."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._line = ""

    def __str__(self) -> str:
        return self._line

    def reading(self, done: int, total: int) -> None:
        """Note how many bytes are read, of how many."""
        share = min(done / total, 1.0) if total else 0.0
        full = round(share * _WIDTH)
        self._line = f"reading    [{'#' * full}{'-' * (_WIDTH - full)}] {share:4.0%}"

    def compiling(self) -> None:
        """Note that all is read."""
        self._line = "compiling"

    def proving(self, hosts: int) -> None:
        """Note how many hosts are proved so far."""
        self._line = f"proving    {hosts} hosts" if hosts else "proving"


class WatchedProofs(Proofs):
    """Proofs that report how far they are."""

    work: Work | None = None
    hosts = 0

    def block(self, text: str, shape: Content, target: Version) -> Statement | None:
        """Note that the text is being read back."""
        if self.work is not None:
            self.work.proving(0)
        return super().block(text, shape, target)

    def begin_hosts(self, surroundings: Context) -> None:
        """Note that hosts come next."""
        super().begin_hosts(surroundings)
        self.hosts = 0

    def is_proved(self, host: Host, context: Context) -> bool:
        """Count a host whose proof begins."""
        self.hosts += 1
        if self.work is not None:
            self.work.proving(self.hosts)
        return super().is_proved(host, context)


@contextmanager
def progress(proofs: WatchedProofs) -> Iterator[Work]:
    """Print on a terminal what the work inside is at; elsewhere nothing."""
    work = proofs.work = Work()
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield work
        return
    ended = threading.Event()
    drawing = threading.Thread(target=_draw, args=(work, ended, sys.stderr), daemon=True)
    drawing.start()
    try:
        yield work
    finally:
        ended.set()
        drawing.join()


def _draw(work: Work, ended: threading.Event, screen: TextIO) -> None:
    if ended.wait(_PATIENCE):
        return
    while True:
        columns = shutil.get_terminal_size().columns
        screen.write(_CLEAR + str(work)[: columns - 1])
        screen.flush()
        if ended.wait(_PACE):
            break
    screen.write(_CLEAR)
    screen.flush()
