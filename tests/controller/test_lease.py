"""`ingc.controller.lease`: acquire, renew, lose, release; no two hold it; clocks may be wrong."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from ingc.controller.api import ApiError
from ingc.controller.clock import monotonic
from ingc.controller.lease import Lease, LeaseTimes
from tests.controller.fake_api import Clock, FakeApi

PARENT = "/apis/coordination.k8s.io/v1/namespaces/ingc/leases"
PATH = f"{PARENT}/leader"


def _lease(api: FakeApi, identity: str, clock: Clock, **times: float) -> Lease:
    return Lease(api, "ingc/leader", identity, clock=clock, times=LeaseTimes(**times))


def _attempt(lease: Lease) -> bool:
    return asyncio.run(lease.attempt())


def _spec(api: FakeApi) -> Any:
    return api.find(PATH)["spec"]


def test_the_first_creates_it_and_the_second_waits() -> None:
    api, clock = FakeApi(), Clock()
    one, two = _lease(api, "one", clock), _lease(api, "two", clock)
    assert not one.held
    assert _attempt(one)
    assert not _attempt(two)
    assert (one.held, two.held) == (True, False)
    spec = _spec(api)
    assert (spec["holderIdentity"], spec["leaseDurationSeconds"]) == ("one", 15)
    assert spec["leaseTransitions"] == 0
    assert spec["acquireTime"] == spec["renewTime"]
    assert spec["renewTime"].endswith("Z")
    assert len(spec["renewTime"]) == len("2026-01-31T12:00:00.000000Z")


def test_a_renewal_is_one_request_and_keeps_when_it_was_acquired() -> None:
    api, clock = FakeApi(), Clock()
    one = _lease(api, "one", clock)
    _attempt(one)
    acquired = _spec(api)["acquireTime"]
    api.asked.clear()
    clock.now += 9
    assert _attempt(one)
    assert api.asked == [("PUT", PATH)]
    assert _spec(api)["acquireTime"] == acquired
    clock.now += 9
    assert one.held


def test_who_does_not_renew_loses_it_before_another_may_have_it() -> None:
    api, clock = FakeApi(), Clock()
    one, two = _lease(api, "one", clock), _lease(api, "two", clock)
    _attempt(one)
    _attempt(two)  # It sees it now for the first time.
    clock.now += 10
    assert not one.held
    assert not _attempt(two)
    clock.now += 4.9
    assert not _attempt(two)
    clock.now += 0.1
    assert _attempt(two)
    assert _spec(api)["leaseTransitions"] == 1
    assert not _attempt(one)


def test_the_deadline_counts_from_when_a_renewal_was_sent() -> None:
    api, clock = FakeApi(), Clock()
    one = _lease(api, "one", clock)

    def slow(method: str, path: str) -> None:
        clock.now += 4

    api.before = slow
    _attempt(one)  # It read and wrote: 8 seconds.
    clock.now += 2
    assert not one.held


@pytest.mark.parametrize("wrong", ["1999-01-01T00:00:00.000000Z", "2999-01-01T00:00:00.000000Z"])
def test_the_clock_of_the_holder_does_not_count(wrong: str) -> None:
    api, clock = FakeApi(), Clock()
    spec = {"holderIdentity": "other", "leaseDurationSeconds": 15, "renewTime": wrong}
    api.put(PARENT, {"metadata": {"name": "leader"}, "spec": spec})
    one = _lease(api, "one", clock)
    assert not _attempt(one)
    clock.now += 14
    assert not _attempt(one)
    # It is renewed, though by a clock that stands still but for a second.
    _spec(api)["renewTime"] = wrong.replace(":00.", ":01.")
    api.touch(PATH)
    assert not _attempt(one)
    clock.now += 14
    assert not _attempt(one)
    clock.now += 1
    assert _attempt(one)


def test_a_change_beside_the_spec_is_no_renewal() -> None:
    api, clock = FakeApi(), Clock()
    one, two = _lease(api, "one", clock), _lease(api, "two", clock)
    _attempt(one)
    _attempt(two)
    clock.now += 15
    api.touch(PATH)
    assert _attempt(two)


def test_one_whose_duration_the_holder_has_chosen_lasts_as_long() -> None:
    api, clock = FakeApi(), Clock()
    _attempt(_lease(api, "slow", clock, duration=60))
    one = _lease(api, "one", clock)
    assert not _attempt(one)
    clock.now += 59
    assert not _attempt(one)
    clock.now += 1
    assert _attempt(one)


def test_stolen_it_is_noticed_by_the_next_look_at_it() -> None:
    api, clock = FakeApi(), Clock()
    one = _lease(api, "one", clock)
    _attempt(one)
    assert asyncio.run(one.confirm())
    _spec(api)["holderIdentity"] = "thief"
    api.touch(PATH)
    assert one.held
    assert not asyncio.run(one.confirm())
    assert not one.held
    assert not _attempt(one)


def test_stolen_it_is_noticed_by_the_next_renewal() -> None:
    api, clock = FakeApi(), Clock()
    one = _lease(api, "one", clock)
    _attempt(one)
    _spec(api)["holderIdentity"] = "thief"
    api.touch(PATH)
    assert not _attempt(one)
    assert not one.held
    assert _spec(api)["holderIdentity"] == "thief"


def test_one_that_only_was_annotated_stays_ours() -> None:
    api, clock = FakeApi(), Clock()
    one = _lease(api, "one", clock)
    _attempt(one)
    api.touch(PATH)
    assert _attempt(one)


def test_deleted_it_is_created_again() -> None:
    api, clock = FakeApi(), Clock()
    one = _lease(api, "one", clock)
    _attempt(one)
    del api.objects[PATH]
    assert not asyncio.run(one.confirm())
    assert _attempt(one)


def test_where_it_can_not_be_read_nobody_is_confirmed() -> None:
    api, clock = FakeApi(), Clock()
    one = _lease(api, "one", clock)
    _attempt(one)
    _fail(api, 500)
    assert not asyncio.run(one.confirm())
    assert one.held  # Until the deadline: a failure is no other holder.
    with pytest.raises(ApiError):
        _attempt(one)
    assert one.held


def _fail(api: FakeApi, status: int) -> None:
    """Let each request fail; with 0, let them be answered again."""

    def fail(method: str, path: str) -> None:
        if status:
            raise ApiError(status, "no")

    api.before = fail


def test_released_another_has_it_at_once() -> None:
    api, clock = FakeApi(), Clock()
    one, two = _lease(api, "one", clock), _lease(api, "two", clock)
    _attempt(one)
    assert not _attempt(two)
    asyncio.run(one.release())
    assert not one.held
    assert _spec(api)["holderIdentity"] == ""
    assert _attempt(two)


def test_who_does_not_hold_it_releases_nothing() -> None:
    api, clock = FakeApi(), Clock()
    one, two = _lease(api, "one", clock), _lease(api, "two", clock)
    _attempt(one)
    _attempt(two)
    asyncio.run(two.release())
    assert _spec(api)["holderIdentity"] == "one"


@pytest.mark.parametrize("between", list(itertools.product(range(1, 4), repeat=2)))
def test_of_two_that_try_at_the_same_time_one_has_it(between: tuple[int, int]) -> None:
    api, clock = FakeApi(), Clock()
    one, two = _lease(api, "one", clock), _lease(api, "two", clock)

    async def both() -> list[bool]:
        async def after(steps: int, lease: Lease) -> bool:
            for _ in range(steps):
                await asyncio.sleep(0)
            return await lease.attempt()

        return await asyncio.gather(after(between[0], one), after(between[1], two))

    real = api.request

    async def in_turns(*given: Any, **named: Any) -> Any:
        await asyncio.sleep(0)
        answer = await real(*given, **named)
        await asyncio.sleep(0)
        return answer

    api.request = in_turns  # type: ignore[method-assign]
    assert sorted(asyncio.run(both())) == [False, True]
    assert one.held != two.held


def test_run_renews_and_releases_when_it_is_cancelled() -> None:
    api = FakeApi()
    times = LeaseTimes(duration=1, deadline=0.5, retry=0.01)
    lease = Lease(api, "ingc/leader", "one", times=times)

    async def go() -> None:
        task = asyncio.create_task(lease.run())
        async with asyncio.timeout(5):
            while len(api.writes) < 3:
                await asyncio.sleep(0.01)
        assert lease.held
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())
    assert not lease.held
    assert _spec(api)["holderIdentity"] == ""


def test_run_goes_on_where_the_api_server_fails() -> None:
    api = FakeApi()
    lease = Lease(api, "ingc/leader", "one", times=LeaseTimes(1, 0.5, 0.01))

    async def go() -> None:
        _fail(api, 503)
        task = asyncio.create_task(lease.run())
        await asyncio.sleep(0.05)
        assert not lease.held
        _fail(api, 0)
        async with asyncio.timeout(5):
            while not lease.held:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())


def test_a_server_that_never_answers_takes_it_away() -> None:
    api = FakeApi()
    lease = Lease(api, "ingc/leader", "one", times=LeaseTimes(1, 0.1, 0.01))

    async def go() -> None:
        assert await lease.attempt()

        async def never(*given: Any, **named: Any) -> Any:
            await asyncio.sleep(60)

        api.request = never  # type: ignore[method-assign]
        with pytest.raises(ApiError) as caught:
            await lease.attempt()
        assert caught.value.status == 0
        assert not lease.held

    asyncio.run(go())


def test_the_clock_never_runs_back() -> None:
    assert monotonic() <= monotonic()
