"""Names that nginx's table does not hold cost others nothing when something else changes."""

from __future__ import annotations

from unittest import mock

import pytest

import ingc
from ingc.engine.printing import RefusedNames, StepPrinter
from ingc.prove import Share, Unproved, Unstartable
from ingc.syntax.hash_table import Size
from tests.colliding import colliding_hosts
from tests.objects import Object, annotated, ingress, prefix, rule, service

EVIL = ingress(
    "evil",
    *(rule(host, prefix("/", "evil")) for host in colliding_hosts(300)),
    namespace="evil",
)


def objects() -> list[Object]:
    return [
        EVIL,
        *(ingress(f"i{n}", rule(f"h{n}.test", prefix("/", f"s{n}"))) for n in range(4)),
        *(service(f"s{n}", {"port": 80}, clusterIP=f"10.1.0.{n + 1}") for n in range(4)),
        service("evil", {"port": 80}, namespace="evil", clusterIP="10.1.0.9"),
    ]


CHANGES: dict[str, tuple[Object, bool]] = {
    "a path": (ingress("i1", rule("h1.test", prefix("/x", "s1"))), False),
    "an annotation": (
        ingress(
            "i1", rule("h1.test", prefix("/", "s1")), annotations=annotated(proxy_body_size="1m")
        ),
        False,
    ),
    "an address": (service("s2", {"port": 80}, clusterIP="10.1.0.77"), False),
    "a host more": (ingress("new", rule("new.test", prefix("/", "s1"))), True),
    "the one with the names": (
        ingress("evil", rule("evil.test", prefix("/", "evil")), namespace="evil"),
        True,
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_gives_what_a_compile_from_nothing_gives(what: str) -> None:
    changed, anew = CHANGES[what]
    compiler = ingc.Compiler(on_error="isolate")
    compiler.apply(objects())
    with mock.patch.object(
        StepPrinter, "_whole", autospec=True, side_effect=StepPrinter._whole
    ) as whole:
        change = compiler.apply([changed])
    others = [item for item in objects() if _key(item) != _key(changed)]
    expected = ingc.compile([*others, changed], on_error="isolate")
    assert change.result.config == expected.config
    assert change.result.diagnostics == expected.diagnostics
    assert bool(expected.errors) == (what != "the one with the names")
    assert anew or whole.call_count == 0


def _key(item: Object) -> tuple[str, ...]:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]


def test_only_refusals_for_names_of_servers_are_kept() -> None:
    config = ingc.compile(objects(), on_error="isolate").ir
    assert config is not None
    size = Size(512, 64)
    named = Share("h1.test", config.hosts[-1], ())
    right = Unstartable("why", 0, None, shares=(named,), size=size)
    other = Unstartable("why", 0, None, shares=(named, Share("ingc_x", None, ())), size=size)
    alone = Unstartable("why", 0, None, shares=(named,))
    assert RefusedNames.of(config, (right,)) == RefusedNames(config, (right,))
    for found in ((), (other,), (alone,), (right, other), (right, Unproved("why", 0, None))):
        assert RefusedNames.of(config, found) is None
