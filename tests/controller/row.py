"""What a fault under load cost, and the line of the table that says so."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ingc.nginx import Nginx
from ingc.target import KEEPALIVE_MIN_TIMEOUT
from tests.controller.load import Between, Load, LostRequest

_LATE = 0.05
"""Seconds that a client may be late in noting that its answer is there."""
_ANEW = 1.0
"""Seconds in which a client's port is not given to another connection."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a fault went."""

    load: Load
    recovery: float
    """Seconds."""
    killed_at: float | None = None
    """When a process was killed or began to hang, and which connections it had: clients' ports."""
    ports: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one fault."""

    fault: str
    nginx: str
    requests: int
    per_second: float
    lost: tuple[LostRequest, ...]
    """By no fault of a client, on connections that no process which was killed or hung had."""
    idle_cut: int
    """Without a byte of answer, on a kept connection that was idle when its worker began to end:
    nginx before 1.27.4."""
    of_the_killed: int
    """On a connection that a worker had when it was killed or began to hang."""
    recovery: float
    """Seconds."""
    slowest: float
    """Seconds until the slowest answer."""
    busy: float
    """The machine's load average then."""

    def __str__(self) -> str:
        return (
            f"{self.fault:32} {self.nginx:7} {self.requests:7} {self.per_second:6.0f}/s "
            f"{len(self.lost):5} {self.idle_cut:8} {self.of_the_killed:9} "
            f"{self.recovery:10.2f} {self.slowest:7.2f} {self.busy:6.1f}"
        )


HEAD = (
    f"{'fault':32} {'nginx':7} {'load':>7} {'':>8} {'lost':>5} {'idle cut':>8} {'on killed':>9} "
    f"{'recovery s':>10} {'slowest':>7} {'busy':>6}"
)


def row(name: str, nginx: Nginx, course: Course) -> Row:
    """Judge each request that was lost."""
    load = course.load
    apart = [item for item in load.lost if was_on_the_killed(item, course)]
    cut = [
        item
        for item in load.lost
        if item not in apart
        and nginx.version < KEEPALIVE_MIN_TIMEOUT
        and was_idle(item, load.drains)
    ]
    return Row(
        name,
        ".".join(map(str, nginx.version)),
        load.requests,
        load.requests / load.seconds,
        tuple(item for item in load.lost if item not in apart and item not in cut),
        len(cut),
        len(apart),
        course.recovery,
        load.slowest,
        os.getloadavg()[0],
    )


def was_on_the_killed(item: LostRequest, course: Course) -> bool:
    """Whether a request's connection was one of those that the process had."""
    if course.killed_at is None:
        return False
    return item.port in course.ports and item.connected <= course.killed_at + _ANEW


def was_idle(item: LostRequest, drains: list[Between]) -> bool:
    """Whether a connection was idle when a worker began to end, and gave no byte since.

    A reset says that the worker closed it with a request in it that it had not read, so that it was
    idle to the worker though the client had just written.
    """
    unread = _LATE if "ConnectionResetError" in item.why else 0.0
    return (
        item.reused
        and not item.answered
        and any(
            item.idle_since - _LATE <= before and item.began >= after - unread
            for after, before in drains
        )
    )
