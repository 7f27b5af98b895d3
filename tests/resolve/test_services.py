"""A Service port → endpoints, for every backend mode and every shape of a Service."""

from __future__ import annotations

from typing import get_args

import pytest

import ingc
from ingc.options import BackendMode
from tests.objects import Object, endpoint, path, rule
from tests.resolve.asking import endpoints
from tests.shop import endpoints_of, ingress, service, slice_of

CLUSTER_IP = service("web", {"port": 80, "targetPort": 8080}, clusterIP="10.96.0.1")
UNALLOCATED = service("web", {"port": 80, "targetPort": 8080})
HEADLESS = service("web", {"port": 80, "targetPort": 8080}, clusterIP="None")
HEADLESS_NAMED = service("web", {"port": 80, "targetPort": "http"}, clusterIP="None")
HEADLESS_PLAIN = service("web", {"port": 80}, clusterIP="None")
EXTERNAL = service("web", {"port": 80}, type="ExternalName", externalName="out.example.com")
IPV6 = service("web", clusterIP="fd00::1")
READY = slice_of("web", "10.0.0.2", "10.0.0.1")
EMPTY = slice_of("web")

IP = ["10.96.0.1:80"]
PODS = ["10.0.0.1:8080", "10.0.0.2:8080"]
NAME = ["web.shop.svc.cluster.local:80 dns"]
PODS_NAME = ["web.shop.svc.cluster.local:8080 dns"]
OUT = ["out.example.com:80 dns"]


MATRIX: list[tuple[list[Object], dict[BackendMode, list[str] | str]]] = [
    (
        [CLUSTER_IP],
        {"auto": IP, "endpoints": "ING314", "cluster-ip": IP, "dns": NAME},
    ),
    (
        [CLUSTER_IP, READY],
        {"auto": PODS, "endpoints": PODS, "cluster-ip": IP, "dns": NAME},
    ),
    (
        [CLUSTER_IP, EMPTY],  # a Service with a slice uses slices, even empty ones
        {"auto": "ING314", "endpoints": "ING314", "cluster-ip": IP, "dns": NAME},
    ),
    (
        [UNALLOCATED],
        {"auto": NAME, "endpoints": "ING314", "cluster-ip": "ING315", "dns": NAME},
    ),
    (
        [UNALLOCATED, READY],
        {"auto": PODS, "endpoints": PODS, "cluster-ip": "ING315", "dns": NAME},
    ),
    (
        [HEADLESS],  # its name gives the Pods, so the port is theirs
        {"auto": PODS_NAME, "endpoints": "ING314", "cluster-ip": "ING315", "dns": PODS_NAME},
    ),
    (
        [HEADLESS, READY],
        {"auto": PODS, "endpoints": PODS, "cluster-ip": "ING315", "dns": PODS_NAME},
    ),
    (
        [HEADLESS_PLAIN],
        {"auto": NAME, "endpoints": "ING314", "cluster-ip": "ING315", "dns": NAME},
    ),
    (
        [HEADLESS_NAMED],
        {"auto": "ING317", "endpoints": "ING314", "cluster-ip": "ING315", "dns": "ING317"},
    ),
    (
        [HEADLESS_NAMED, READY],
        {"auto": PODS, "endpoints": PODS, "cluster-ip": "ING315", "dns": "ING317"},
    ),
    (
        [EXTERNAL],
        {"auto": OUT, "endpoints": OUT, "cluster-ip": OUT, "dns": OUT},
    ),
    (
        [IPV6],
        {"auto": ["fd00::1:80"], "cluster-ip": ["fd00::1:80"], "dns": NAME},
    ),
    (
        [],  # not in the input
        {"auto": NAME, "endpoints": "ING311", "cluster-ip": "ING311", "dns": NAME},
    ),
    (
        [READY],  # a slice without its Service does not say which port is meant
        {"auto": NAME, "endpoints": "ING311", "cluster-ip": "ING311", "dns": NAME},
    ),
    (
        # from a cluster, so that a Service that is not there does not exist
        [service("web", clusterIP="10.96.0.2", namespace="other")],
        dict.fromkeys(get_args(BackendMode), "ING311"),
    ),
]


