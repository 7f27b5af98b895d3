"""Changes wait a short time for others, and no longer than the longest."""

from __future__ import annotations

import asyncio

import pytest

import ingc
from ingc.controller.gathering import Batch, Gathering
from ingc.controller.options import GatheringTimes

TIMES = GatheringTimes(quiet=1, longest=5, endpoints_quiet=10, endpoints_longest=60)


def key(name: str, kind: str = "Ingress") -> ingc.ObjectKey:
    return ingc.ObjectKey(kind, "shop", name)


class Clock:
    """A clock that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_batch_is_due_when_it_is_quiet(clock: Clock) -> None:
    gathering = Gathering(TIMES, clock=clock)
    assert gathering.due is None
    gathering.put(key("a"), {})
    assert gathering.due == 101
    clock.now += 0.9
    gathering.put(key("b"), {})
    assert gathering.due == 101.9


def test_what_never_is_quiet_waits_for_the_longest(clock: Clock) -> None:
    gathering = Gathering(TIMES, clock=clock)
    for _ in range(10):
        gathering.put(key("a"), {})
        clock.now += 0.9
    assert gathering.due == 105


def test_endpoints_wait_longer_and_go_with_others(clock: Clock) -> None:
    gathering = Gathering(TIMES, clock=clock)
    gathering.put(key("a", "EndpointSlice"), {}, endpoints=True)
    assert gathering.due == 110
    clock.now += 2
    gathering.put(key("b"), {})
    assert gathering.due == 103
    clock.now += 0.5
    gathering.put(key("c", "EndpointSlice"), {}, endpoints=True)
    assert gathering.due == 103, "endpoints do not keep others waiting"


def test_endpoints_that_never_rest_have_an_end(clock: Clock) -> None:
    gathering = Gathering(TIMES, clock=clock)
    for _ in range(10):
        gathering.put(key("a", "EndpointSlice"), {}, endpoints=True)
        clock.now += 9
    assert gathering.due == 160


def test_of_each_object_the_last_state_counts() -> None:
    async def run() -> Batch:
        gathering = Gathering(GatheringTimes(quiet=0.01))
        gathering.put(key("a"), {"n": 1})
        gathering.put(key("b"), {"n": 1})
        gathering.put(key("a"), {"n": 2})
        gathering.put(key("b"), None)
        assert gathering.waiting == 2
        found = await gathering.next()
        assert gathering.due is None
        return found

    batch = asyncio.run(run())
    assert batch.changes == {key("a"): {"n": 2}, key("b"): None}


def test_the_next_batch_is_waited_for() -> None:
    async def run() -> None:
        gathering = Gathering(GatheringTimes(quiet=0.05, endpoints_quiet=5, endpoints_longest=5))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        gathering.put(key("a", "EndpointSlice"), {}, endpoints=True)
        loop.call_later(0.02, gathering.put, key("b"), {})
        batch = await asyncio.wait_for(gathering.next(), 2)
        assert 0.06 < loop.time() - begun < 1
        assert set(batch.changes) == {key("a", "EndpointSlice"), key("b")}
        assert batch.since == pytest.approx(begun, abs=0.01)
        gathering.put(key("a", "EndpointSlice"), None, endpoints=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(gathering.next(), 0.2)
        assert gathering.waiting == 1, "what nobody took is still there"

    asyncio.run(run())
