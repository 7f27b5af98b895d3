"""Every way from nginx to a Pod, with every type of Service: who answers, and how often."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ingc.nginx import Nginx
from ingc.options import BackendMode
from tests.nginx.dns import NameServer
from tests.nginx.harness import serving
from tests.nginx.reached import SIX, Reached, answered, reached
from tests.objects import Object, backend, endpoint, path, rule
from tests.shop import ingress, slice_of
from tests.ways import balanced, node, pod

TYPES = ("clusterip", "headless", "nodeport", "balancer", "outer", "bare")
PODS = {"pod-a": 10, "pod-b": 10}
HOSTS = {"host-1": 10, "host-2": 10}
NODES = {"node-1": 10, "node-2": 10}
IP = {"cluster-ip": 20}
OUT = {"out": 20}
NONE = {"503": 20}

MATRIX: dict[BackendMode, tuple[dict[str, int], ...]] = {
    # in the order of TYPES; slices are there for all but headless
    "auto": (PODS, PODS, PODS, PODS, OUT, PODS),
    "endpoints": (PODS, NONE, PODS, PODS, OUT, PODS),
    "cluster-ip": (IP, NONE, IP, IP, OUT, IP),
    "dns": (IP, NONE, IP, IP, OUT, IP),
    "pods": (PODS, PODS, PODS, PODS, OUT, NONE),
    "node-port": (NONE, NONE, NODES, NODES, OUT, NONE),
    "host-port": (HOSTS, HOSTS, HOSTS, HOSTS, OUT, NONE),
    "load-balancer": (NONE, NONE, NONE, {"balancer": 20}, OUT, NONE),
    "external-ips": ({"external": 20}, NONE, NONE, NONE, OUT, NONE),
}


@pytest.fixture(scope="module")
def world() -> Iterator[Reached]:
    """Backends on loopback addresses, by the way that leads there."""
    with reached() as found:
        yield found


def asking(port: int, **annotations: str) -> Object:
    """An Ingress with a path to each Service."""
    paths = (path(f"/{name}", backend(name, port)) for name in TYPES)
    return ingress("web", rule("a.test", *paths), annotations=annotations)


def sliced(world: Reached) -> list[Object]:
    """EndpointSlices of all Services but the headless one."""
    third = endpoint("127.0.1.3", ready=False)
    return [
        slice_of(name, "127.0.1.1", "127.0.1.2", third, port=world.ports["pod"], name=f"{name}-1")
        for name in TYPES
        if name not in ("headless", "outer")
    ]


@pytest.mark.parametrize("mode", MATRIX)
def test_who_answers(nginx: Nginx, world: Reached, mode: BackendMode) -> None:
    expected = dict(zip(TYPES, MATRIX[mode], strict=True))
    objects = [asking(world.ports["service"]), *world.services(), *sliced(world)]
    objects += [*world.pods, *world.nodes]
    names = {f"{name}.shop.svc.cluster.local": "127.0.4.1" for name in TYPES if name != "headless"}
    with NameServer({**names, "out.example.com": "127.0.5.1"}) as server:
        given: dict[str, Any] = {"backends": mode, "resolver": (server.address,)}
        if mode == "auto":  # a headless Service needs slices: its named port is its Pods'
            objects.append(slice_of("headless", "127.0.1.1", "127.0.1.2", port=world.ports["pod"]))
        with serving(nginx, objects, echo=False, **given) as site:
            assert {name: answered(site, f"/{name}") for name in TYPES} == expected


def test_dns_reaches_the_pods_of_a_headless_service(nginx: Nginx, world: Reached) -> None:
    asked = ingress("web", rule("a.test", path("/", "headless")))
    found = world.service("headless", clusterIP="None")
    found["spec"]["ports"] = [{"port": 80, "targetPort": world.ports["pod"]}]
    with NameServer({"headless.shop.svc.cluster.local": "127.0.1.1"}) as server:
        given = {"backends": "dns", "resolver": (server.address,)}
        with serving(nginx, [asked, found], echo=False, **given) as site:
            assert answered(site, "/") == {"pod-a": 20}


def test_each_service_by_the_way_of_its_own(nginx: Nginx, world: Reached) -> None:
    made = {item["metadata"]["name"]: item for item in world.services()}
    ways = {"clusterip": "external-ips", "headless": "pods", "nodeport": "node-port"}
    for name, way in {**ways, "balancer": "load-balancer", "bare": "endpoints"}.items():
        made[name]["metadata"]["annotations"] = {"ingc/backends": way}
    objects = [asking(world.ports["service"]), *made.values(), *sliced(world)]
    objects += [*world.pods, *world.nodes]
    with serving(nginx, objects, echo=False, backends="host-port") as site:
        assert {name: answered(site, f"/{name}") for name in TYPES} == {
            "clusterip": NONE,  # the operator has not asked for externalIPs
            "headless": PODS,
            "nodeport": NODES,
            "balancer": {"balancer": 20},
            "outer": NONE,  # no resolver
            "bare": PODS,
        }


WHICH: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, int]]] = {
    "of an external address": ({}, {"node_address": "external"}, {"balancer": 20}),
    "by their labels": ({}, {"node_selector": "edge"}, {"node-2": 20}),
    "by labels that none has": ({}, {"node_selector": "core"}, NONE),
    "where a Pod is": ({"externalTrafficPolicy": "Local"}, {}, {"node-1": 20}),
}


@pytest.mark.parametrize(("spec", "options", "expected"), WHICH.values(), ids=WHICH)
def test_which_nodes(
    nginx: Nginx,
    world: Reached,
    spec: dict[str, Any],
    options: dict[str, Any],
    expected: dict[str, int],
) -> None:
    found = world.service("web", type="NodePort", **spec)
    if "node_address" in options:  # there is no other backend on a Node's port than those of LOCAL
        found["spec"]["ports"][0]["nodePort"] = world.ports["service"]
    nodes = [
        node("n1", "127.0.2.1", external=("127.0.3.1",)),
        node("n2", "127.0.2.2", labels={"edge": ""}),
    ]
    asked = ingress("web", rule("a.test", path("/", backend("web", world.ports["service"]))))
    objects = [asked, found, *nodes, world.pods[0], world.pods[2]]
    with serving(nginx, objects, echo=False, backends="node-port", **options) as site:
        assert answered(site, "/") == expected


def test_a_pod_of_the_nodes_network(nginx: Nginx, world: Reached) -> None:
    own = pod("a", "127.0.2.1", port=world.ports["host"], hostNetwork=True, hosts=("127.0.2.1",))
    asked = ingress("web", rule("a.test", path("/", backend("web", world.ports["service"]))))
    for mode in ("pods", "host-port"):
        objects = [asked, world.service("web"), own]
        with serving(nginx, objects, echo=False, backends=mode) as site:
            assert answered(site, "/") == {"host-1": 20}


def test_pods_that_are_not_ready_where_the_service_publishes_them(
    nginx: Nginx, world: Reached
) -> None:
    port = world.ports["pod"]
    unready = [pod(n, f"127.0.1.{i}", port=port, ready=False) for i, n in ((1, "a"), (2, "b"))]
    asked = ingress("web", rule("a.test", path("/", backend("web", world.ports["service"]))))
    for publishes, expected in ((True, PODS), (False, NONE)):
        found = world.service("web", publishNotReadyAddresses=publishes)
        with serving(nginx, [asked, found, *unready], echo=False, backends="pods") as site:
            assert answered(site, "/") == expected


def test_a_name_of_a_load_balancer(nginx: Nginx, world: Reached) -> None:
    found = world.service("web", type="LoadBalancer", status=balanced("lb.example.com"))
    asked = ingress("web", rule("a.test", path("/", backend("web", world.ports["service"]))))
    with NameServer({"lb.example.com": "127.0.3.1"}) as server:
        given = {"backends": "load-balancer", "resolver": (server.address,)}
        with serving(nginx, [asked, found], echo=False, **given) as site:
            assert answered(site, "/") == {"balancer": 20}


@pytest.fixture(scope="module")
def six() -> Iterator[Reached]:
    """Backends on the IPv6 loopback."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with reached(SIX) as found:
        yield found


