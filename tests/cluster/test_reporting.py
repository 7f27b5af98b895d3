"""Status, Events and Lease on a real API server: what it takes, and what people then see."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

import ingc
from ingc.controller.addresses import Publishing
from ingc.controller.client import KubeApi
from ingc.controller.lease import Lease, LeaseTimes
from ingc.controller.reporting import Reporter
from ingc.controller.rollout import Outcome
from tests import objects
from tests.cluster.kit import Cluster

GIVEN = Publishing(publish_status_address=("192.0.2.1", "lb.test"))
LIMIT = 20.0
"""Seconds; a machine that does other things too is slow."""


def _ingress(namespace: str, name: str, to: str = "web", class_name: str = "ours") -> Any:
    rule = objects.rule(f"{name}.test", objects.path("/", to))
    return objects.ingress(name, rule, namespace=namespace, class_name=class_name)


class Replica:
    """A reporter with a Lease and a compiler, on the objects of one namespace."""

    def __init__(self, cluster: Cluster, api: KubeApi, namespace: str, identity: str) -> None:
        """Hold no Lease yet."""
        self.cluster, self.namespace = cluster, namespace
        self.compiler = ingc.Compiler(ingc.Options(ingress_class=("ours",)))
        times = LeaseTimes(duration=2, deadline=1.5, retry=0.2)
        self.lease = Lease(api, f"{namespace}/ingc", identity, times=times)
        self.reporter = Reporter(
            api,
            GIVEN,
            self.lease,
            manager=f"ingc {namespace}/ingc",
            instance=identity,
            namespaces=(namespace,),
        )

    async def see(self) -> None:
        """Compile what is there now, and report it."""
        text = self.cluster.kubectl("get", "ingress,service", "-n", self.namespace, "-o", "json")
        found = json.loads(text)["items"]
        there = {self.compiler.key(item) for item in found}
        gone = [key for key in self.compiler.objects if key not in there]
        change = await asyncio.to_thread(self.compiler.apply, found, gone)
        await self.reporter.report(Outcome(change, True, None, {}))

    async def round(self) -> bool:
        """Report what is there now, in one round."""
        await self.see()
        return await self.reporter.round()

    @property
    def addresses(self) -> Mapping[str, str]:
        """The addresses of each Ingress, as kubectl prints them."""
        text = self.cluster.kubectl("get", "ingress", "-n", self.namespace, "-o", "json")
        items = json.loads(text)["items"]
        return {
            item["metadata"]["name"]: ",".join(
                one.get("ip") or one["hostname"]
                for one in item["status"]["loadBalancer"].get("ingress", ())
            )
            for item in items
        }

    def describe(self, name: str) -> str:
        """Return what kubectl prints of an Ingress."""
        return self.cluster.kubectl("describe", "ingress", "-n", self.namespace, name)


@asynccontextmanager
async def _replica(cluster: Cluster, namespace: str, identity: str) -> AsyncIterator[Replica]:
    api = KubeApi.from_config(cluster.kubeconfig())
    try:
        yield Replica(cluster, api, namespace, identity)
    finally:
        await api.aclose()


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
def filled(cluster: Cluster, namespace: str) -> str:
    """A namespace with a Service and three Ingresses: taken, with a finding, of another class."""
    cluster.apply(
        objects.service("web", {"port": 80}, namespace=namespace),
        _ingress(namespace, "good"),
        _ingress(namespace, "bad", to="none"),
        _ingress(namespace, "other", to="none", class_name="other"),
    )
    return namespace


BOTH = "192.0.2.1,lb.test"


def test_people_see_addresses_and_what_is_wrong(cluster: Cluster, filled: str) -> None:
    async def go() -> None:
        async with _replica(cluster, filled, "one") as one:
            assert await one.lease.attempt()
            assert await one.round()
            assert one.addresses == {"good": BOTH, "bad": BOTH, "other": ""}
            good, bad = one.describe("good"), one.describe("bad")
            assert "nginx serves 1 route of good.test" in good
            assert "Warning" not in good
            assert "Warning  ServiceNotInInput" in bad
            assert f"ING311 spec.rules[0].http.paths[0].backend: Service {filled}/none" in bad
            assert one.describe("other").partition("Events:")[2].strip() == "<none>"

    asyncio.run(go())


def test_addresses_go_with_the_class_and_stay_where_others_wrote(
    cluster: Cluster, filled: str
) -> None:
    async def go() -> None:
        async with _replica(cluster, filled, "one") as one:
            await one.lease.attempt()
            await one.round()
            patch = '{"spec":{"ingressClassName":"other"}}'
            for name in ("good", "bad"):
                cluster.kubectl("patch", "ingress", name, "-n", filled, "-p", patch)
            theirs = '{"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.1"}]}}}'
            cluster.kubectl(
                "patch", "ingress", "bad", "-n", filled, "--subresource=status", "-p", theirs
            )
            assert await one.round()
            assert one.addresses == {"good": "", "bad": "203.0.113.1", "other": ""}

    asyncio.run(go())


def test_an_event_is_counted_by_the_next_replica(cluster: Cluster, filled: str) -> None:
    async def go() -> None:
        async with _replica(cluster, filled, "one") as one, _replica(cluster, filled, "two") as two:
            await one.lease.attempt()
            await one.round()
            await one.lease.release()
            assert await two.lease.attempt()
            now = [1000.0]
            two.reporter = Reporter(
                two.lease._api,  # the same, with a clock of the test's
                GIVEN,
                two.lease,
                manager=f"ingc {filled}/ingc",
                instance="two",
                namespaces=(filled,),
                clock=lambda: now[0],
            )
            await two.round()
            now[0] += 1800
            await two.lease.attempt()
            await two.round()
            assert "(x2 over" in two.describe("bad")
            text = cluster.kubectl("get", "events", "-n", filled, "-o", "json")
            reasons = sorted(item["reason"] for item in json.loads(text)["items"])
            assert reasons == ["ServiceNotInInput", "Taken", "Taken"]

    asyncio.run(go())


def test_of_two_replicas_one_writes_and_the_other_takes_over(cluster: Cluster, filled: str) -> None:
    async def go() -> None:
        async with _replica(cluster, filled, "one") as one, _replica(cluster, filled, "two") as two:
            tasks = [asyncio.create_task(item.lease.run()) for item in (one, two)]
            await _until(lambda: one.lease.held or two.lease.held)
            assert one.lease.held != two.lease.held
            held, waiting = (one, two) if one.lease.held else (two, one)
            tasks[0 if held is one else 1].cancel()
            await _until(lambda: waiting.lease.held)
            assert await waiting.round()
            assert waiting.addresses["good"] == BOTH
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(go())


def test_stolen_the_lease_is_noticed_before_the_next_write(cluster: Cluster, filled: str) -> None:
    async def go() -> None:
        async with _replica(cluster, filled, "one") as one:
            await one.lease.attempt()
            thief = '{"spec":{"holderIdentity":"thief"}}'
            cluster.kubectl("patch", "lease", "ingc", "-n", filled, "--type=merge", "-p", thief)
            assert one.lease.held
            assert not await one.round()
            assert set(one.addresses.values()) == {""}
            assert not one.lease.held

    asyncio.run(go())


def test_a_change_of_the_object_meanwhile_is_a_conflict(cluster: Cluster, filled: str) -> None:
    async def go() -> None:
        async with _replica(cluster, filled, "one") as one:
            await one.lease.attempt()
            await one.see()
            real, left = one.reporter._api.request, ["a=b"]

            async def meanwhile(method: str, path: str, **more: Any) -> Any:
                if method == "PATCH" and path.endswith("/good/status") and left:
                    cluster.kubectl("annotate", "ingress", "good", "-n", filled, left.pop())
                return await real(method, path, **more)

            one.reporter._api.request = meanwhile  # type: ignore[method-assign]
            assert await one.reporter.round()
            assert not left
            assert one.addresses["good"] == BOTH

    asyncio.run(go())


def test_the_longest_message_and_the_longest_name_are_taken(
    cluster: Cluster, namespace: str
) -> None:
    longest = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
    web = objects.ingress(
        longest,
        objects.rule("a.test", objects.specific("/a/../" + "ü" * 900, "web")),
        namespace=namespace,
        class_name="ours",
    )

    async def go() -> None:
        cluster.apply(objects.service("web", {"port": 80}, namespace=namespace), web)
        async with _replica(cluster, namespace, "one") as one:
            await one.lease.attempt()
            assert await one.round()
            text = cluster.kubectl("get", "events", "-n", namespace, "-o", "json")
            messages = [item["message"] for item in json.loads(text)["items"]]
            assert max(len(message.encode()) for message in messages) > 1000

    asyncio.run(go())