@pytest.mark.parametrize(
    ("objects", "mode", "expected"),
    [(objects, mode, expected) for objects, row in MATRIX for mode, expected in row.items()],
)
def test_modes(objects: list[Object], mode: BackendMode, expected: list[str] | str) -> None:
    assert endpoints(objects, backends=mode) == expected


TWO_PORTS = service(
    "web",
    {"name": "http", "port": 80, "targetPort": "web"},
    {"name": "admin", "port": 9000, "targetPort": 9001},
    clusterIP="10.96.0.1",
)

PORTS: list[tuple[list[Object], int | str, list[str] | str]] = [
    ([TWO_PORTS], "http", ["10.96.0.1:80"]),
    ([TWO_PORTS], "admin", ["10.96.0.1:9000"]),
    ([TWO_PORTS], 9000, ["10.96.0.1:9000"]),
    ([TWO_PORTS], 9001, "ING313"),  # never the targetPort
    ([TWO_PORTS], "web", "ING313"),
    ([TWO_PORTS], 443, "ING313"),
    ([service("web", {"name": "udp", "port": 53, "protocol": "UDP"})], 53, "ING313"),
    ([TWO_PORTS, slice_of("web", "10.0.0.1", port_name="http", port=3000)], 80, ["10.0.0.1:3000"]),
    (
        # a named targetPort may be another number in each slice
        [
            TWO_PORTS,
            slice_of("web", "10.0.0.1", name="a", port_name="http", port=3000),
            slice_of("web", "10.0.0.2", name="b", port_name="http", port=4000),
        ],
        "http",
        ["10.0.0.1:3000", "10.0.0.2:4000"],
    ),
    (
        # slices that lack the port's name do not serve it
        [
            TWO_PORTS,
            slice_of("web", "10.0.0.1", name="a", port_name="admin", port=9001),
            slice_of("web", "10.0.0.2", name="b", port_name="http", port=4000),
        ],
        "http",
        ["10.0.0.2:4000"],
    ),
    ([TWO_PORTS, slice_of("web", "10.0.0.1", port_name="other")], "http", "ING314"),
    ([TWO_PORTS, slice_of("web", "10.0.0.1", port_name="http", port=None)], "http", "ING314"),
    ([CLUSTER_IP, slice_of("web", "10.0.0.1", port_name="http")], 80, "ING314"),
]


@pytest.mark.parametrize(("objects", "port", "expected"), PORTS)
def test_ports(objects: list[Object], port: int | str, expected: list[str] | str) -> None:
    assert endpoints(objects, port) == expected


SLICES: list[tuple[list[Object], list[str] | str]] = [
    ([slice_of("web", "10.0.0.1", endpoint("10.0.0.2", ready=False))], ["10.0.0.1:8080"]),
    ([slice_of("web", endpoint("10.0.0.1", ready=False))], "ING314"),
    ([slice_of("web", endpoint("10.0.0.1", ready=None))], ["10.0.0.1:8080"]),
    (
        # terminating ones that still serve are used where none is ready, and only there
        [slice_of("web", endpoint("10.0.0.1", ready=False, serving=True, terminating=True))],
        ["10.0.0.1:8080"],
    ),
    (
        [
            slice_of(
                "web",
                "10.0.0.2",
                endpoint("10.0.0.1", ready=False, serving=True, terminating=True),
            )
        ],
        ["10.0.0.2:8080"],
    ),
    (
        [slice_of("web", endpoint("10.0.0.1", ready=False, serving=False, terminating=True))],
        "ING314",
    ),
    ([slice_of("web", endpoint("10.0.0.1", ready=False, serving=True))], "ING314"),
    ([slice_of("web", endpoint("10.0.0.1", ready=False, terminating=True))], ["10.0.0.1:8080"]),
    (
        # the same address in two slices counts once; another port is another endpoint
        [
            slice_of("web", "10.0.0.1", "10.0.0.1", name="a"),
            slice_of("web", "10.0.0.1", name="b"),
            slice_of("web", "10.0.0.1", name="c", port=9090),
        ],
        ["10.0.0.1:8080", "10.0.0.1:9090"],
    ),
    (
        # dual stack: IPv4 first, by number
        [
            slice_of("web", "fd00::2", "fd00::1", name="six"),
            slice_of("web", "10.0.0.10", "10.0.0.9", name="four"),
        ],
        ["10.0.0.9:8080", "10.0.0.10:8080", "fd00::1:8080", "fd00::2:8080"],
    ),
    ([slice_of("web", "192.0.2.1")], ["192.0.2.1:8080"]),
    ([slice_of("other", "10.0.0.1")], ["10.96.0.1:80"]),
    ([slice_of("web", "10.0.0.1", namespace="other")], ["10.96.0.1:80"]),
    ([endpoints_of("web", "10.0.0.3")], ["10.0.0.3:8080"]),
    ([endpoints_of("web", not_ready=("10.0.0.3",))], "ING314"),
    ([endpoints_of("web", "10.0.0.3", not_ready=("10.0.0.4",))], ["10.0.0.3:8080"]),
    ([endpoints_of("other", "10.0.0.3")], ["10.96.0.1:80"]),
    # slices win over Endpoints, which the cluster mirrors from them
    ([endpoints_of("web", "10.0.0.3"), slice_of("web", "10.0.0.1")], ["10.0.0.1:8080"]),
    ([slice_of("web"), endpoints_of("web", "10.0.0.3")], "ING314"),
]