BY_SIX: dict[BackendMode, str] = {
    "auto": "pod-6",
    "endpoints": "pod-6",
    "pods": "pod-6",
    "cluster-ip": "service-6",
    "node-port": "node-6",
    "host-port": "host-6",
    "load-balancer": "service-6",
    "external-ips": "service-6",
}


@pytest.mark.parametrize("mode", BY_SIX)
def test_ipv6(nginx: Nginx, six: Reached, mode: BackendMode) -> None:
    host, port = six.ports["host"], six.ports["pod"]
    found = six.service(
        "web",
        type="LoadBalancer",
        clusterIP="::1",
        externalIPs=["::1"],
        status=balanced("::1"),
    )
    objects = [
        ingress("web", rule("a.test", path("/", backend("web", six.ports["service"])))),
        found,
        slice_of("web", "::1", port=port),
        pod("a", "127.0.1.1", "::1", node="n1", port=port, host_port=host),
        node("n1", "127.0.2.1", "::1"),
    ]
    with serving(nginx, objects, echo=False, backends=mode) as site:
        assert answered(site, "/") == {BY_SIX[mode]: 20}


def test_both_families(nginx: Nginx) -> None:
    """Each family has a port of its own here, so that both are seen."""
    places = {"four": ("127.0.1.1", "pod"), "six": ("::1", "pod")}
    with reached(places) as both:
        made = pod("a", "127.0.1.1", "::1", port=both.ports["pod"])
        found = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {
                "selector": {"app": "web"},
                "ipFamilies": ["IPv4", "IPv6"],
                "ports": [{"port": 80, "targetPort": "http"}],
            },
        }
        asked = ingress("web", rule("a.test", path("/", "web")))
        with serving(nginx, [asked, found, made], echo=False, backends="pods") as site:
            assert answered(site, "/") == {"four": 10, "six": 10}
