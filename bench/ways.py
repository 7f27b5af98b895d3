"""Inputs that grow by the way to a Service's Pods: many Services, and many endpoints of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from shapes import NOW, Object, Shape, ingress, object_of, path

import ingc
from ingc.options import BackendMode

_MODES: tuple[BackendMode, ...] = (
    *("auto", "endpoints", "cluster-ip", "dns", "pods"),
    *("node-port", "host-port", "load-balancer", "external-ips"),
)
_NODES = 5
_READY = [{"type": "Ready", "status": "True"}]


def _address(number: int, first: int = 10) -> str:
    return f"{first}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _service(name: str, number: int, balancers: int = 1) -> Object:
    outside = [_address(item, 198) for item in range(number, number + balancers)]
    spec = {
        "type": "LoadBalancer",
        "clusterIP": _address(number, 10),
        "selector": {"tier": "web", "app": name},
        "externalIPs": outside,
        "ports": [{"port": 80, "targetPort": "http", "nodePort": 30000 + number % 2768}],
    }
    status = {"loadBalancer": {"ingress": [{"ip": item} for item in outside]}}
    return object_of("Service", name, spec=spec, status=status)


def _pod(app: str, number: int) -> Object:
    ports = [{"name": "http", "containerPort": 8080, "hostPort": 1024 + number % 30000}]
    node = number % _NODES
    address = _address(number, 172)
    found = object_of(
        "Pod",
        f"{app}-{number}",
        spec={"nodeName": f"n{node}", "containers": [{"name": "web", "ports": ports}]},
        status={"podIP": address, "podIPs": [{"ip": address}], "conditions": _READY},
    )
    found["metadata"]["labels"] = {"tier": "web", "app": app}
    return found


def _node(number: int) -> Object:
    addresses = [{"type": "InternalIP", "address": _address(number, 192)}]
    found = object_of("Node", f"n{number}", status={"addresses": addresses, "conditions": _READY})
    del found["metadata"]["namespace"]
    return found


def _slice(app: str, numbers: range) -> Object:
    found = object_of(
        "EndpointSlice",
        app,
        "discovery.k8s.io/v1",
        addressType="IPv4",
        ports=[{"port": 8080}],
        endpoints=[{"addresses": [_address(number, 172)]} for number in numbers],
    )
    found["metadata"]["labels"] = {"kubernetes.io/service-name": app}
    return found


def _services(size: int) -> Iterator[Object]:
    """Services with an Ingress and two Pods each."""
    yield from map(_node, range(_NODES))
    for number in range(size):
        name = f"w{size}-{number}"
        yield ingress(name, f"{name}.example.com", [path("/", name)], {})
        yield _service(name, number)
        pods = range(2 * number, 2 * number + 2)
        yield from (_pod(name, item) for item in pods)
        yield _slice(name, pods)


def _endpoints(size: int) -> Iterator[Object]:
    """One Service with so many Pods, Nodes and addresses."""
    name = f"w{size}"
    yield ingress(name, f"{name}.example.com", [path("/", name)], {})
    yield _service(name, 1, balancers=size)
    yield from map(_node, range(size))
    yield from (_pod(name, number) for number in range(size))
    yield _slice(name, range(size))


_GROWING: tuple[tuple[str, Callable[[int], Iterator[Object]], int], ...] = (
    ("Services by {}", _services, 1250),
    ("endpoints by {}", _endpoints, 1000),
)


def ways() -> Iterator[Shape]:
    """Yield the shapes of every mode: to 10,000 Services, and to 8,000 endpoints."""
    options = ingc.Options(now=NOW, resolver=("10.96.0.10",))
    for mode in _MODES:
        for name, objects, first in _GROWING:
            given = dataclasses.replace(options, backends=mode)
            yield Shape(name.format(mode), objects, first, given)
