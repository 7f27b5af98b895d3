"""Which lost requests are counted apart, and which are lost."""

from __future__ import annotations

import pytest

from tests.controller.load import Between, Load, LostRequest
from tests.controller.row import Course, was_idle, was_on_the_killed


def _lost(began: float = 10.0, **changed: object) -> LostRequest:
    """Return a request on a kept connection without an answer, which was idle from 9.9 on."""
    found: dict[str, object] = {
        "ended": 10.1,
        "reused": True,
        "why": "IncompleteReadError()",
        "answered": False,
        "port": 4000,
        "connected": 5.0,
        "idle_since": 9.9,
    }
    return LostRequest(began, **{**found, **changed})  # type: ignore[arg-type]


def test_a_connection_that_was_idle_when_its_worker_began_to_end() -> None:
    assert was_idle(_lost(), [(2.9, 3.0), (9.94, 9.95)])
    assert was_idle(_lost(), [(9.99, 10.04)])
    assert was_idle(_lost(why="ConnectionResetError()"), [(10.01, 10.02)]), "it was not read"
    assert was_idle(_lost(idle_since=9.97), [(9.94, 9.95)]), "the answer was noted late"


@pytest.mark.parametrize(
    ("lost", "drains"),
    [
        (_lost(), []),
        (_lost(), [(8.9, 9.0)]),
        (_lost(), [(10.01, 10.02)]),
        (_lost(idle_since=10.01), [(9.94, 9.95)]),
        (_lost(answered=True), [(9.94, 9.95)]),
        (_lost(reused=False), [(9.94, 9.95)]),
    ],
    ids=["no-reload", "long-before", "in-flight", "idle-later", "half-an-answer", "new"],
)
def test_anything_else_is_lost(lost: LostRequest, drains: list[Between]) -> None:
    assert not was_idle(lost, drains)


def test_only_connections_of_the_killed_are_counted_apart() -> None:
    load = Load(("127.0.0.1", 80), "a.test", log=None)  # type: ignore[arg-type]
    course = Course(load, 0.0, killed_at=9.0, ports=frozenset({4000}))
    assert was_on_the_killed(_lost(), course)
    assert was_on_the_killed(_lost(connected=9.02), course), "it was noted late"
    assert not was_on_the_killed(_lost(port=4001), course)
    assert not was_on_the_killed(_lost(connected=10.1), course), "the port is another's by now"
    assert not was_on_the_killed(_lost(), Course(load, 0.0))
