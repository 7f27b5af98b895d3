"""`ingc.controller.reporting`: what is written of an outcome, and by which replica."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest

import ingc
from ingc.controller.addresses import Publishing
from ingc.controller.api import ApiError
from ingc.controller.lease import Lease, LeaseTimes
from ingc.controller.reporting import Reporter
from ingc.controller.rollout import Outcome
from tests.controller.fake_api import Clock, FakeApi, Leader
from tests.objects import Object, path, rule
from tests.shop import ingress, service

PARENT = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses"
PREFIX = "nginx.ingress.kubernetes.io/"
OPTIONS = ingc.Options(ingress_class=("nginx",))
GIVEN = Publishing(publish_status_address=("192.0.2.1",))


class Cluster:
    """Objects in a fake API server, a compiler that knows them, and a reporter."""

    def __init__(self, publishing: Publishing = GIVEN) -> None:
        """Have one Service and no Ingress."""
        self.api, self.leader, self.clock = FakeApi(), Leader(), Clock()
        self.compiler = ingc.Compiler(OPTIONS)
        self.compiler.apply([service("web", clusterIP="10.0.0.1")])
        self.publishing = publishing
        self.reporter = self.replica()

    def replica(self) -> Reporter:
        """Return a reporter that knows nothing yet."""
        made = {"manager": "ingc web/ingc", "instance": "pod-1", "clock": self.clock}
        return Reporter(self.api, self.publishing, self.leader, **made)

    def apply(self, *objects: Object, served: bool = True) -> bool:
        """Change Ingresses, and let the reporter write."""
        kept = [self.api.put(PARENT, item) for item in objects]
        change = self.compiler.apply(kept)
        return self.write(Outcome(change, served, None if served else "no", {}))

    def write(self, outcome: Outcome | None = None, reporter: Reporter | None = None) -> bool:
        """Hand an outcome over, and let the reporter write."""

        async def go() -> bool:
            asked = reporter or self.reporter
            if outcome is not None:
                await asked.report(outcome)
            return await asked.round()

        return asyncio.run(go())

    @property
    def events(self) -> list[tuple[str, str]]:
        """Object and reason of each Event."""
        found = (value for name, value in self.api.objects.items() if "/events/" in name)
        return sorted((item["regarding"]["name"], item["reason"]) for item in found)

    def published(self, name: str) -> Any:
        """Return the addresses in the status of an Ingress."""
        status = self.api.find(f"{PARENT}/{name}").get("status", {})
        return status.get("loadBalancer", {}).get("ingress")


def _web(name: str = "web", to: str = "web", class_name: str = "nginx", **more: Any) -> Object:
    return ingress(name, rule(f"{name}.test", path("/", to)), class_name=class_name, **more)


def test_one_that_is_served_has_the_address_and_an_event() -> None:
    cluster = Cluster()
    assert cluster.apply(_web(), _web("other", class_name="other"))
    assert cluster.published("web") == [{"ip": "192.0.2.1"}]
    assert cluster.published("other") is None
    assert cluster.events == [("web", "Taken")]
    asked = len(cluster.api.asked)
    assert cluster.apply()
    assert len(cluster.api.asked) == asked


def test_findings_are_events_and_those_of_others_are_not() -> None:
    cluster = Cluster()
    cluster.apply(_web(to="none"), _web("other", to="none", class_name="other"))
    assert cluster.events == [("web", "ServiceNotInInput"), ("web", "Taken")]


def test_what_is_not_served_is_not_published() -> None:
    cluster = Cluster()
    cluster.apply(_web(to="none"), served=False)
    assert cluster.published("web") is None
    assert cluster.events == [("web", "ServiceNotInInput")]
    cluster.apply()
    assert cluster.events[-1] == ("web", "Taken")


def test_one_that_breaks_keeps_its_address() -> None:
    cluster = Cluster()
    cluster.apply(_web())
    broken = copy.deepcopy(cluster.api.find(f"{PARENT}/web"))
    broken["metadata"]["annotations"] = {f"{PREFIX}whitelist-source-range": "soon"}
    cluster.apply(broken)
    assert cluster.published("web") == [{"ip": "192.0.2.1"}]
    assert len(cluster.events) == 2


def test_one_that_moves_to_another_class_loses_it() -> None:
    cluster = Cluster()
    cluster.apply(_web(), _web("second"))
    kept = cluster.api.find(f"{PARENT}/web")
    kept["spec"]["ingressClassName"] = "other"
    cluster.apply({**kept})
    assert cluster.published("web") is None
    assert cluster.published("second") == [{"ip": "192.0.2.1"}]


def test_who_does_not_lead_writes_nothing_and_then_all() -> None:
    cluster = Cluster()
    cluster.leader.held = False
    assert cluster.apply(_web())
    assert cluster.api.asked == []
    cluster.leader.held = True
    assert cluster.write()
    assert cluster.published("web") == [{"ip": "192.0.2.1"}]


def test_the_next_leader_reports_nothing_a_second_time() -> None:
    cluster = Cluster()
    cluster.apply(_web())
    cluster.api.objects = {k: v for k, v in cluster.api.objects.items() if "/events/" not in k}
    next_one = cluster.replica()
    cluster.write(Outcome(cluster.compiler.again(), True, None, {}), next_one)
    assert cluster.events == []
    kept = cluster.api.put(PARENT, _web("new"))
    cluster.write(Outcome(cluster.compiler.apply([kept]), True, None, {}), next_one)
    assert cluster.events == [("new", "Taken")]


def test_who_led_before_reads_again_what_others_have_written() -> None:
    cluster = Cluster()
    cluster.apply(_web())
    cluster.leader.held = False
    cluster.write()
    cluster.api.find(f"{PARENT}/web")["status"] = {}
    cluster.leader.held = True
    cluster.write()
    assert cluster.published("web") == [{"ip": "192.0.2.1"}]


def test_what_somebody_has_changed_is_written_again_in_time() -> None:
    cluster = Cluster()
    cluster.apply(_web())
    cluster.api.find(f"{PARENT}/web")["status"] = {}
    cluster.clock.now += 599
    cluster.write()
    assert cluster.published("web") is None
    cluster.clock.now += 1
    cluster.write()
    assert cluster.published("web") == [{"ip": "192.0.2.1"}]


def test_with_nowhere_to_take_addresses_from_there_are_events_alone() -> None:
    cluster = Cluster(Publishing())
    cluster.apply(_web())
    assert cluster.events == []  # Nobody knows whether it is new.
    cluster.apply(_web("second"))
    assert cluster.events == [("second", "Taken")]
    assert not [path for _, path in cluster.api.writes if path.endswith("/status")]


SERVICE = {
    "metadata": {"name": "ingc"},
    "spec": {"type": "LoadBalancer"},
    "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}},
}


def test_the_addresses_of_the_service_are_read_each_round() -> None:
    cluster = Cluster(Publishing(publish_service="shop/ingc"))
    found = cluster.api.put("/api/v1/namespaces/shop/services", SERVICE)
    cluster.apply(_web())
    assert cluster.published("web") == [{"ip": "192.0.2.1"}]
    found["status"]["loadBalancer"]["ingress"] = [{"hostname": "lb.test"}]
    cluster.write()
    assert cluster.published("web") == [{"hostname": "lb.test"}]
    del cluster.api.objects["/api/v1/namespaces/shop/services/ingc"]
    cluster.write()
    assert cluster.published("web") == [{"hostname": "lb.test"}]


def _pod(name: str) -> Object:
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    metadata = {"name": name, "namespace": "shop", "labels": {"app": "ingc"}}
    return {"metadata": metadata, "spec": {"nodeName": "n1"}, "status": status}


@pytest.mark.parametrize(
    ("given", "pods", "left"),
    [
        ({}, ["own"], None),
        ({}, ["own", "second"], [{"ip": "192.0.2.1"}]),
        ({"update_status_on_shutdown": False}, ["own"], [{"ip": "192.0.2.1"}]),
    ],
)
def test_the_last_replica_takes_the_addresses_out(given: Any, pods: list[str], left: Any) -> None:
    address = ("192.0.2.1",)
    cluster = Cluster(Publishing(publish_status_address=address, pod="shop/own", **given))
    for name in pods:
        cluster.api.put("/api/v1/namespaces/shop/pods", _pod(name))
    cluster.apply(_web())
    asyncio.run(cluster.reporter.stop())
    assert cluster.published("web") == left


def test_who_does_not_lead_takes_nothing_out() -> None:
    cluster = Cluster()
    cluster.apply(_web())
    asyncio.run(cluster.replica().stop())
    assert cluster.published("web") == [{"ip": "192.0.2.1"}]


def _wait_until(true: Callable[[], bool], cluster: Cluster) -> None:
    """Run the reporter until something is so."""

    async def go() -> None:
        task = asyncio.create_task(cluster.reporter.run())
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())


def test_run_writes_once_it_leads_and_tries_again_what_failed() -> None:
    cluster = Cluster()
    left = [2]

    def fail(method: str, path: str) -> None:
        if left[0]:
            left[0] -= 1
            raise ApiError(503, "ServiceUnavailable", retry_after=0)

    cluster.api.before = fail
    cluster.leader.held = False
    cluster.apply(_web())

    def led() -> bool:
        cluster.leader.held = True
        return cluster.published("web") is not None and bool(cluster.events)

    _wait_until(led, cluster)
    assert left == [0]
    assert cluster.published("web") == [{"ip": "192.0.2.1"}]


def test_at_the_end_addresses_go_before_the_lease() -> None:
    cluster = Cluster()
    lease = Lease(cluster.api, "shop/leader", "one", times=LeaseTimes(3, 2, 0.05))
    reporter = Reporter(cluster.api, GIVEN, lease, manager="ingc", instance="pod-1")
    kept = cluster.api.put(PARENT, _web())
    outcome = Outcome(cluster.compiler.apply([kept]), True, None, {})

    async def go() -> None:
        await reporter.report(outcome)
        tasks = [asyncio.create_task(run()) for run in (reporter.run_to_the_end, lease.run)]
        async with asyncio.timeout(20):
            while not cluster.events:
                await asyncio.sleep(0.01)
        assert cluster.published("web") == [{"ip": "192.0.2.1"}]
        for task in tasks:  # One after the other, as the loop ends them.
            task.cancel()
            await asyncio.wait([task])

    asyncio.run(go())
    assert cluster.published("web") is None
    assert cluster.api.writes[-2:] == [
        ("PATCH", f"{PARENT}/web/status"),
        ("PUT", "/apis/coordination.k8s.io/v1/namespaces/shop/leases/leader"),
    ]
    (lease_path,) = (path for path in cluster.api.objects if "/leases/" in path)
    assert cluster.api.find(lease_path)["spec"]["holderIdentity"] == ""


def test_a_report_never_waits() -> None:
    cluster = Cluster()

    def fail(method: str, path: str) -> None:
        raise ApiError(0, "no answer")

    cluster.api.before = fail
    change = cluster.compiler.apply([_web()])
    asyncio.run(cluster.reporter.report(Outcome(change, True, None, {})))
    assert cluster.api.asked == []
    with pytest.raises(ApiError):
        cluster.write()
