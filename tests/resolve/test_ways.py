"""Every mode that passes by slices, each with every type of Service; which Pods and Nodes."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.options import BackendMode
from tests.objects import Object, endpoint, path, rule
from tests.resolve.asking import endpoints
from tests.shop import ingress, service, slice_of
from tests.ways import balanced, node, pod, web

PODS = [
    pod("a", "10.0.0.1", node="n1", host_port=9000, hosts=("192.0.2.1",)),
    pod("b", "10.0.0.2", node="n2", host_port=9000, hosts=("192.0.2.2",)),
    pod("c", "10.0.0.3", node="n2", ready=False, host_port=9001, hosts=("192.0.2.2",)),
    pod("other", "10.0.0.9", labels={"app": "other"}),
    pod("far", "10.0.0.8", namespace="far"),
]
NODES = [
    node("n1", "192.0.2.1", external=("203.0.113.1",)),
    node("n2", "192.0.2.2", external=("203.0.113.2",)),
    node("n3", "192.0.2.3", ready=False),
]
ALL = [*PODS, *NODES]

AT_PODS = ["10.0.0.1:8080", "10.0.0.2:8080"]
AT_HOSTS = ["192.0.2.1:9000", "192.0.2.2:9000"]
AT_NODES = ["192.0.2.1:30080", "192.0.2.2:30080"]
OUT = ["out.example.com:80 dns"]

CLUSTER_IP = web(clusterIP="10.96.0.1")
HEADLESS = web(clusterIP="None")
NODE_PORT = web(node_port=30080, type="NodePort", clusterIP="10.96.0.1")
BALANCER = web(
    node_port=30080,
    type="LoadBalancer",
    clusterIP="10.96.0.1",
    externalIPs=["198.51.100.7"],
    status=balanced("198.51.100.1", "198.51.100.2"),
)
PENDING = web(node_port=30080, type="LoadBalancer", clusterIP="10.96.0.1")
WITHOUT_SELECTOR = web(node_port=30080, type="NodePort", clusterIP="10.96.0.1", selector={})
EXTERNAL = service("web", {"port": 80}, type="ExternalName", externalName="out.example.com")
NONE = "ING314"

MATRIX: list[tuple[Object, dict[BackendMode, list[str] | str]]] = [
    (
        CLUSTER_IP,
        {
            "pods": AT_PODS,
            "host-port": AT_HOSTS,
            "node-port": NONE,
            "load-balancer": NONE,
            "external-ips": NONE,
        },
    ),
    (
        HEADLESS,
        {
            "pods": AT_PODS,
            "host-port": AT_HOSTS,
            "node-port": NONE,
            "load-balancer": NONE,
            "external-ips": NONE,
        },
    ),
    (
        NODE_PORT,
        {
            "pods": AT_PODS,
            "host-port": AT_HOSTS,
            "node-port": AT_NODES,
            "load-balancer": NONE,
            "external-ips": NONE,
        },
    ),
    (
        BALANCER,
        {
            "pods": AT_PODS,
            "host-port": AT_HOSTS,
            "node-port": AT_NODES,
            "load-balancer": ["198.51.100.1:80", "198.51.100.2:80"],
            "external-ips": ["198.51.100.7:80"],
        },
    ),
    (
        PENDING,
        {
            "pods": AT_PODS,
            "host-port": AT_HOSTS,
            "node-port": AT_NODES,
            "load-balancer": NONE,
            "external-ips": NONE,
        },
    ),
    (
        WITHOUT_SELECTOR,
        {
            "pods": NONE,
            "host-port": NONE,
            "node-port": AT_NODES,
            "load-balancer": NONE,
            "external-ips": NONE,
        },
    ),
    (
        EXTERNAL,
        {
            "pods": OUT,
            "host-port": OUT,
            "node-port": OUT,
            "load-balancer": OUT,
            "external-ips": OUT,
        },
    ),
]


@pytest.mark.parametrize("asked", ["option", "annotation"])
@pytest.mark.parametrize(
    ("found", "mode", "expected"),
    [(found, mode, expected) for found, row in MATRIX for mode, expected in row.items()],
)
def test_modes(found: Object, mode: BackendMode, expected: list[str] | str, asked: str) -> None:
    slices = slice_of("web", "10.0.0.77")  # none of these modes takes it
    if asked == "option":
        assert endpoints([found, slices, *ALL], backends=mode) == expected
    else:
        if mode == "external-ips" and expected != OUT:
            expected = NONE  # the operator's alone: an author would write any address there
        meta = {**found["metadata"], "annotations": {"ingc/backends": mode}}
        assert endpoints([{**found, "metadata": meta}, slices, *ALL]) == expected


def test_the_annotation_decides_for_its_own_service_alone() -> None:
    mine = web(mode="pods", clusterIP="10.96.0.1")
    other = service("other", clusterIP="10.96.0.2")
    asked = ingress("web", rule(None, path("/", "web"), path("/other", "other")))
    result = ingc.compile([asked, mine, other, *ALL])
    assert result.ir is not None
    found = {item.service.service: item.endpoints[0].address for item in result.ir.upstreams}
    assert found == {"web": "10.0.0.1", "other": "10.96.0.2"}


def test_a_service_of_that_name_elsewhere_decides_nothing() -> None:
    """Who may write Services of another namespace changes nothing of ours."""
    far = web(mode="pods", clusterIP="10.96.0.9")
    far["metadata"]["namespace"] = "far"
    assert endpoints([CLUSTER_IP, far, *ALL]) == ["10.96.0.1:80"]


CHOICES: list[tuple[list[Object], dict[str, Any], list[str] | str]] = [
    # a named targetPort may be another number in each Pod
    (
        [web("http"), pod("a", "10.0.0.1", port=8080), pod("b", "10.0.0.2", port=9090)],
        {"backends": "pods"},
        ["10.0.0.1:8080", "10.0.0.2:9090"],
    ),
    ([web("admin"), pod("a", "10.0.0.1")], {"backends": "pods"}, NONE),
    # a number needs no declaration
    ([web(3000), pod("a", "10.0.0.1")], {"backends": "pods"}, ["10.0.0.1:3000"]),
    # every label of the selector counts
    (
        [
            web(selector={"app": "web", "tier": "front"}),
            pod("a", "10.0.0.1"),
            pod("b", "10.0.0.2", labels={"app": "web", "tier": "front", "x": "y"}),
            pod("c", "10.0.0.3", labels={"app": "other", "tier": "front"}),
        ],
        {"backends": "pods"},
        ["10.0.0.2:8080"],
    ),
    # the processes of the Node
    (
        [web(), pod("a", "192.0.2.1", node="n1", hosts=("192.0.2.1",), hostNetwork=True)],
        {"backends": "pods"},
        ["192.0.2.1:8080"],
    ),
    (
        [web(), pod("a", "192.0.2.1", node="n1", hosts=("192.0.2.1",), hostNetwork=True)],
        {"backends": "host-port"},
        ["192.0.2.1:8080"],
    ),
    (
        [web(3000), pod("a", "192.0.2.1", node="n1", hosts=("192.0.2.1",), hostNetwork=True)],
        {"backends": "host-port"},
        ["192.0.2.1:3000"],
    ),
    # those that end and still serve, where no other is there, and only there
    ([web(), pod("a", "10.0.0.1", terminating=True)], {"backends": "pods"}, ["10.0.0.1:8080"]),
    (
        [web(), pod("a", "10.0.0.1", terminating=True), pod("b", "10.0.0.2")],
        {"backends": "pods"},
        ["10.0.0.2:8080"],
    ),
    (
        [web(), pod("a", "10.0.0.1", terminating=True, ready=False)],
        {"backends": "pods"},
        NONE,
    ),
    ([web(), pod("a", "10.0.0.1", phase="Succeeded")], {"backends": "pods"}, NONE),
    ([web(), pod("a")], {"backends": "pods"}, NONE),
    # unready ones where the Service publishes them, but never those that have ended
    (
        [
            web(publishNotReadyAddresses=True),
            pod("a", "10.0.0.1", ready=False),
            pod("b", "10.0.0.2", terminating=True, ready=False),
            pod("c", "10.0.0.3", phase="Failed"),
        ],
        {"backends": "pods"},
        ["10.0.0.1:8080", "10.0.0.2:8080"],
    ),
    # sidecars have ports too, and other containers that start first have ended
    (
        [
            web("proxy"),
            pod(
                "a",
                "10.0.0.1",
                initContainers=[
                    {"ports": [{"name": "proxy", "containerPort": 1}]},
                    {
                        "restartPolicy": "Always",
                        "ports": [{"name": "proxy", "containerPort": 15001}],
                    },
                ],
            ),
        ],
        {"backends": "pods"},
        ["10.0.0.1:15001"],
    ),
    # a Pod needs a hostPort for the targetPort
    ([web(), pod("a", "10.0.0.1", hosts=("192.0.2.1",))], {"backends": "host-port"}, NONE),
    (
        [web(), pod("a", "10.0.0.1", host_port=80, hosts=("192.0.2.1",))],
        {"backends": "host-port"},
        ["192.0.2.1:80"],
    ),
    # one address of the Node alone
    (
        [web(), pod("a", "10.0.0.1", node="n1", host_port=80, host_ip="192.0.2.77"), *NODES],
        {"backends": "host-port"},
        ["192.0.2.77:80"],
    ),
    (
        [web(), pod("a", "10.0.0.1", node="n1", host_port=80, host_ip="0.0.0.0"), *NODES],
        {"backends": "host-port"},
        ["192.0.2.1:80"],
    ),
    (
        [web(), *ALL],
        {"backends": "host-port", "node_address": "external"},
        ["203.0.113.1:9000", "203.0.113.2:9000"],
    ),
    ([web(), *PODS], {"backends": "host-port", "node_address": "external"}, NONE),
    ([web(), *PODS], {"backends": "host-port"}, AT_HOSTS),
    (
        [web(), pod("a", "10.0.0.1", node="n3", host_port=80, hosts=("192.0.2.3",)), *NODES],
        {"backends": "host-port"},
        NONE,
    ),
    # which Nodes
    (
        [NODE_PORT, *NODES],
        {"backends": "node-port", "node_address": "external"},
        ["203.0.113.1:30080", "203.0.113.2:30080"],
    ),
    (
        [
            NODE_PORT,
            node("n1", "192.0.2.1", labels={"edge": ""}),
            node("n2", "192.0.2.2"),
            node("n3", "192.0.2.3", labels={"edge": "", "gone": "soon"}),
        ],
        {"backends": "node-port", "node_selector": "edge,!gone"},
        ["192.0.2.1:30080"],
    ),
    (
        [
            NODE_PORT,
            node("n1", "192.0.2.1"),
            node(
                "n2",
                "192.0.2.2",
                labels={"node.kubernetes.io/exclude-from-external-load-balancers": ""},
            ),
        ],
        {"backends": "node-port"},
        ["192.0.2.1:30080"],
    ),
    ([NODE_PORT, *NODES], {"backends": "node-port", "node_selector": "edge"}, NONE),
    ([NODE_PORT], {"backends": "node-port"}, NONE),
    ([NODE_PORT, node("n1", "192.0.2.1", ready=False)], {"backends": "node-port"}, NONE),
    ([web(type="NodePort"), *NODES], {"backends": "node-port"}, NONE),
    # only where a Pod is: by slices, by the Pods that these name, by Pods alone
    (
        [
            web(node_port=30080, type="NodePort", externalTrafficPolicy="Local"),
            slice_of(
                "web",
                {**endpoint("10.0.0.1"), "nodeName": "n2"},
                {**endpoint("10.0.0.2", ready=False), "nodeName": "n1"},
            ),
            *NODES,
        ],
        {"backends": "node-port"},
        ["192.0.2.2:30080"],
    ),
    (
        [
            web(node_port=30080, type="NodePort", externalTrafficPolicy="Local"),
            slice_of("web", {**endpoint("10.0.0.1"), "targetRef": {"kind": "Pod", "name": "a"}}),
            *ALL,
        ],
        {"backends": "node-port"},
        ["192.0.2.1:30080"],
    ),
    (
        [
            web(node_port=30080, type="NodePort", externalTrafficPolicy="Local"),
            pod("a", "10.0.0.1", node="n1"),
            pod("b", "10.0.0.2", node="n2", ready=False),
            *NODES,
        ],
        {"backends": "node-port"},
        ["192.0.2.1:30080"],
    ),
    (
        [web(node_port=30080, type="NodePort", externalTrafficPolicy="Local"), *NODES],
        {"backends": "node-port"},
        NONE,
    ),
    (
        [
            web(node_port=30080, type="NodePort", externalTrafficPolicy="Local"),
            slice_of("web"),
            *NODES,
        ],
        {"backends": "node-port"},
        NONE,
    ),
    # a name where there is no address; none for a port that the balancer does not serve
    (
        [web(type="LoadBalancer", status=balanced("LB.example.com."))],
        {"backends": "load-balancer"},
        ["lb.example.com:80 dns"],
    ),
    (
        [web(type="LoadBalancer", status=balanced("lb.example.com", "198.51.100.1"))],
        {"backends": "load-balancer"},
        ["198.51.100.1:80"],
    ),
    (
        [
            web(
                type="LoadBalancer",
                status=balanced("198.51.100.1", ports=[{"port": 80, "error": "NoRoom"}]),
            )
        ],
        {"backends": "load-balancer"},
        NONE,
    ),
    (
        [
            web(
                type="LoadBalancer",
                status=balanced("198.51.100.1", ports=[{"port": 81, "error": "NoRoom"}]),
            )
        ],
        {"backends": "load-balancer"},
        ["198.51.100.1:80"],
    ),
    ([web(type="LoadBalancer", status={})], {"backends": "load-balancer"}, NONE),
]


@pytest.mark.parametrize(("objects", "options", "expected"), CHOICES)
def test_what_is_chosen(
    objects: list[Object], options: dict[str, Any], expected: list[str] | str
) -> None:
    for order in (objects, objects[::-1]):
        assert endpoints(order, **options) == expected
