"""No form of a Deployment, a ConfigMap or Helm values ends a report."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingc.migrate.rendering import render
from tests.k8s.mutations import VALUES, changed, paths
from tests.migrate.reports import report

CLUSTER = Path(__file__).parents[2] / "examples" / "cluster.yaml"
CHART = {
    "controller": {
        "config": {"use-gzip": "true"},
        "extraArgs": {"http-port": "81"},
        "ingressClassResource": {"name": "nginx", "controllerValue": "k8s.io/ingress-nginx"},
        "scope": {"enabled": True, "namespace": "shop"},
        "containerPort": {"http": 80},
    },
    "tcp": {"5432": "shop/db:5432"},
    "defaultBackend": {"enabled": True},
}
OBJECTS = [*yaml.safe_load(CLUSTER.read_text(encoding="utf-8"))["items"], CHART]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data())
def test_any_value_at_any_place(data: st.DataObject) -> None:
    kinds = ("Deployment", "ConfigMap", "IngressClass", None)
    numbers = [n for n, item in enumerate(OBJECTS) if item.get("kind") in kinds]
    number = data.draw(st.sampled_from(numbers))
    path = data.draw(st.sampled_from(sorted(paths(OBJECTS[number]), key=str)))
    odd = changed(OBJECTS[number], path, data.draw(VALUES), delete=data.draw(st.booleans()))
    found = report([*OBJECTS[:number], odd, *OBJECTS[number + 1 :]])
    for form in ("text", "json", "markdown", "html"):
        text = render(found, form)
        text.encode()
        assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("text", ["[]", "3", "null", "a", "{}", "[[[1]]]", "{a: {b: [{}]}}"])
@pytest.mark.parametrize("key", [*CHART, "controller.config", "controller.scope"])
def test_any_form_of_a_value_of_the_chart(key: str, text: str) -> None:
    odd = changed(CHART, tuple(key.split(".")), yaml.safe_load(text), delete=False)
    assert render(report([odd, *OBJECTS[:-1]]), "text")
