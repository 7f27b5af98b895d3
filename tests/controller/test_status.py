"""`ingc.controller.status` and `addresses`: what is published, by whom, and when it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from ingc.controller.addresses import Address, Publishing, find_addresses, has_company
from ingc.controller.api import ApiError
from ingc.controller.status import Name, StatusWriter
from tests.controller.fake_api import FakeApi, Leader

ROOT = "/apis/networking.k8s.io/v1/namespaces"
ONE = (Address("", "192.0.2.1"),)
OTHER = (Address("", "192.0.2.2"),)


def _addresses(api: FakeApi, **given: Any) -> list[str] | None:
    found = asyncio.run(find_addresses(api, Publishing(**given)))
    return None if found is None else [one.hostname or one.ip for one in found]


def _service(**fields: Any) -> FakeApi:
    status = fields.pop("status", {})
    made = {"metadata": {"name": "ingc"}, "spec": fields, "status": status}
    return FakeApi(("/api/v1/namespaces/web/services", made))


BALANCED = {"loadBalancer": {"ingress": [{"ip": "192.0.2.9"}, {"hostname": "lb.example.com"}]}}


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"type": "ClusterIP", "clusterIP": "10.0.0.1"}, ["10.0.0.1"]),
        ({"type": "ClusterIP", "clusterIP": "None"}, None),
        ({"type": "ExternalName", "externalName": "lb.example.com"}, ["lb.example.com"]),
        ({"type": "NodePort", "clusterIP": "10.0.0.1"}, ["10.0.0.1"]),
        (
            {"type": "NodePort", "clusterIP": "10.0.0.1", "externalIPs": ["192.0.2.3"]},
            ["192.0.2.3"],
        ),
        ({"type": "LoadBalancer", "clusterIP": "10.0.0.1"}, []),
        (
            {"type": "LoadBalancer", "clusterIP": "10.0.0.1", "externalIPs": ["192.0.2.3"]},
            ["192.0.2.3"],
        ),
        (
            {"type": "LoadBalancer", "status": BALANCED, "externalIPs": ["192.0.2.9"]},
            ["192.0.2.9", "lb.example.com"],
        ),
    ],
)
def test_addresses_of_a_service(service: dict[str, Any], expected: list[str] | None) -> None:
    assert _addresses(_service(**service), publish_service="web/ingc") == expected


def test_a_service_that_is_not_there_is_not_known() -> None:
    assert _addresses(FakeApi(), publish_service="web/ingc") is None


def test_given_addresses_come_first_and_are_sorted_and_each_once() -> None:
    given = ("b.example.com", "2001:db8::1", "192.0.2.1", "b.example.com", "2001:DB8:0::1")
    found = _addresses(FakeApi(), publish_status_address=given, publish_service="web/ingc")
    assert found == ["192.0.2.1", "2001:db8::1", "b.example.com"]


def _pod(name: str, node: str, **status: Any) -> Mapping[str, Any]:
    labels = {"app": "ingc", "pod-template-hash": name}
    ready = {"type": "Ready", "status": status.pop("ready", "True")}
    metadata = {"name": name, "namespace": "web", "labels": status.pop("labels", labels)}
    metadata |= {"deletionTimestamp": "2026-01-01T00:00:00Z"} if status.pop("ends", False) else {}
    made = {"phase": "Running", "conditions": [ready], **status}
    return {"metadata": metadata, "spec": {"nodeName": node}, "status": made}


def _node(name: str, **addresses: str) -> Mapping[str, Any]:
    listed = [{"type": kind, "address": address} for kind, address in addresses.items()]
    return {"metadata": {"name": name}, "status": {"addresses": listed}}


def _cluster(*pods: Mapping[str, Any]) -> FakeApi:
    nodes = [
        _node("n1", Hostname="n1", InternalIP="10.1.0.1", ExternalIP="192.0.2.1"),
        _node("n2", InternalIP="10.1.0.2"),
    ]
    api = FakeApi(*(("/api/v1/namespaces/web/pods", pod) for pod in pods))
    for node in nodes:
        api.put("/api/v1/nodes", node)
    return api


def test_addresses_of_the_nodes_on_which_pods_like_ours_serve() -> None:
    api = _cluster(
        _pod("own", "n1"),
        _pod("second", "n2"),
        _pod("third", "n2"),
        _pod("stranger", "n9", labels={"app": "else"}),
        _pod("starting", "n9", ready="False"),
        _pod("pending", "n9", phase="Pending"),
        _pod("ending", "n9", ends=True),
    )
    assert _addresses(api, pod="web/own") == ["10.1.0.2", "192.0.2.1"]
    internal = _addresses(api, pod="web/own", report_node_internal_ip_address=True)
    assert internal == ["10.1.0.1", "10.1.0.2"]
    assert asyncio.run(has_company(api, "web/own"))


def test_while_no_pod_is_ready_nobody_knows() -> None:
    api = _cluster(_pod("own", "n1", ready="False"), _pod("ending", "n2", ends=True))
    assert _addresses(api, pod="web/own") is None
    assert not asyncio.run(has_company(api, "web/own"))


def test_a_pod_without_labels_is_like_no_other() -> None:
    api = _cluster(_pod("own", "n1", labels={}), _pod("second", "n2", labels={}))
    assert _addresses(api, pod="web/own") is None


def _api(*names: str, **status: Any) -> FakeApi:
    api = FakeApi()
    for name in names:
        made: dict[str, Any] = {"metadata": {"name": name, "namespace": "web"}, "status": status}
        api.put(f"{ROOT}/web/ingresses", made)
    return api


def _uids(api: FakeApi, *names: str) -> dict[Name, str]:
    return {("web", name): _ingress(api, name)["metadata"]["uid"] for name in names}


def _ingress(api: FakeApi, name: str) -> dict[str, Any]:
    return api.find(f"{ROOT}/web/ingresses/{name}")


def _published(api: FakeApi, name: str) -> Any:
    return _ingress(api, name)["status"].get("loadBalancer", {}).get("ingress")


def _writer(api: FakeApi, leader: Leader | None = None) -> StatusWriter:
    return StatusWriter(api, leader or Leader(), manager="ingc web/ingc")


def _write(writer: StatusWriter, ours: Any, passed: Any = None, addresses: Any = ONE) -> bool:
    return asyncio.run(writer.write(ours, passed or {}, addresses))


def test_it_is_written_through_the_subresource_and_once() -> None:
    api = _api("a", "b")
    writer, ours = _writer(api), _uids(api, "a", "b")
    assert _write(writer, ours)
    assert _published(api, "a") == _published(api, "b") == [{"ip": "192.0.2.1"}]
    assert [path for _, path in api.writes] == [
        f"{ROOT}/web/ingresses/a/status",
        f"{ROOT}/web/ingresses/b/status",
    ]
    api.asked.clear()
    assert _write(writer, ours)
    assert api.asked == []
    assert _write(writer, ours, addresses=OTHER)
    assert _published(api, "a") == [{"ip": "192.0.2.2"}]


def test_another_replica_that_finds_it_written_writes_nothing() -> None:
    api = _api("a")
    ours = _uids(api, "a")
    _write(_writer(api), ours)
    before = len(api.writes)
    second = _writer(api)
    assert _write(second, ours)
    assert len(api.writes) == before
    assert second.is_published(("web", "a"))


def test_the_order_of_the_server_is_no_change() -> None:
    listed = [{"hostname": "b.test"}, {"ip": "192.0.2.1", "ports": []}]
    api = _api("a", loadBalancer={"ingress": listed})
    addresses = (Address("", "192.0.2.1"), Address("b.test", ""))
    assert _write(_writer(api), _uids(api, "a"), addresses=addresses)
    assert api.writes == []


def test_a_conflict_is_tried_again_against_the_new_object() -> None:
    api = _api("a")
    left = [3]

    def conflict(method: str, path: str) -> None:
        if method == "PATCH" and left[0]:
            left[0] -= 1
            api.touch(path.removesuffix("/status"))

    api.before = conflict
    assert _write(_writer(api), _uids(api, "a"))
    assert _published(api, "a") == [{"ip": "192.0.2.1"}]
    assert len(api.writes) == 4


def test_conflicts_without_end_are_left_to_the_next_round() -> None:
    api = _api("a")

    def conflict(method: str, path: str) -> None:
        if method == "PATCH":
            api.touch(path.removesuffix("/status"))

    api.before = conflict
    assert not _write(_writer(api), _uids(api, "a"))
    assert len(api.writes) == 5


def test_another_of_the_same_name_is_left_until_it_is_judged() -> None:
    api = _api("a")
    assert _write(_writer(api), {("web", "a"): "earlier"})
    assert api.writes == []


def test_one_that_is_gone_is_no_failure() -> None:
    api = _api("a")
    writer, ours = _writer(api), _uids(api, "a")
    del api.objects[f"{ROOT}/web/ingresses/a"]
    assert _write(writer, ours)
    assert api.writes == []


def test_one_that_is_no_longer_ours_loses_our_addresses() -> None:
    api = _api("a", "b")
    writer, ours = _writer(api), _uids(api, "a", "b")
    _write(writer, ours)
    gone = {("web", "b"): ours.pop(("web", "b"))}
    assert _write(writer, ours, gone)
    assert (_published(api, "a"), _published(api, "b")) == ([{"ip": "192.0.2.1"}], None)
    api.asked.clear()
    assert _write(writer, ours, gone)
    assert api.asked == []


def test_a_later_replica_takes_out_what_an_earlier_one_has_left() -> None:
    api = _api("a")
    ours = _uids(api, "a")
    _write(_writer(api), ours)
    assert _write(_writer(api), {}, ours)
    assert _published(api, "a") is None


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_what_another_controller_has_published_is_left(when: str) -> None:
    api = _api("a")
    writer, ours = _writer(api), _uids(api, "a")

    def other(*_: str) -> None:
        _ingress(api, "a")["status"] = {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}
        _ingress(api, "a")["metadata"]["managedFields"] = [
            {"manager": "nginx-ingress-controller", "subresource": "status"}
        ]
        api.touch(f"{ROOT}/web/ingresses/a")

    if when == "before":
        other()
    else:
        _write(writer, ours)
        api.before = other
    before = len(api.writes)
    assert _write(writer, {}, ours)
    assert _published(api, "a") == [{"ip": "203.0.113.1"}]
    assert len(api.writes) == before


def test_without_addresses_only_ours_are_taken_out() -> None:
    api = _api("a", loadBalancer={"ingress": [{"ip": "203.0.113.1"}]})
    writer, ours = _writer(api), _uids(api, "a")
    assert _write(writer, ours, addresses=())
    assert api.writes == []
    _write(writer, ours)
    assert _write(writer, ours, addresses=())
    assert _published(api, "a") is None


def test_clear_takes_all_out() -> None:
    api = _api("a", "b")
    writer = _writer(api)
    _write(writer, _uids(api, "a"))
    assert asyncio.run(writer.clear())
    assert (_published(api, "a"), _published(api, "b")) == (None, None)
    assert len(api.writes) == 2


def test_nothing_is_written_once_the_lease_is_lost() -> None:
    names = [f"i{number}" for number in range(40)]
    api, leader = _api(*names), Leader()
    leader.confirmations = 1
    assert not _write(_writer(api, leader), _uids(api, *names))
    assert len(api.writes) == 16


def test_one_that_is_refused_stops_no_other() -> None:
    api = _api("a", "b")

    def refuse(method: str, path: str) -> None:
        if method == "PATCH" and "/a/" in path:
            raise ApiError(403, "Forbidden")

    api.before = refuse
    writer, ours = _writer(api), _uids(api, "a", "b")
    assert not _write(writer, ours)
    assert _published(api, "b") == [{"ip": "192.0.2.1"}]
    api.asked.clear()
    assert not _write(writer, ours)
    assert all("/b" not in path for _, path in api.asked)


def test_many_are_listed_in_pages_and_a_new_one_is_read_alone() -> None:
    names = [f"i{number}" for number in range(1100)]
    api = _api(*names)
    writer = _writer(api)
    asyncio.run(writer.learn(_uids(api, *names)))
    assert api.asked == [("GET", "/apis/networking.k8s.io/v1/ingresses")] * 3
    ours = _uids(api, *names[:3])
    assert _write(writer, ours)
    api.put(f"{ROOT}/web/ingresses", {"metadata": {"name": "new", "namespace": "web"}})
    api.asked.clear()
    assert _write(writer, {**ours, **_uids(api, "new")})
    new = f"{ROOT}/web/ingresses/new"
    assert api.asked == [("GET", new), ("PATCH", f"{new}/status")]


def test_where_namespaces_are_given_only_these_are_listed() -> None:
    api = _api("a")
    writer = StatusWriter(api, Leader(), manager="m", namespaces=("web", "shop"))
    assert _write(writer, _uids(api, "a"))
    listed = [path for method, path in api.asked if path.endswith("/ingresses")]
    assert listed == [f"{ROOT}/web/ingresses", f"{ROOT}/shop/ingresses"]
