"""After any sequence of changes a `Compiler` has what a compile from nothing has, byte for byte."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest

import ingc
from ingc.compiler import Result
from ingc.engine import objects
from ingc.engine.change import change_between
from ingc.engine.queries import Queries
from tests.engine.crowded import Crowd
from tests.engine.sequences import Object, Sequence
from tests.objects import endpoint_slice, endpoints, ingress, prefix, rule
from tests.objects import service as service_of
from tests.strategies import deep

SEQUENCES, STEPS = 2_000, 4
CROWDS, STEPS_OF_CROWDS = 1_000, 8
MOST = 300
"""So many crowds are tried until one shows that a note is missing."""
ON_ERROR: tuple[Any, ...] = ("isolate", "fail")


def outcome(result: Result) -> tuple[object, ...]:
    return result.ok, result.config, result.files, result.diagnostics, result.ir


def kept(result: Result) -> tuple[object, ...]:
    """Return what a result has that does not count when two are compared."""
    config = result.ir
    if config is None:
        return ()
    hosts = [(host.tenancy, host.regex_causes) for host in config.hosts]
    return hosts, config.settings.at_start, list(map(repr, result.diagnostics))


def first_difference(sequence: Sequence | Crowd, on_error: Any, steps: int) -> int | None:
    """Return the step at which a `Compiler` has something else than a compile from nothing."""
    compiler = ingc.Compiler(sequence.options, on_error=on_error)
    served = before = None
    upserts, deletes = sequence.first(), []
    there: dict[ingc.ObjectKey, Object] = {}
    for step in range(steps):
        change = compiler.apply(upserts, deletes)
        for item in deletes:
            there.pop(compiler.key(item), None)
        there.update((compiler.key(item), item) for item in upserts)
        listed = [there[key] for key in sorted(there)]
        whole = ingc.compile(listed, sequence.options, on_error=on_error)
        expected = change_between(served, before, whole)
        served, before = (whole if whole.ok else served), whole
        same = outcome(compiler.result) == outcome(whole) and kept(compiler.result) == kept(whole)
        config = served.config if served else None
        if not same or change != expected or compiler.config != config:
            return step
        upserts, deletes = sequence.change()
    return None


@pytest.mark.parametrize("part", range(10))
def test_equal_to_a_compile_from_nothing(part: int) -> None:
    count = (SEQUENCES if deep() else SEQUENCES // 10) // 10
    for seed in range(part * count, (part + 1) * count):
        assert first_difference(Sequence(seed), ON_ERROR[seed % 2], STEPS) is None, seed


@pytest.mark.parametrize("part", range(10))
def test_equal_where_all_share_a_few_names(part: int) -> None:
    count = (CROWDS if deep() else CROWDS // 10) // 10
    for seed in range(part * count, (part + 1) * count):
        assert first_difference(Crowd(seed), ON_ERROR[seed % 2], STEPS_OF_CROWDS) is None, seed


@pytest.mark.parametrize(
    "kind",
    [
        *(objects.INGRESS, objects.OTHER, objects.CLASS, objects.NAMESPACE, objects.CONFIG_MAP),
        *(objects.SERVICE, objects.SERVICES_OF, objects.SLICES, objects.BESIDE, objects.SECRET),
        objects.PLACES,
    ],
)
def test_what_is_looked_up_is_noted(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the note of one kind of look-up something is not found anew."""
    without_notes_of(kind, monkeypatch)
    found = (first_difference(Crowd(seed), "isolate", STEPS_OF_CROWDS) for seed in range(MOST))
    assert any(step is not None for step in found)


@pytest.mark.parametrize("noted", [True, False])
def test_a_look_at_encrypted_secrets_is_noted(noted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Secret that is not in the input comes as a SealedSecret, which nobody here can open."""
    if not noted:
        without_notes_of(objects.ENCRYPTED, monkeypatch)
    web = ingress("web", rule("a.test", prefix("/", "a")), tls=[{"secretName": "a"}])
    meta = {"name": "a", "namespace": "default"}
    sealed = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": meta}
    compiler = ingc.Compiler(ingc.Options())
    compiler.apply([web])
    compiler.apply([sealed])
    whole = ingc.compile([web, sealed], ingc.Options(), on_error="isolate")
    assert (outcome(compiler.result) == outcome(whole)) == noted


def without_notes_of(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine forget that it has read anything of one kind."""
    note = Queries._read

    def without(self: Queries, read: str, key: Hashable) -> None:
        if read != kind:
            note(self, read, key)

    monkeypatch.setattr(Queries, "_read", without)


def test_what_did_not_change_is_the_same_object() -> None:
    compiler = ingc.Compiler(ingc.Options())
    compiler.apply([*hosts("/", "a", "b"), service("a"), service("b")])
    before = compiler.result.ir
    compiler.apply([*hosts("/other", "a"), service("a", "10.1.0.9")])
    after = compiler.result.ir
    assert before is not None
    assert after is not None
    same = [one is other for one, other in zip(before.hosts, after.hosts, strict=True)]
    assert same == [True, False, True]
    assert [one is other for one, other in zip(before.upstreams, after.upstreams, strict=True)] == [
        False,
        True,
    ]
    assert before.settings is after.settings
    assert before.stream is after.stream


def test_what_changes_nothing_costs_no_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    sequence = Sequence(1)
    compiler = ingc.Compiler(sequence.options)
    before = compiler.apply(sequence.first()).result
    objects = [dict(item) for item in compiler.objects.values() if isinstance(item, dict)]
    monkeypatch.setattr("ingc.engine.compiler.compile_ir", None)
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


def test_names_that_are_gone_are_not_kept() -> None:
    """Each step takes other names, and what is noted of names stays as much as it was."""
    compiler = ingc.Compiler(ingc.Options())

    def noted(number: int) -> int:
        new, old = f"n{number}", f"n{number - 1}"
        meta = {"metadata": {"name": new, "namespace": new}}
        sealed = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret"} | meta
        made = [
            ingress(new, rule(f"{new}.test", prefix("/", new)), namespace=new),
            service_of(new, 80) | meta,
            {"apiVersion": "v1", "kind": "Secret"} | meta,
            sealed,
        ]
        gone = [ingc.ObjectKey(kind, old, old) for kind in ("Ingress", "Service", "Secret")]
        gone.append(gone[0]._replace(kind="SealedSecret", group="bitnami.com"))
        compiler.apply(made, gone)
        assert compiler._line is not None
        index, moved = compiler._line._index, compiler._line._queries._moved.values()
        groups = (index._services._names, index._secrets._names)
        return sum(map(len, (*moved, *groups, index._rows, index._sealed, index._keys)))

    assert [noted(number) for number in range(20)][10:] == [noted(20)] * 10
