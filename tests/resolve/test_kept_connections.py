"""How many idle connections are kept to each upstream, where the ConfigMap does not say it."""

from __future__ import annotations

import re

import pytest

import ingc
from tests.objects import Object, config_map, ingress, prefix, rule, service

CONFIG_MAP = "default/conf"


def kept(services: int, *more: Object) -> set[str]:
    """Return the values of ``keepalive`` of so many Services."""
    names = [f"s{number}" for number in range(services)]
    paths = (prefix(f"/{name}", name) for name in names)
    backends = (service(name, {"port": 80}, clusterIP="10.0.0.1") for name in names)
    options = ingc.Options(configmap=CONFIG_MAP if more else None)
    result = ingc.compile([ingress("web", rule("a.test", *paths)), *backends, *more], options)
    assert result.config is not None
    return set(re.findall(r" keepalive (\d+);", result.config))


@pytest.mark.parametrize(("services", "connections"), [(1, "64"), (100, "64"), (101, "32")])
def test_many_upstreams_keep_fewer_connections_each(services: int, connections: str) -> None:
    assert kept(services) == {connections}


def test_a_number_that_is_given_holds_for_many_too() -> None:
    given = config_map("conf", {"upstream-keepalive-connections": "200"})
    assert kept(101, given) == kept(1, given) == {"200"}
