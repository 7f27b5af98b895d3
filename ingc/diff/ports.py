"""Ports beside http, of a controller's nginx.conf and of what is compiled."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.diff.changes import changes
from ingc.diff.difference import Difference
from ingc.diff.probes import NOBODY
from ingc.diff.sides import MigrationSide
from ingc.explain.question import Question


def port_differences(old: MigrationSide, new: MigrationSide) -> Iterator[Difference]:
    """Yield what differs of the ports of TCP and UDP, as one."""
    what = changes(old.ports, new.ports)
    if what:
        question = Question("GET", "http", NOBODY, "/")
        before, after = old.ask(question).answer, new.ask(question).answer
        yield Difference(
            "changed", None, None, None, what, before, after, before.route, after.route, False
        )
