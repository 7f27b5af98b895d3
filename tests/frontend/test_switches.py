"""An annotation that says what holds anyway asks for nothing."""

from __future__ import annotations

import pytest

import ingc
from ingc.frontend.annotations.declare import Annotation
from ingc.frontend.annotations.registry import FAMILIES, PREFIX
from ingc.frontend.declarations.grammars import BOOL
from tests.objects import Object, path, rule
from tests.shop import ingress, service

PRINTED = {"enable-rewrite-log"}
"""What is off where nobody asks for it, and printed where somebody does: a ConfigMap may say on."""
SWITCHES = [
    item.name
    for family in FAMILIES
    for item in family.declarations
    if isinstance(item, Annotation)
    and item.grammar is BOOL
    and item.default
    and item.name not in PRINTED
]
DEFAULTS = {
    item.name: item.default
    for family in FAMILIES
    for item in family.declarations
    if isinstance(item, Annotation)
}


def compiled(annotations: dict[str, str]) -> ingc.Result:
    """Compile two Ingresses of a host, one of which has annotations."""
    asked: dict[str, str] = {f"{PREFIX}/{name}": value for name, value in annotations.items()}
    objects: list[Object] = [
        ingress("web", rule("a.test", path("/a.b", "web")), annotations=asked),
        ingress("other", rule("a.test", path("/other", "web"))),
        service("web", clusterIP="10.96.0.1"),
    ]
    return ingc.compile(objects, ingc.Options(enable_ssl_passthrough=True))


def test_there_are_switches() -> None:
    assert {"use-regex", "canary", "enable-cors", "ssl-passthrough"} <= set(SWITCHES)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_at_its_default_changes_nothing(name: str) -> None:
    found, plain = compiled({name: DEFAULTS[name]}), compiled({})
    assert found.ir == plain.ir
    assert found.config == plain.config
