"""A collection is followed through whatever the API server does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from ingc.controller.api import METADATA_LIST, ApiError
from ingc.controller.backoff import Backoff
from ingc.controller.kinds import INGRESS, SECRET, Collection, WatchedKind, watched
from ingc.controller.watching import Watcher
from ingc.kinds import kind_named
from tests.controller.fake_server import FakeServer

PATH = INGRESS.path()

ROUTE = watched(kind_named("Route"))


class Mirror:
    """What a watcher has handed on, and how often."""

    def __init__(self, server: FakeServer, source: Collection, **given: Any) -> None:
        self.holds: dict[str, str] = {}
        self.calls: list[str] = []
        self.waits: list[float] = []
        self.watcher = Watcher(server, source, self._take, sleep=self._sleep, **given)

    def _take(self, kind: WatchedKind, namespace: str, name: str, item: Any) -> None:
        assert item is None or item["kind"] == kind.kind
        self.calls.append(name)
        if item is None:
            del self.holds[f"{namespace}/{name}"]
        else:
            self.holds[f"{namespace}/{name}"] = item["metadata"]["resourceVersion"]

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0.001)


@asynccontextmanager
async def following(server: FakeServer, source: Collection | None = None, **given: Any) -> Any:
    mirror = Mirror(server, source or Collection(INGRESS), **given)
    task = asyncio.create_task(mirror.watcher.run())
    try:
        yield mirror
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], object], limit: float = 5.0) -> None:
    async with asyncio.timeout(limit):
        while not condition():
            await asyncio.sleep(0.001)


def held(server: FakeServer, path: str = PATH) -> dict[str, str]:
    items = server.objects.get(path, {}).values()
    metas = [item["metadata"] for item in items]
    return {f"{m['namespace']}/{m['name']}": m["resourceVersion"] for m in metas}


def test_what_is_there_is_listed_in_chunks_and_what_comes_is_watched() -> None:
    async def run() -> None:
        server = FakeServer()
        for number in range(25):
            server.put(PATH, f"web{number}")
        async with following(server, chunk=10) as mirror:
            await mirror.watcher.synced.wait()
            assert mirror.holds == held(server)
            assert server.asked["list"] == 3
            server.put(PATH, "new")
            server.put(PATH, "web3", spec={"rules": []})
            server.delete(PATH, "web4")
            await until(lambda: mirror.holds == held(server))
            assert mirror.calls[25:] == ["new", "web3", "web4"]

    asyncio.run(run())


def test_a_watch_that_is_cut_goes_on_from_where_it_was() -> None:
    async def run() -> None:
        server = FakeServer()
        server.put(PATH, "web")
        async with following(server) as mirror:
            await mirror.watcher.synced.wait()
            last = server.put(PATH, "more")["metadata"]["resourceVersion"]
            await until(lambda: mirror.holds == held(server))
            server.cut()
            server.put(PATH, "missed")
            await until(lambda: mirror.holds == held(server))
            assert server.asked["list"] == 1
            assert server.from_versions[-1] == last
            assert mirror.calls == ["web", "more", "missed"], "nothing comes twice"

    asyncio.run(run())


def test_a_bookmark_moves_the_version_on() -> None:
    async def run() -> None:
        server = FakeServer()
        server.put(PATH, "web")
        async with following(server) as mirror:
            await mirror.watcher.synced.wait()
            server.version += 50
            server.bookmark(PATH)
            await asyncio.sleep(0.01)
            server.cut()
            await until(lambda: server.asked["watch"] == 2)
            assert server.from_versions[-1] == str(server.version - 1)
            assert mirror.calls == ["web"]

    asyncio.run(run())


def test_after_410_everything_is_listed_and_only_what_differs_is_handed_on() -> None:
    async def run() -> None:
        server = FakeServer()
        for number in range(5):
            server.put(PATH, f"web{number}")
        async with following(server) as mirror:
            await mirror.watcher.synced.wait()
            await until(lambda: server.asked["watch"])
            server.cut()
            server.put(PATH, "web2", spec={})
            server.delete(PATH, "web3")
            server.put(PATH, "new")
            server.compact()
            await until(lambda: mirror.holds == held(server))
            assert server.asked["list"] == 2
            assert sorted(mirror.calls[5:]) == ["new", "web2", "web3"]

    asyncio.run(run())


def test_a_list_that_grows_too_old_between_two_chunks_is_read_whole() -> None:
    async def run() -> None:
        server = FakeServer()
        for number in range(25):
            server.put(PATH, f"web{number}")
        asking = server.request

        async def slow(*given: Any, **named: Any) -> Any:
            answer = await asking(*given, **named)
            server.compact()
            return answer

        server.request = slow  # type: ignore[method-assign]
        async with following(server, chunk=10) as mirror:
            await until(mirror.watcher.synced.is_set)
            assert mirror.holds == held(server)
            assert server.asked["list"] == 3, "a chunk, one too late, and all at once"
            assert len(mirror.calls) == 25

    asyncio.run(run())


@pytest.mark.parametrize("sort", ["list", "watch"])
def test_refusals_are_waited_out_longer_each_time_and_as_long_as_requested(sort: str) -> None:
    async def run() -> None:
        server = FakeServer()
        server.put(PATH, "web")
        busy = ApiError(429, "TooManyRequests", retry_after=7)
        server.faults[sort] = [ApiError(500), ApiError(0, "ConnectError"), busy, ApiError(503)]
        half = Backoff(chance=lambda: 0.0)
        async with following(server, backoff=half) as mirror:
            await until(lambda: len(mirror.waits) == 4)
            await until(lambda: mirror.watcher.synced.is_set() and server.asked[sort] >= 5)
            server.put(PATH, "later")
            await until(lambda: mirror.holds == held(server))
            assert mirror.waits == [0.25, 0.5, 7, 2]
            assert mirror.watcher.failure is None
            server.cut()
            await until(lambda: len(mirror.waits) == 5)
            assert mirror.waits[4] == 0.25, "a success begins anew"

    asyncio.run(run())


def test_a_refused_watch_is_listed_again_after_a_while() -> None:
    """A server restored from a copy has not reached the version that is watched from."""

    async def run() -> None:
        server = FakeServer()
        server.put(PATH, "web")
        too_large = ApiError(504, "Timeout", message="Too large resource version")
        server.faults["watch"] = [too_large] * 3
        async with following(server) as mirror:
            await until(lambda: server.asked["watch"] == 4)
            assert server.asked["list"] == 2
            assert mirror.calls == ["web"]

    asyncio.run(run())


def test_watches_that_end_at_once_are_not_begun_without_end() -> None:
    async def run() -> None:
        server = FakeServer()

        async def empty(*_given: Any, **_named: Any) -> Any:
            server.asked["watch"] += 1
            return
            yield

        server.watch = empty  # type: ignore[method-assign]
        async with following(server) as mirror:
            await until(lambda: server.asked["watch"] == 5)
            assert len(mirror.waits) >= 4
            assert mirror.waits[3] > mirror.waits[0]

    asyncio.run(run())


def test_what_the_api_does_not_have_is_empty_where_it_may_be() -> None:
    async def run() -> None:
        server = FakeServer()
        server.faults["list"] = [ApiError(404, "NotFound")]
        async with following(server, Collection(ROUTE, optional=True)) as mirror:
            await until(lambda: mirror.waits)
            assert mirror.watcher.synced.is_set()
            await until(lambda: server.asked["list"] == 2)
        server.faults["list"] = [ApiError(404, "NotFound")]
        async with following(server, Collection(ROUTE)) as mirror:
            await until(lambda: mirror.waits)
            assert not mirror.watcher.synced.is_set()
            assert mirror.watcher.failure

    asyncio.run(run())


def test_of_secrets_the_metadata_are_requested_alone() -> None:
    async def run() -> None:
        server = FakeServer()
        server.put(SECRET.path(), "cert")
        async with following(server, Collection(SECRET)) as mirror:
            await mirror.watcher.synced.wait()
            assert server.accepted == [METADATA_LIST]
            assert mirror.holds == {"shop/cert": "101"}

    asyncio.run(run())


@pytest.mark.parametrize("page", [None, [], {}, {"metadata": {}}, {"metadata": 3, "items": 3}, "x"])
def test_an_answer_that_is_no_list_is_a_failure(page: Any) -> None:
    async def run() -> None:
        server = FakeServer()
        answers = [page]
        asking = server.request

        async def request(*given: Any, **named: Any) -> Any:
            return answers.pop() if answers else await asking(*given, **named)

        server.request = request  # type: ignore[method-assign]
        server.put(PATH, "web")
        async with following(server) as mirror:
            await until(lambda: mirror.holds == held(server))
            assert len(mirror.waits) == 1

    asyncio.run(run())


def test_what_nobody_reads_is_not_kept() -> None:
    async def run() -> None:
        server = FakeServer()
        bulky = "kubectl.kubernetes.io/last-applied-configuration"
        meta = {"managedFields": [{}], "annotations": {bulky: "{}", "a": "b"}}
        given = server.put(PATH, "web", metadata=meta)
        seen: list[Any] = []
        watcher = Watcher(server, Collection(INGRESS), lambda *found: seen.append(found))
        task = asyncio.create_task(watcher.run())
        await watcher.synced.wait()
        task.cancel()
        meta = seen[0][3]["metadata"]
        assert meta["annotations"] == {"a": "b"}
        assert "managedFields" not in meta
        assert "managedFields" in given["metadata"], "what the server gave is left alone"

    asyncio.run(run())


def test_waits_have_an_end() -> None:
    backoff = Backoff(least=1, most=10, chance=lambda: 1.0)
    assert [backoff.wait() for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    assert backoff.wait(1e9) == 375, "no server keeps us waiting for hours"
    backoff.reset()
    assert backoff.wait() == 1
