"""The families, zones and reasons of the modes that choose among Pods and Nodes."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.options import BackendMode
from tests.objects import Object, annotated, backend, path, rule
from tests.resolve.asking import endpoints
from tests.resolve.test_ways import (
    ALL,
    AT_NODES,
    AT_PODS,
    BALANCER,
    CLUSTER_IP,
    NODE_PORT,
    NODES,
    NONE,
    PENDING,
    PODS,
    WITHOUT_SELECTOR,
)
from tests.shop import ingress, service, slice_of
from tests.ways import balanced, node, pod, web

SIX = {"ipFamilies": ["IPv6"]}
BOTH = {"ipFamilies": ["IPv6", "IPv4"]}
DUAL_POD = pod(
    "a", "10.0.0.1", "fd00::1", node="n1", host_port=90, hosts=("192.0.2.1", "2001:db8::1")
)
DUAL_NODE = node("n1", "192.0.2.1", "2001:db8::1")
LIKE_NODE_PORT: dict[str, Any] = {"node_port": 30080, "type": "NodePort"}

FAMILIES: list[tuple[BackendMode, Object, list[str]]] = [
    ("pods", web(), ["10.0.0.1:8080"]),  # the cluster's first
    ("pods", web(**SIX), ["fd00::1:8080"]),
    ("pods", web(**BOTH), ["10.0.0.1:8080", "fd00::1:8080"]),
    ("pods", web(clusterIP="fd00:96::1"), ["fd00::1:8080"]),
    ("pods", web(clusterIPs=["10.96.0.1", "fd00:96::1"]), ["10.0.0.1:8080", "fd00::1:8080"]),
    ("host-port", web(), ["192.0.2.1:90"]),
    ("host-port", web(**SIX), ["2001:db8::1:90"]),
    ("host-port", web(**BOTH), ["192.0.2.1:90", "2001:db8::1:90"]),
    ("node-port", web(**LIKE_NODE_PORT), ["192.0.2.1:30080"]),
    ("node-port", web(**LIKE_NODE_PORT, **SIX), ["2001:db8::1:30080"]),
    ("node-port", web(**LIKE_NODE_PORT, **BOTH), ["192.0.2.1:30080", "2001:db8::1:30080"]),
    (
        "load-balancer",
        web(type="LoadBalancer", status=balanced("2001:db8::9", "198.51.100.1")),
        ["198.51.100.1:80", "2001:db8::9:80"],
    ),
    ("external-ips", web(externalIPs=["2001:db8::7"]), ["2001:db8::7:80"]),
]


@pytest.mark.parametrize("known", ["pods alone", "nodes too"])
@pytest.mark.parametrize(("mode", "found", "expected"), FAMILIES)
def test_families(mode: BackendMode, found: Object, expected: list[str], known: str) -> None:
    if known == "pods alone" and mode == "node-port":
        return
    objects = [found, DUAL_POD, *([DUAL_NODE] if known == "nodes too" else [])]
    assert endpoints(objects, backends=mode) == expected


@pytest.mark.parametrize("mode", ["pods", "host-port", "node-port"])
def test_a_family_that_is_not_there(mode: BackendMode) -> None:
    found = web(**LIKE_NODE_PORT, **SIX)
    assert endpoints([found, PODS[0], *NODES], backends=mode) == NONE


WHY: list[tuple[list[Object], BackendMode, str]] = [
    ([CLUSTER_IP], "pods", "its selector app=web chooses none of the input's Pods"),
    ([WITHOUT_SELECTOR, *ALL], "pods", "it has no selector"),
    (
        [CLUSTER_IP, *(pod(n, "10.0.0.1", ready=False) for n in "ab"), pod("c")],
        "pods",
        "all 3 Pods are left out: it is not ready (ContainersNotReady) (2); "
        "its status has no address (1)",
    ),
    (
        [CLUSTER_IP, pod("a", "10.0.0.1")],
        "host-port",
        "the one Pod is left out: no port 8080 of it has a hostPort",
    ),
    ([CLUSTER_IP, *NODES], "node-port", "it is of type ClusterIP, which has no nodePort"),
    ([web(type="NodePort")], "node-port", "no nodePort is allocated for it"),
    ([NODE_PORT], "node-port", "the input has no Node"),
    (
        [NODE_PORT, node("n1", "192.0.2.1", ready=False), node("n2")],
        "node-port",
        "all 2 Nodes are left out: it is not ready (ContainersNotReady) (1); "
        "it has no address of type InternalIP (1)",
    ),
    (
        [web(node_port=30080, type="NodePort", externalTrafficPolicy="Local"), *NODES],
        "node-port",
        "externalTrafficPolicy is Local, and the input does not say where its Pods are",
    ),
    (
        [
            web(node_port=30080, type="NodePort", externalTrafficPolicy="Local"),
            slice_of("web"),
            NODES[0],
        ],
        "node-port",
        "the one Node is left out: no ready Pod of the Service is there, "
        "and externalTrafficPolicy is Local",
    ),
    ([PENDING], "load-balancer", "its load balancer is pending: its status has no address"),
    ([CLUSTER_IP], "load-balancer", "it is of type ClusterIP, which has no load balancer"),
    (
        [
            web(
                type="LoadBalancer",
                status=balanced("198.51.100.1", ports=[{"port": 80, "error": "NoRoom"}]),
            )
        ],
        "load-balancer",
        "the one address is left out: it does not serve the port (NoRoom)",
    ),
    ([CLUSTER_IP], "external-ips", "it has no externalIPs"),
]


@pytest.mark.parametrize(("objects", "mode", "why"), WHY)
def test_why_there_is_none(objects: list[Object], mode: BackendMode, why: str) -> None:
    asked = ingress("web", rule(None, path("/", "web")))
    result = ingc.compile([asked, *objects], ingc.Options(backends=mode))
    (found,) = [item for item in result.diagnostics if item.code == "ING314"]
    assert found.message.endswith("usable endpoint: " + why) or why in found.message
    assert result.ok


def test_pending_names_the_external_ips() -> None:
    asked = ingress("web", rule(None, path("/", "web")))
    pending = web(type="LoadBalancer", externalIPs=["198.51.100.7"])
    result = ingc.compile([asked, pending], ingc.Options(backends="load-balancer"))
    (found,) = result.diagnostics
    assert "--backends external-ips would use its externalIPs" in found.help


def test_a_name_of_a_load_balancer_needs_a_resolver() -> None:
    """Whoever writes the status must not keep nginx from starting."""
    asked = ingress("web", rule(None, path("/", "web")))
    found = web(type="LoadBalancer", status=balanced("lb.example.com"))
    result = ingc.compile([asked, found], ingc.Options(backends="load-balancer"))
    assert [item.code for item in result.diagnostics] == ["ING324"]
    assert result.diagnostics[0].field == "status.loadBalancer.ingress[0].hostname"


ZONED = [
    node("n1", "192.0.2.1", labels={"topology.kubernetes.io/zone": "a"}),
    node("n2", "192.0.2.2", labels={"topology.kubernetes.io/zone": "b"}),
]


@pytest.mark.parametrize(
    ("distribution", "zone", "expected"),
    [
        ("PreferClose", "a", ["10.0.0.1:8080"]),
        ("PreferSameZone", "b", ["10.0.0.2:8080"]),
        ("PreferClose", "c", AT_PODS),
        ("", "a", AT_PODS),
    ],
)
def test_pods_of_the_zone_are_preferred(distribution: str, zone: str, expected: list[str]) -> None:
    found = web(trafficDistribution=distribution)
    given = {"enable_topology_aware_routing": True, "topology_zone": zone}
    assert endpoints([found, *PODS, *ZONED], backends="pods", **given) == expected
    assert endpoints([found, *PODS, *ZONED], backends="pods") == AT_PODS


def test_what_is_broken_gets_nothing() -> None:
    """Its addresses may be good: what they stand for is not known."""
    broken = pod("b", "10.0.0.2", port=70000, host_port=90, hosts=("192.0.2.2",))
    whole = pod("a", "10.0.0.1", host_port=90, hosts=("192.0.2.1",))
    nodes = [node("n1", "192.0.2.1"), node("n2", "192.0.2.2", "nowhere")]
    asked = ingress("web", rule(None, path("/", "web")))
    for mode, expected in (
        ("pods", ["10.0.0.1:8080"]),
        ("host-port", ["192.0.2.1:90"]),
        ("node-port", ["192.0.2.1:30080"]),
    ):
        found = web(node_port=30080, type="NodePort", mode=mode)
        result = ingc.compile([asked, found, broken, whole, *nodes])
        assert result.ir is not None
        assert [str(item) for item in result.ir.upstreams[0].endpoints] == expected
        assert "ING326" in [item.code for item in result.diagnostics]


LIKE_LOCAL = {**LIKE_NODE_PORT, "externalTrafficPolicy": "Local"}


@pytest.mark.parametrize(
    ("found", "echo", "told"),
    [
        (web(**LIKE_NODE_PORT, mode="node-port"), False, "port 30080 of its Nodes"),
        (
            web(type="LoadBalancer", status=balanced("198.51.100.1"), mode="load-balancer"),
            False,
            "198.51.100.1",
        ),
        (web(mode="pods"), False, ""),
        (web(**LIKE_LOCAL, mode="node-port"), False, ""),
        (web(**LIKE_NODE_PORT, mode="node-port"), True, ""),
    ],
)
def test_affinity_where_the_cluster_chooses_the_pod(found: Object, echo: bool, told: str) -> None:
    asked = ingress(
        "web", rule("a.test", path("/", "web")), annotations=annotated(affinity="cookie")
    )
    options = ingc.Options(nginx_version="1.29.6", echo=echo, echo_socket="/run/x")
    result = ingc.compile([asked, found, *ALL], options)
    messages = [item.message for item in result.diagnostics if item.code == "ING475"]
    expected = f"affinity has no effect: shop/web is reached at {told} alone"
    assert messages == ([expected] if told else [])


def test_udp_ports_are_those_of_udp() -> None:
    dns = service(
        "dns", {"port": 53, "protocol": "UDP", "targetPort": "dns"}, selector={"app": "web"}
    )
    ports = [
        {"name": "dns", "containerPort": 54},
        {"name": "dns", "containerPort": 53, "protocol": "UDP"},
    ]
    made = pod("a", "10.0.0.1")
    made["spec"]["containers"][0]["ports"] = ports
    udp = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "udp", "namespace": "shop"},
        "data": {"5353": "shop/dns:53"},
    }
    options = ingc.Options(udp_services_configmap="shop/udp", backends="pods")
    result = ingc.compile([ingress("web", default="dns"), dns, made, udp], options)
    assert result.ir is not None
    assert [str(item.endpoints[0]) for item in result.ir.stream.upstreams] == ["10.0.0.1:53"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("pods", ["10.96.0.1:80"]),
        ("endpoints", ["10.96.0.1:80"]),
        ("node-port", AT_NODES),  # the address may lead nowhere from where nginx is
        ("load-balancer", ["198.51.100.1:80", "198.51.100.2:80"]),
    ],
)
def test_service_upstream_stands_in_for_endpoints_alone(
    mode: BackendMode, expected: list[str]
) -> None:
    asked = ingress(
        "web",
        rule("a.test", path("/", backend("web"))),
        annotations={"nginx.ingress.kubernetes.io/service-upstream": "true"},
    )
    result = ingc.compile([asked, BALANCER, *ALL], ingc.Options(backends=mode))
    assert result.ir is not None
    assert [str(item) for item in result.ir.upstreams[0].endpoints] == expected
