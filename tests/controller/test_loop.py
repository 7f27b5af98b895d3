"""The line as a whole, on a server in memory and a rollout that only compiles."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import ingc
from ingc.controller import kinds
from ingc.controller.api import ApiError
from ingc.controller.loop import ControlLoop
from ingc.controller.options import ControllerOptions, GatheringTimes
from ingc.controller.rollout import Outcome
from ingc.kinds import OTHERS
from tests.controller.compiling import Compiling
from tests.controller.fake_server import FakeServer
from tests.controller.test_watching import until

INGRESSES, SERVICES = kinds.INGRESS.path(), kinds.SERVICE.path()
TIMES = GatheringTimes(quiet=0.02, longest=0.2, endpoints_quiet=0.05, endpoints_longest=0.3)


def put_ingress(server: FakeServer, name: str, host: str = "") -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    rules = [{"host": host or f"{name}.test", "http": {"paths": paths}}]
    server.put(INGRESSES, name, spec={"rules": rules})


@asynccontextmanager
async def controlled(server: FakeServer, **given: Any) -> Any:
    options = ControllerOptions(
        compile=ingc.Options(), folder=Path("/nowhere"), times=TIMES, **given
    )
    rollout, reports = Compiling(), []

    async def report(outcome: Outcome) -> None:
        reports.append(outcome)

    stop = asyncio.Event()
    controller = ControlLoop(options, server, rollout, report=report)
    task = asyncio.create_task(controller.run(stop))
    try:
        yield controller, rollout
        assert reports == rollout.outcomes
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)
    assert rollout.did[0] == "start"
    assert rollout.did[-1] == "stop"


def test_nothing_is_compiled_before_everything_is_read() -> None:
    async def run() -> None:
        server = FakeServer()
        put_ingress(server, "web")
        server.faults["list"] = [ApiError(500)]
        async with controlled(server) as (controller, rollout):
            await until(lambda: sum(w.synced.is_set() for w in controller.watchers) == 5)
            assert not controller.synced
            assert [note.partition(" can't be read: ")[2] for note in controller.notes] == ["500"]
            assert "apply" not in rollout.did
            await until(lambda: rollout.outcomes)
            assert controller.synced
            assert controller.notes == ()
            assert rollout.routes == {"web.test"}
            assert rollout.did == ["start", "apply"]

    asyncio.run(run())


def test_a_cluster_of_nothing_is_compiled_too() -> None:
    async def run() -> None:
        async with controlled(FakeServer()) as (_, rollout):
            await until(lambda: rollout.outcomes)
            assert rollout.outcomes[0].change.result.ok

    asyncio.run(run())


def test_what_comes_together_is_compiled_once_and_what_goes_is_dropped() -> None:
    async def run() -> None:
        server = FakeServer()
        put_ingress(server, "web")
        async with controlled(server) as (_, rollout):
            await until(lambda: rollout.outcomes)
            for number in range(50):
                put_ingress(server, f"more{number}")
                await asyncio.sleep(0)
            server.delete(INGRESSES, "web")
            await until(lambda: len(rollout.routes) == 50)
            assert "web.test" not in rollout.routes
            assert len(rollout.outcomes) <= 3

    asyncio.run(run())


@pytest.mark.parametrize("fault", ["disk full", RuntimeError("a bug")])
def test_what_is_not_served_is_tried_again_and_nothing_is_lost(fault: Exception | str) -> None:
    async def run() -> None:
        server = FakeServer()
        async with controlled(server) as (_, rollout):
            await until(lambda: rollout.outcomes)
            rollout.fails = [fault]
            put_ingress(server, "web")
            await until(lambda: rollout.outcomes[-1].served and rollout.routes == {"web.test"})
            assert rollout.did.count("apply") == 3

    asyncio.run(run())


@pytest.mark.parametrize("step", ["compile", "test"])
def test_what_is_refused_waits_for_another_object(step: str) -> None:
    """Another attempt with the same objects would be refused again."""

    async def run() -> None:
        server = FakeServer()
        async with controlled(server) as (_, rollout):
            await until(lambda: rollout.outcomes)
            rollout.fails = [step]
            put_ingress(server, "web")
            await until(lambda: not rollout.outcomes[-1].served)
            await asyncio.sleep(1.5)
            assert rollout.did.count("apply") == 2
            put_ingress(server, "other")
            await until(lambda: rollout.outcomes[-1].served)
            assert rollout.routes == {"web.test", "other.test"}

    asyncio.run(run())


def test_everything_is_judged_again_though_nothing_changes() -> None:
    async def run() -> None:
        async with controlled(FakeServer(), again=0.3) as (_, rollout):
            await until(lambda: rollout.did.count("again") == 2)
            assert rollout.did.count("apply") == 1

    asyncio.run(run())


def test_a_status_that_is_written_is_no_change() -> None:
    async def run() -> None:
        server = FakeServer()
        put_ingress(server, "web")
        async with controlled(server) as (_, rollout):
            await until(lambda: rollout.outcomes)
            spec = server.objects[INGRESSES]["shop", "web"]["spec"]
            status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
            server.put(INGRESSES, "web", spec=spec, status=status)
            await asyncio.sleep(0.3)
            assert rollout.did.count("apply") == 1
            server.put(SERVICES, "web", spec={}, status=status)
            await until(lambda: rollout.did.count("apply") == 2)

    asyncio.run(run())


def test_a_secret_that_an_ingress_names_comes_with_it() -> None:
    async def run() -> None:
        server = FakeServer()
        async with controlled(server) as (_, rollout):
            await until(lambda: rollout.outcomes)
            server.put(kinds.SECRET.path(), "unnamed", data={})
            server.put(kinds.SECRET.path(), "cert", data={})
            spec = {"tls": [{"hosts": ["a.test"], "secretName": "cert"}]}
            server.put(INGRESSES, "web", spec=spec)
            secret = ingc.ObjectKey("Secret", "shop", "cert")
            await until(lambda: secret in rollout.compiler.objects)
            held = {key.name for key in rollout.compiler.objects}
            assert held == {"web", "cert"}
            assert rollout.did.count("apply") == 2, "they come together"
            count = len(rollout.did)
            server.put(kinds.SECRET.path(), "unnamed", data={"a": "b"})
            await asyncio.sleep(0.1)
            assert len(rollout.did) == count, "nobody names that one"

    asyncio.run(run())


def test_a_rollout_under_way_is_waited_for_at_the_end() -> None:
    async def run() -> None:
        server = FakeServer()
        async with controlled(server) as (_, rollout):
            await until(lambda: rollout.outcomes)
            apply = rollout.apply

            async def slowly(*given: Any) -> Outcome:
                rollout.did.append("begin")
                await asyncio.sleep(0.2)
                found: Outcome = await apply(*given)
                return found

            rollout.apply = slowly
            put_ingress(server, "web")
            await until(lambda: "begin" in rollout.did)
        assert rollout.did[-3:] == ["begin", "apply", "stop"]

    asyncio.run(run())


def test_what_ends_beside_the_line_ends_all() -> None:
    async def run() -> None:
        async def broken() -> None:
            raise RuntimeError("port taken")

        async def report(_outcome: Outcome) -> None:
            pass

        options = ControllerOptions(compile=ingc.Options(), folder=Path("/nowhere"))
        rollout = Compiling()
        controller = ControlLoop(options, FakeServer(), rollout, report=report, beside=[broken])
        with pytest.raises(RuntimeError, match="port taken"):
            await asyncio.wait_for(controller.run(asyncio.Event()), 5)
        assert rollout.did[-1] == "stop"

    asyncio.run(run())


def test_sources_are_those_that_the_options_need() -> None:
    def paths(**given: Any) -> list[str]:
        own = {name: given.pop(name) for name in ("namespaces", "others", "pods") if name in given}
        options = ControllerOptions(compile=ingc.Options(**given), folder=Path("/x"), **own)
        return [source.path for source in kinds.sources(options)]

    assert paths() == [
        "/apis/networking.k8s.io/v1/ingresses",
        "/apis/networking.k8s.io/v1/ingressclasses",
        "/api/v1/services",
        "/apis/discovery.k8s.io/v1/endpointslices",
        "/api/v1/configmaps",
        "/api/v1/secrets",
    ]
    assert set(paths(others=OTHERS)) - set(paths()) == {"/apis/route.openshift.io/v1/routes"}
    behind = {"/api/v1/pods", "/api/v1/nodes"}
    assert set(paths(backends="node-port")) - set(paths()) == behind
    assert set(paths(pods=True)) - set(paths()) == behind
    assert set(paths(watch_namespace_selector="a=b")) - set(paths()) == {"/api/v1/namespaces"}
    shops = paths(namespaces=("one", "two"), configmap="system/settings")
    assert "/apis/networking.k8s.io/v1/namespaces/two/ingresses" in shops
    assert "/api/v1/namespaces/system/configmaps" in shops
    assert "/apis/networking.k8s.io/v1/namespaces/system/ingresses" not in shops
    assert len(shops) == len(set(shops))
    assert paths(watch_namespace="one") == paths(namespaces=("one",))
    with pytest.raises(ingc.OptionError):
        paths(namespaces=("one",), watch_namespace="one")
