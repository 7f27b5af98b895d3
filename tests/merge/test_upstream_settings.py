"""What holds for the upstream of Ingresses that share a Service."""

from __future__ import annotations

import pytest

import ingc
from ingc.ir.features.load_balance import LeastTime
from tests.objects import path, rule
from tests.shop import ingress, service

PREFIX = "nginx.ingress.kubernetes.io/"
SETTINGS = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "namespace": "ops"},
    "data": {"load-balance": "ewma"},
}


@pytest.mark.parametrize(
    ("first", "second", "by_time"),
    [
        (None, None, True),
        ("round_robin", None, False),
        (None, "round_robin", False),
        ("ewma", "round_robin", True),
        ("round_robin", "ewma", False),
    ],
)
def test_an_annotation_outweighs_the_configmap_and_the_first_one_a_later_one(
    first: str | None, second: str | None, by_time: bool
) -> None:
    objects = [SETTINGS, service("web", clusterIP="10.96.0.1")]
    for name, host, method in (("a", "a.test", first), ("b", "b.test", second)):
        asked = {PREFIX + "load-balance": method} if method is not None else {}
        objects.append(ingress(name, rule(host, path("/", "web")), annotations=asked))
    result = ingc.compile(objects, ingc.Options(configmap="ops/settings"))
    assert result.ir is not None
    (upstream,) = result.ir.upstreams
    assert any(isinstance(item, LeastTime) for item in upstream.features) is by_time
