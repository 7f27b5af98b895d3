"""After any sequence of changes a `Compiler` has what a compile from nothing has, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.compiler import Result
from ingc.engine.change import change_between
from tests.engine.sequences import Object, Sequence
from tests.objects import endpoint_slice, endpoints, ingress, prefix, rule
from tests.objects import service as service_of
from tests.strategies import deep

SEQUENCES, STEPS = 2_000, 4
ON_ERROR: tuple[Any, ...] = ("isolate", "fail")


def outcome(result: Result) -> tuple[object, ...]:
    return result.ok, result.config, result.files, result.diagnostics, result.ir


@pytest.mark.parametrize("part", range(10))
def test_equal_to_a_compile_from_nothing(part: int) -> None:
    count = (SEQUENCES if deep() else SEQUENCES // 10) // 10
    for seed in range(part * count, (part + 1) * count):
        sequence = Sequence(seed)
        on_error = ON_ERROR[seed % 2]
        compiler = ingc.Compiler(sequence.options, on_error=on_error)
        served = before = None
        upserts, deletes = sequence.first(), []
        there: dict[ingc.ObjectKey, Object] = {}
        for step in range(STEPS):
            change = compiler.apply(upserts, deletes)
            for item in deletes:
                there.pop(compiler.key(item), None)
            there.update((compiler.key(item), item) for item in upserts)
            whole = ingc.compile(
                [there[key] for key in sorted(there)],
                sequence.options,
                on_error=on_error,  # type: ignore[arg-type]
            )
            assert outcome(compiler.result) == outcome(whole), (seed, step)
            expected = change_between(served, before, whole)
            assert change == expected, (seed, step)
            served, before = (whole if whole.ok else served), whole
            assert compiler.config == (served.config if served else None)
            upserts, deletes = sequence.change()


def test_what_changes_nothing_costs_no_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    sequence = Sequence(1)
    compiler = ingc.Compiler(sequence.options)
    before = compiler.apply(sequence.first()).result
    objects = [dict(item) for item in compiler.objects.values() if isinstance(item, dict)]
    monkeypatch.setattr("ingc.engine.compiler.compile_documents", None)
    change = compiler.apply(objects)
    assert change.nothing
    assert change.result is before
    newer = [
        {**item, "metadata": {**item["metadata"], "resourceVersion": "7"}}
        for item in objects
        if item.get("kind") in ("Ingress", "Service")
    ]
    assert newer
    assert compiler.apply(newer).nothing


def service(name: str, address: str = "10.1.0.1") -> Object:
    return service_of(name, {"port": 80}, clusterIP=address)


def hosts(path: str, *names: str) -> list[Object]:
    return [ingress(name, rule(f"{name}.test", prefix(path, name))) for name in names]


def test_a_change_names_what_it_changes() -> None:
    compiler = ingc.Compiler(ingc.Options())
    first = compiler.apply([*hosts("/", "a", "b"), service("a"), service("b")])
    assert (first.hosts, first.frame, first.reload) == (("", "a.test", "b.test"), True, True)
    routed = compiler.apply(hosts("/other", "a"))
    assert (routed.hosts, routed.upstreams, routed.endpoints) == (("a.test",), (), ())
    assert (routed.frame, routed.reload, routed.only_endpoints) == (False, True, False)
    moved = compiler.apply([service("b", "10.9.9.9")])
    assert (moved.endpoints, moved.hosts) == (("default_b_80",), ())
    assert moved.only_endpoints
    assert moved.reload


def test_findings_come_and_go_by_object() -> None:
    compiler = ingc.Compiler(ingc.Options())
    lone = hosts("/", "a")
    change = compiler.apply(lone)
    assert [item.code for item in change.appeared["Ingress default/a"]] == ["ING324"]
    assert change.gone == {}
    change = compiler.apply([service("a")])
    assert change.appeared == {}
    assert [item.code for item in change.gone["Ingress default/a"]] == ["ING324"]
    assert compiler.apply().nothing


def test_an_error_changes_nothing_that_is_served() -> None:
    compiler = ingc.Compiler(ingc.Options(), on_error="fail")
    compiler.apply([*hosts("/", "a"), service("a")])
    served = compiler.config
    change = compiler.apply(
        [{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "a"}}]
    )
    assert not change.result.ok
    assert not change.changes_config
    assert not change.reload
    assert "Ingress default/a" in change.appeared
    assert compiler.config == served
    assert not compiler.apply(hosts("/", "a")).changes_config


def test_what_is_deleted_is_gone() -> None:
    compiler = ingc.Compiler(ingc.Options())
    objects = [*hosts("/", "a", "b"), service("a"), service("b")]
    compiler.apply(objects)
    change = compiler.apply(deletes=[objects[0], ingc.ObjectKey("Service", "default", "a")])
    assert change.hosts == ("a.test",)
    assert change.upstreams == ("default_a_80",)
    assert not compiler.apply(deletes=[objects[0]]).changes_config
    assert [key.name for key in compiler.objects] == ["b", "b"]


def test_of_two_versions_the_later_one_is_the_object() -> None:
    compiler = ingc.Compiler(ingc.Options())
    compiler.apply([*hosts("/", "a"), service("a")])
    old = {
        "apiVersion": "extensions/v1beta1",
        "kind": "Ingress",
        "metadata": {"name": "a", "namespace": "default"},
        "spec": {"backend": {"serviceName": "a", "servicePort": 80}},
    }
    assert compiler.apply([old]).hosts == ("", "a.test")
    assert len(compiler.objects) == 2


@pytest.mark.parametrize("kinds", [("EndpointSlice", "Endpoints"), ("Endpoints",)])
def test_endpoints_count_where_a_service_has_no_slices(kinds: tuple[str, ...]) -> None:
    both = {
        "EndpointSlice": endpoint_slice("a", "10.2.0.1", port=80, namespace="default"),
        "Endpoints": endpoints("a", "10.2.0.2", port=80, namespace="default"),
    }
    headless = service("a", "None")
    compiler = ingc.Compiler(ingc.Options(backends="endpoints"))
    compiler.apply([*hosts("/", "a"), headless, *(both[kind] for kind in kinds)])
    assert compiler.config is not None
    assert ("10.2.0.1:80" in compiler.config) is ("EndpointSlice" in kinds)
    assert ("10.2.0.2:80" in compiler.config) is ("EndpointSlice" not in kinds)
