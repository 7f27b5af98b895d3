"""A shape is all of a host and of its upstreams, but for the names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from ingc import ir
from ingc.alike.representative import VARIANTS, representative_of
from ingc.alike.shapes import shapes_of, upstream_key
from ingc.ir import (
    Certificate,
    Endpoint,
    Host,
    Https,
    Prefix,
    Proxy,
    Route,
    RouteOrigin,
    ServiceTarget,
    Upstream,
)
from ingc.ir.features.redirects import HttpsRedirect
from ingc.kinds.openshift import ROUTE
from tests.engine.configs import golden_configs

ORIGIN = RouteOrigin("web", "shop", "spec.rules[0].http.paths[0]")
SERVICE = ServiceTarget("web", "front", 80)
ROUTE_OF_IT = Route(Prefix("/"), Proxy("web_front_80"), ORIGIN, "/", "Prefix", SERVICE)
HOST = Host(
    "shop.test",
    (ROUTE_OF_IT,),
    dataclasses.replace(ROUTE_OF_IT, path="", path_type=""),
    https=Https(Certificate("files/a.crt", "files/a.key"), redirect=True),
)
UPSTREAM = Upstream("web_front_80", (Endpoint("10.0.0.1", 8080),), SERVICE)
NAMES = {
    "Host.name",
    "RouteOrigin.namespace",
    "RouteOrigin.name",
    "ServiceTarget.namespace",
    "ServiceTarget.service",
    "Proxy.upstream",
    "Upstream.name",
    "Endpoint.address",
    "Certificate.certificate",
    "Certificate.key",
}
"""What may differ between hosts of one shape."""


def config_of(*pairs: tuple[Host, Upstream]) -> ir.Config:
    base = next(item for item in golden_configs() if not item.needs_stream)
    anybody = next(host for host in base.hosts if host.name == ir.ANY_HOST)
    hosts = sorted([anybody, *(host for host, _ in pairs)], key=lambda host: host.name)
    upstreams = tuple(upstream for _, upstream in pairs)
    return dataclasses.replace(base, hosts=tuple(hosts), upstreams=upstreams)


def renamed(value: Any, old: str, new: str) -> Any:
    """Return a value with another name in it, wherever one stands."""
    if isinstance(value, str):
        return new if value == old else value
    if isinstance(value, tuple):
        return tuple(renamed(item, old, new) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: renamed(getattr(value, field.name), old, new)
            for field in dataclasses.fields(value)
            if field.compare and field.name not in {"kind", "features"}
        }
        return dataclasses.replace(value, **changed)
    return value


def other(value: Any) -> Any:
    """Return another value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value + "x"
        case Prefix():
            return ir.Exact(value.path)
    raise NotImplementedError(value)


OTHERS: dict[str, Any] = {
    "Host.https": None,
    "Host.features": (HttpsRedirect(301),),
    "Host.dead": (ir.DeadRoute(ROUTE_OF_IT, "why"),),
    "Host.routes": (),
    "Host.default": dataclasses.replace(ROUTE_OF_IT, action=ir.StatusAnswer(404)),
    "Route.match": ir.Exact("/"),
    "Route.action": ir.StatusAnswer(503),
    "Route.service": None,
    "Route.features": (HttpsRedirect(301),),
    "RouteOrigin.kind": ROUTE,
    "Https.certificate": None,
    "Upstream.features": ("a feature",),
    "Upstream.shares": (ir.ServiceShare(SERVICE, 1),),
    "Upstream.endpoints": (*UPSTREAM.endpoints, Endpoint("10.0.0.9", 8080)),
    "Endpoint.dns": True,
}
KINDS = (Host, Route, RouteOrigin, ServiceTarget, Proxy, Https, Certificate, Upstream, Endpoint)
SINGLE = {"Route.origin", "Upstream.service"}
"""Of these each field is tried by itself."""


