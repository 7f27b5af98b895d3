"""Whatever stands in the objects beside: nothing fails, and nothing moves a terminal."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ingc
from ingc.explain.json_form import story_as_json
from ingc.explain.text import story_as_text
from ingc.k8s import bystander_kinds
from ingc.k8s.bystanders import GROUPS_BESIDE
from ingc.reach.api import Reach
from ingc.reach.report import report, report_as_json, report_as_text
from tests.k8s.mutations import VALUES, changed, paths
from tests.loading import loaded_by
from tests.reach.cases import CASES, starting
from tests.reach.kubectl import URL, Cluster, Object

OPTIONS = ingc.Options(resolver=("10.96.0.10",))
HOSTILE = "\x1b[31m\r\n\u202e\x9b" + "x" * 100_000
SLOW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _said(objects: list[Object]) -> str:
    """Return everything that is printed about objects that compile as well as before."""
    result = ingc.compile(objects, OPTIONS, on_error="isolate")
    assert result.ok
    assert result.ir is not None
    assert result.store is not None
    story = ingc.story(result, URL)
    found = report(Reach(result.store, result.ir, result.diagnostics), result.ir)
    texts = [story_as_text(story, color=False), report_as_text(found)]
    for text in (*texts, story_as_json(story, indent=2), report_as_json(found)):
        text.encode()
        assert all(char.isprintable() or char == "\n" for char in text)
        assert len(text) < 30_000
    return "".join(texts)


@SLOW
@given(st.data())
def test_any_value_at_any_place_of_an_object_beside(data: st.DataObject) -> None:
    cluster = Cluster()
    data.draw(st.sampled_from(CASES)).make(cluster)
    objects = cluster.items()
    before = ingc.compile(objects, OPTIONS, on_error="isolate")
    beside = [n for n, item in enumerate(objects) if item["kind"] in GROUPS_BESIDE]
    number = data.draw(st.sampled_from(beside))
    keys = [path for path in paths(objects[number]) if path not in (("kind",), ("apiVersion",))]
    path = data.draw(st.sampled_from(sorted(keys, key=str)))
    objects[number] = changed(objects[number], path, data.draw(VALUES), delete=False)
    after = ingc.compile(objects, OPTIONS, on_error="isolate")
    assert after.config == before.config
    assert after.diagnostics == before.diagnostics
    _said(objects)


def _fill(value: Any) -> Any:
    """Return a value with hostile text in place of every text, names and kinds left alone."""
    if isinstance(value, dict):
        kept = ("kind", "apiVersion", "name", "namespace", "type", "nodeName", "phase", "status")
        return {key: item if key in kept else _fill(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item) for item in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_long_texts_with_controls(case: Any) -> None:
    cluster = Cluster()
    case.make(cluster)
    objects = cluster.items()
    filled = [
        {**item, **{key: _fill(item[key]) for key in item if key not in ("kind", "apiVersion")}}
        if item["kind"] in GROUPS_BESIDE
        else item
        for item in objects
    ]
    _said(filled)


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, [None], True])
@pytest.mark.parametrize("key", ["metadata", "spec", "status"])
def test_a_whole_part_of_the_wrong_type(key: str, wrong: object) -> None:
    objects = Cluster().items()
    for item in objects:
        if item["kind"] in GROUPS_BESIDE:
            item[key] = copy.deepcopy(wrong)
    _said(objects)


def test_a_compile_reads_nothing_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bystander_kinds, "KINDS", {})
    result = ingc.compile(Cluster().items())
    assert result.ok
    assert not [item for item in result.diagnostics if item.code == "ING107"]
    with pytest.raises(KeyError):
        ingc.story(result, URL)


def test_a_compile_loads_no_kind_that_explains() -> None:
    loaded = loaded_by("import ingc; ingc.compile([])")
    assert "ingc.k8s.store" in loaded
    assert not {"ingc.k8s.pod", "ingc.k8s.node", "ingc.k8s.event", "ingc.reach.api"} & loaded


def test_pods_and_nodes_that_a_caller_has_typed() -> None:
    cluster = Cluster()
    starting.crash_loop(cluster)
    objects = cluster.items()
    store = ingc.compile(objects).store
    assert store is not None
    rest = [item for item in objects if item["kind"] not in ("Pod", "Node")]
    result = ingc.compile([*rest, *store.pods.values(), *store.nodes.values()])
    assert result.store is not None
    assert result.store.pods == store.pods
    found = ingc.story(result, URL).reach
    assert found is not None
    assert found.situation.value == "crash-loop"


def test_no_token_is_read() -> None:
    objects = Cluster().items()
    account = next(item for item in objects if item["kind"] == "ServiceAccount")
    account["secrets"] = [{"name": "SECRET-TOKEN"}]
    account["metadata"]["annotations"] = {"example.com/other": "SECRET-TOKEN"}
    result = ingc.compile(objects)
    assert result.store is not None
    assert "SECRET-TOKEN" not in repr(dict(result.store.bystanders.accounts))
    assert "SECRET-TOKEN" not in _said(objects)