@pytest.mark.parametrize(("objects", "expected"), SLICES)
def test_slices_and_endpoints(objects: list[Object], expected: list[str] | str) -> None:
    for order in (objects, objects[::-1]):
        assert endpoints([CLUSTER_IP, *order]) == expected


def test_endpoints_without_subsets_are_empty_ones() -> None:
    bare = {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": "web", "namespace": "shop"},
    }
    assert endpoints([CLUSTER_IP, bare]) == "ING314"


def test_a_slice_that_names_no_service_belongs_to_none() -> None:
    stray = slice_of("web", "10.0.0.1")
    del stray["metadata"]["labels"]
    assert endpoints([CLUSTER_IP, stray]) == ["10.96.0.1:80"]


WHY = [
    ([CLUSTER_IP, EMPTY], "its EndpointSlices list no endpoint"),
    ([CLUSTER_IP, slice_of("web", "10.0.0.1", port_name="x")], 'has a port named ""'),
    (
        [CLUSTER_IP, slice_of("web", endpoint("10.0.0.1", ready=False))],
        "is not ready",
    ),
]


@pytest.mark.parametrize(("objects", "why"), WHY)
def test_why_there_is_no_endpoint(objects: list[Object], why: str) -> None:
    result = ingc.compile([ingress("web", rule(None, path("/", "web"))), *objects])
    (found,) = [d for d in result.diagnostics if d.code == "ING314"]
    assert why in found.message
    assert found.field == "spec.rules[0].http.paths[0].backend"
    assert result.ok


def test_strict_makes_errors_of_it() -> None:
    asked = ingress("web", rule(None, path("/", "web")))
    result = ingc.compile([asked, CLUSTER_IP, EMPTY], ingc.Options(strict=True))
    assert not result.ok
    assert [d.code for d in result.errors] == ["ING314"]


HINTED = [
    # the zones of each endpoint, the hosts that serve zone a
    ([["a"], ["b"]], [1]),
    ([["a", "b"], ["b"], ["b", "a"]], [1, 3]),
    ([["b"], ["c"]], [1, 2]),  # none is for the zone
    ([["a"], []], [1, 2]),  # not all are hinted
    ([["a"], ["A"]], [1]),
]


@pytest.mark.parametrize(("zones", "serving"), HINTED)
def test_hints_choose_endpoints_of_the_zone(zones: list[list[str]], serving: list[int]) -> None:
    made = [
        endpoint(f"10.0.0.{number}") | {"hints": {"forZones": [{"name": zone} for zone in named]}}
        for number, named in enumerate(zones, 1)
    ]
    made.append(endpoint("10.0.0.9", ready=False))  # has no hint, and counts for nothing
    objects = [CLUSTER_IP, slice_of("web", *made)]
    asked = {"enable_topology_aware_routing": True, "topology_zone": "a"}
    assert endpoints(objects, **asked) == [f"10.0.0.{number}:8080" for number in serving]
    assert endpoints(objects) == [f"10.0.0.{n}:8080" for n in range(1, len(zones) + 1)]