def changed(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield a value with each of its fields another one, and with those of what it holds."""
    if isinstance(value, tuple):
        for place, item in enumerate(value):
            for name, new in changed(item):
                yield name, (*value[:place], new, *value[place + 1 :])
    if not isinstance(value, KINDS):
        return
    for field in dataclasses.fields(value):
        if not field.compare:
            continue
        name, held = f"{type(value).__name__}.{field.name}", getattr(value, field.name)
        if name in OTHERS:
            yield name, dataclasses.replace(value, **{field.name: OTHERS[name]})
        elif not dataclasses.is_dataclass(held):
            yield name, dataclasses.replace(value, **{field.name: other(held)})
        for inner, new in changed(held):
            yield inner, dataclasses.replace(value, **{field.name: new})


def other_host() -> tuple[Host, Upstream]:
    host, upstream = HOST, UPSTREAM
    for number, name in enumerate(
        ("shop.test", "web", "shop", "front", "web_front_80", "files/a.crt", "files/a.key")
    ):
        host = renamed(host, name, f"z{number}{name}")
        upstream = renamed(upstream, name, f"z{number}{name}")
    return host, renamed(upstream, "10.0.0.1", "10.0.0.2")


def test_hosts_with_other_names_have_one_shape() -> None:
    config = config_of((HOST, UPSTREAM), other_host())
    assert [len(some) for some in shapes_of(config, 2).alike] == [2]


FIELDS = [
    *((f"{at} {name}", (new, UPSTREAM)) for at, (name, new) in enumerate(changed(HOST))),
    *((f"{at} {name}", (HOST, new)) for at, (name, new) in enumerate(changed(UPSTREAM))),
]


@pytest.mark.parametrize(("name", "pair"), FIELDS, ids=[name for name, _ in FIELDS])
def test_each_field_counts_but_for_names(name: str, pair: tuple[Host, Upstream]) -> None:
    if name.split()[1] in NAMES:
        return
    assert shapes_of(config_of(pair, other_host()), 2).alike == ()


def test_all_fields_were_tried() -> None:
    tried = {name.split()[1] for name, _ in FIELDS}
    fields = {f"{k.__name__}.{f.name}" for k in KINDS for f in dataclasses.fields(k) if f.compare}
    assert fields - tried <= SINGLE


def test_equal_names_are_equal_in_each_host_of_a_shape() -> None:
    host, upstream = other_host()
    (route,) = host.routes
    strange = dataclasses.replace(route.origin, namespace="elsewhere")
    routes = (dataclasses.replace(route, origin=strange),)
    config = config_of((HOST, UPSTREAM), (dataclasses.replace(host, routes=routes), upstream))
    assert shapes_of(config, 2).alike == ()


def test_names_that_are_no_plain_words_are_like_no_other() -> None:
    for name in ("sh op.test", "shop;test", "shop$test", "sh\nop.test", "s" * 400, "-shop.test"):
        host, upstream = other_host()
        config = config_of((HOST, UPSTREAM), (dataclasses.replace(host, name=name), upstream))
        assert shapes_of(config, 2).alike == ()


def test_names_of_the_dns_are_like_no_other() -> None:
    ends = (Endpoint("web.example", 80, dns=True), Endpoint("unix:/x", 0))
    for end in ends:
        assert upstream_key(dataclasses.replace(UPSTREAM, endpoints=(end,))) is None


def test_no_name_of_a_representative_is_part_of_another() -> None:
    (members,) = shapes_of(config_of((HOST, UPSTREAM), other_host()), 2).alike
    found = {UPSTREAM.name: UPSTREAM}
    names: list[str] = []
    for variant in VARIANTS:
        for shape in (*range(30), 199, 200, 40_000):
            made = representative_of(members[0], shape, variant, found)
            names += [*made.names, *(e.address for u in made.upstreams for e in u.endpoints)]
    assert len(set(names)) == len(names)
    assert not any(a in b for a in names for b in names if a is not b)
