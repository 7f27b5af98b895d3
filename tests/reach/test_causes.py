"""Where there is no cause, none is said; and what the causes share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ingc
from ingc.reach.api import Reach, Verdict
from ingc.reach.cause import Situation
from ingc.reach.quantity import quantity
from ingc.reach.report import report, report_as_text
from tests.objects import path, rule
from tests.reach.cases import network, running, scheduling, services, starting
from tests.reach.kubectl import HOST, URL, Cluster, Object, endpoint_slice, ingress, meta, service
from tests.shop import ingress as short_ingress

OPTIONS = ingc.Options(resolver=("10.96.0.10",))


def verdict(cluster: Cluster, **given: Any) -> Verdict | None:
    options = ingc.Options(resolver=("10.96.0.10",), **given)
    result = ingc.compile(cluster.items(), options, on_error="isolate")
    return ingc.story(result, URL).reach


def situation(cluster: Cluster, **given: Any) -> Situation | None:
    found = verdict(cluster, **given)
    return found.situation if found else None


def broken(*makers: Callable[[Cluster], None]) -> Cluster:
    cluster = Cluster()
    for make in makers:
        make(cluster)
    return cluster


def without(cluster: Cluster, *kinds: str) -> Cluster:
    cluster.drop(*(key for key in list(cluster.objects) if key.split(" ")[0] in kinds))
    return cluster


@pytest.mark.parametrize(
    "kinds",
    [
        ("Pod",),
        ("Node",),
        ("Namespace",),
        ("EndpointSlice",),
        ("Pod", "Node"),
        ("Deployment", "ReplicaSet"),
        ("EndpointSlice", "Pod"),
        ("EndpointSlice", "Pod", "Deployment", "ReplicaSet", "Node", "Namespace"),
    ],
)
def test_what_the_input_lacks_is_no_cause(kinds: tuple[str, ...]) -> None:
    assert verdict(without(Cluster(), *kinds)) is None


def test_manifests_that_were_in_no_cluster() -> None:
    """Part of what is applied: a Service of another folder, Pods without a status."""
    objects = [
        short_ingress("shop/web", rule(HOST, path("/cart", "elsewhere"))),
        _manifest("Service", "web", {"selector": {"app": "web"}, "ports": [{"port": 80}]}),
        _manifest("Deployment", "other", {"template": {"metadata": {"labels": {"app": "other"}}}}),
    ]
    assert ingc.story(ingc.compile(objects, OPTIONS), URL).reach is None
    objects[0] = short_ingress("shop/web", rule(HOST, path("/cart", "web")))
    assert ingc.story(ingc.compile(objects, OPTIONS), URL).reach is None
    objects[1]["spec"]["selector"] = {"app": "storefront"}
    labels = {"metadata": {"labels": {"app": "store-front"}}}
    objects[2] = _manifest("Deployment", "other", {"template": labels})
    found = ingc.story(ingc.compile(objects, OPTIONS), URL).reach
    assert found is not None
    assert found.situation is Situation.SELECTOR_MATCHES_NOTHING
    objects[0] = short_ingress("shop/web", rule(HOST, path("/cart", "webb")))
    found = ingc.story(ingc.compile(objects, OPTIONS), URL).reach
    assert found is not None
    assert "which is not in the input (did you mean web?)" in found.sentence


def _manifest(kind: str, name: str, spec: Object) -> Object:
    version = "apps/v1" if kind == "Deployment" else "v1"
    named = {"name": name, "namespace": "shop"}
    return {"apiVersion": version, "kind": kind, "metadata": named, "spec": spec}


def test_partial_lets_a_service_be_elsewhere() -> None:
    cluster = broken(services.no_service_like_it)
    assert situation(cluster) is Situation.SERVICE_MISSING
    assert situation(cluster, partial=True) is None


@pytest.mark.parametrize("mode", ["auto", "endpoints", "cluster-ip", "dns"])
def test_pods_count_in_every_mode(mode: Any) -> None:
    cluster = broken(starting.crash_loop)
    assert situation(cluster, backends=mode) is Situation.CRASH_LOOP
    if mode != "endpoints":
        assert situation(without(cluster, "EndpointSlice"), backends=mode) is Situation.CRASH_LOOP


def test_one_pod_that_answers_is_enough() -> None:
    cluster = Cluster()
    healthy = cluster.pods[1]["status"], cluster.endpoints[1]["conditions"]
    starting.crash_loop(cluster)
    cluster.pods[1]["status"], cluster.endpoints[1]["conditions"] = Cluster().pods[1]["status"], {}
    assert healthy
    assert verdict(cluster) is None
    assert verdict(without(cluster, "EndpointSlice")) is None


def test_pods_that_end_and_still_serve_are_reached() -> None:
    cluster = broken(running.terminating)
    for item in cluster.endpoints:
        item["conditions"] = {"ready": False, "serving": True, "terminating": True}
    assert situation(cluster) is not Situation.TERMINATING


def test_the_new_pods_explain_more_than_the_old() -> None:
    cluster = broken(starting.crash_loop)
    old = cluster.pods[1]
    old["metadata"]["deletionTimestamp"] = "2026-03-04T11:20:41Z"
    found = verdict(cluster)
    assert found is not None
    assert found.situation is Situation.CRASH_LOOP
    assert found.apart == (Situation.TERMINATING,)
    assert "(others: terminating)" in found.sentence


def test_a_node_that_is_down_comes_before_what_follows_from_it() -> None:
    assert situation(broken(starting.crash_loop, network.node_not_ready)) is (
        Situation.NODE_NOT_READY
    )


def test_a_claim_that_waits_for_its_pod_is_no_cause() -> None:
    cluster = broken(scheduling.claim_of_no_class)
    cluster.drop(*(key for key in list(cluster.objects) if key.startswith("Event ")))
    claim = cluster["PersistentVolumeClaim data"]
    text = "waiting for first consumer to be created before binding"
    cluster.event(claim, "WaitForFirstConsumer", text, "Normal")
    for item in cluster.pods:
        item["status"]["conditions"][0]["message"] = "0/3 nodes are available: 3 Insufficient cpu."
    assert situation(cluster) is Situation.UNSCHEDULABLE
    cluster.drop(*(key for key in list(cluster.objects) if key.startswith("Event ")))
    assert situation(cluster) is Situation.UNSCHEDULABLE, "the scheduler speaks of no claim"


def test_events_of_the_newer_group_and_the_latest_first() -> None:
    cluster = Cluster()
    cluster.set_pending("")
    for item in cluster.pods:
        item["status"] = {"phase": "Pending"}
        for time, text in (("2026-03-05", "3 Insufficient cpu"), ("2026-03-06", "3 Too many pods")):
            event = cluster.event(item, "FailedScheduling", "")
            del event["message"], event["involvedObject"], event["lastTimestamp"]
            event |= {
                "apiVersion": "events.k8s.io/v1",
                "deprecatedLastTimestamp": f"{time}T10:00:00Z",
                "note": f"0/3 nodes are available: {text}.",
                "regarding": {"kind": "Pod", "name": item["metadata"]["name"], "namespace": "shop"},
            }
            cluster.add(event)
    found = verdict(cluster)
    assert found is not None
    assert "3 Too many pods" in found.sentence
    assert [item.field for item in found.evidence] == ["note"]


def _policy(cluster: Cluster, **given: Any) -> None:
    network.network_policy(cluster)
    rules = {"from": [given]} if given else {}
    cluster["NetworkPolicy default-deny"]["spec"]["ingress"] = [rules]


BY_NAME = {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}
BY_OTHER = {"matchLabels": {"team": "edge"}}


@pytest.mark.parametrize(
    ("peer", "kept_out"),
    [
        ({}, False),
        ({"namespaceSelector": {}}, False),
        ({"namespaceSelector": BY_NAME}, False),
        ({"namespaceSelector": BY_OTHER}, True),
        ({"podSelector": {}}, True),
        ({"ipBlock": {"cidr": "10.244.0.0/16"}}, False),
        ({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.244.0.0/16"]}}, True),
        ({"ipBlock": {"cidr": "nonsense"}}, False),
        (
            {
                "namespaceSelector": BY_NAME,
                "podSelector": {"matchLabels": {"app.kubernetes.io/name": "ingress-nginx"}},
            },
            False,
        ),
        (
            {
                "namespaceSelector": BY_NAME,
                "podSelector": {
                    "matchExpressions": [
                        {"key": "app.kubernetes.io/name", "operator": "In", "values": ["traefik"]}
                    ]
                },
            },
            True,
        ),
    ],
)
def test_whom_a_network_policy_lets_in(peer: Object, kept_out: bool) -> None:
    cluster = Cluster()
    _policy(cluster, **peer)
    assert situation(cluster) is (Situation.NETWORK_POLICY if kept_out else None)


@pytest.mark.parametrize(
    ("port", "kept_out"),
    [
        ({"port": 8080}, False),
        ({"port": "http"}, False),
        ({"port": 8000, "endPort": 8100}, False),
        ({}, False),
        ({"port": 9090}, True),
        ({"port": "metrics"}, True),
        ({"port": 8080, "protocol": "UDP"}, True),
    ],
)
def test_to_which_port_a_network_policy_lets_in(port: Object, kept_out: bool) -> None:
    cluster = Cluster()
    network.network_policy(cluster)
    cluster["NetworkPolicy default-deny"]["spec"]["ingress"] = [{"ports": [port]}]
    assert situation(cluster) is (Situation.NETWORK_POLICY if kept_out else None)


def test_policies_that_are_not_about_it() -> None:
    cluster = broken(network.network_policy)
    cluster["NetworkPolicy default-deny"]["spec"]["policyTypes"] = ["Egress"]
    assert verdict(cluster) is None
    cluster = broken(network.network_policy)
    cluster["NetworkPolicy default-deny"]["spec"]["podSelector"] = {"matchLabels": {"app": "db"}}
    assert verdict(cluster) is None
    cluster = broken(network.network_policy)
    for item in cluster.pods:
        item["spec"]["hostNetwork"] = True
    assert situation(cluster) is not Situation.NETWORK_POLICY


def test_what_is_left_of_a_machine_or_a_pod_has_no_address() -> None:
    cluster = Cluster()
    left = Cluster()["Node worker-1"]
    left["metadata"]["name"] = "worker-1-old"
    left["status"]["conditions"][-1].update(status="Unknown", reason="NodeStatusUnknown")
    cluster.add(left)
    old = Cluster().pods[0]
    old["metadata"].update(name="web-old", deletionTimestamp="2026-03-04T11:20:41Z")
    cluster.add(old)
    assert verdict(cluster) is None
    left["status"]["conditions"][-1]["status"] = "True"
    found = verdict(cluster)
    assert found is not None
    assert found.situation is Situation.SAME_ADDRESS
    assert (found.nobody, found.lost, found.used) == (False, 1, 2)


def test_a_name_that_another_dns_resolves() -> None:
    cluster = broken(network.dns_down)
    assert situation(cluster) is Situation.DNS_DOWN
    result = ingc.compile(cluster.items(), ingc.Options(resolver=("9.9.9.9",)))
    assert ingc.story(result, URL).reach is None


def test_a_load_balancer_that_nobody_needs() -> None:
    cluster = broken(network.no_load_balancer)
    pod = next(key for key in cluster.objects if key.startswith("Pod ingress-nginx"))
    cluster[pod]["spec"]["containers"][0]["ports"][0]["hostPort"] = 80
    assert verdict(cluster) is None
    cluster = Cluster()
    cluster["Service web"]["spec"]["type"] = "LoadBalancer"
    assert verdict(cluster) is None, "nginx does not go through it"


def test_an_address_that_a_stale_endpoints_object_has() -> None:
    cluster = without(Cluster(), "EndpointSlice")
    target = {"kind": "Pod", "name": "web-6d5f8c7b9-gone1", "namespace": "shop"}
    address = {"ip": "10.244.1.17", "nodeName": "worker-1", "targetRef": target}
    subset = {"addresses": [address], "ports": [{"name": "http", "port": 8080}]}
    cluster.add(
        {"apiVersion": "v1", "kind": "Endpoints", "metadata": meta("web"), "subsets": [subset]}
    )
    found = verdict(cluster)
    assert found is not None
    assert found.situation is Situation.POD_GONE
    assert found.sentence.startswith("Endpoints shop/web still lists Pod web-6d5f8c7b9-gone1")


def test_tls_that_is_passed_on_unopened() -> None:
    cluster = broken(network.node_not_ready)
    annotations = {"nginx.ingress.kubernetes.io/ssl-passthrough": "true"}
    found = cluster["Ingress web"]
    found["metadata"]["annotations"] = annotations
    found["spec"]["rules"][0]["http"]["paths"][0]["path"] = "/"
    result = ingc.compile(cluster.items(), ingc.Options(enable_ssl_passthrough=True))
    reach = ingc.story(result, f"https://{HOST}/").reach
    assert reach is not None
    assert reach.situation is Situation.NODE_NOT_READY


def test_the_default_backend() -> None:
    cluster = Cluster()
    found = cluster["Ingress web"]
    found["spec"] = {"defaultBackend": {"service": {"name": "wbe", "port": {"number": 80}}}}
    result = ingc.compile(cluster.items(), OPTIONS)
    reach = ingc.story(result, "http://any.example.com/").reach
    assert reach is not None
    assert reach.evidence[0].field == "spec.defaultBackend.service.name"


def test_routes_of_one_cause_stand_together() -> None:
    cluster = broken(starting.crash_loop)
    second = ingress("other")
    second["spec"]["rules"][0]["host"] = "other.example.com"
    third = ingress("lost", service="nowhere-at-all")
    third["spec"]["rules"][0]["host"] = "lost.example.com"
    for item in (second, third, ingress("fine", service="fine")):
        cluster.add(item)
    cluster["Ingress fine"]["spec"]["rules"][0]["host"] = "fine.example.com"
    cluster.add(service("fine", {"app": "web"}, ip="10.96.5.5"))
    fine = endpoint_slice("fine", "fine-1", {"addresses": ["10.244.9.9"]})
    cluster.add(fine)
    result = ingc.compile(cluster.items(), OPTIONS)
    assert result.ir is not None
    assert result.store is not None
    found = report(Reach(result.store, result.ir, result.diagnostics), result.ir)
    assert (found.checked, found.lost) == (4, 3)
    text = report_as_text(found)
    assert text.startswith("3 of 4 routes reach nobody\n\ncrash-loop (2 routes)\n")
    assert "  - other.example.com/cart  shop/other spec.rules[0].http.paths[0]\n" in text
    assert text.count("again and again") == 1
    assert "\nservice-missing (1 route)\n" in text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", 0.5),
        ("1.5Gi", 1.5 * 2**30),
        ("10G", 1e10),
        ("2", 2.0),
        ("1e3", 1000.0),
        ("1E", 1e18),
        ("2Ei", 2.0 * 2**60),
        (".5", 0.5),
        ("", None),
        ("Gi", None),
        ("1 Gi", None),
        ("-1", None),
        ("9" * 100, None),
    ],
)
def test_quantities(text: str, number: float | None) -> None:
    assert quantity(text) == number
