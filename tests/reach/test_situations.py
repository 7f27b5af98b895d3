"""Each situation, as kubectl prints it: the sentence leads to the fix, its evidence is there."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from ingc.explain.json_form import schema
from ingc.reach.cause import Situation
from tests.cli.run import inside
from tests.reach.cases import CASES, Case
from tests.reach.kubectl import URL, Cluster

OPTIONS = ("--resolver", "10.96.0.10")
FORMS = {"yaml": Cluster.as_yaml, "json": Cluster.as_json, "typed": Cluster.as_typed_lists}


def made(case: Case) -> Cluster:
    cluster = Cluster()
    case.make(cluster)
    return cluster


def each() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each()
def test_explain_ends_with_the_sentence_and_the_evidence(case: Case, tmp_path: Path) -> None:
    text = made(case).as_yaml()
    (tmp_path / "cluster.yaml").write_text(text, encoding="utf-8")
    done = inside("explain", URL, "cluster.yaml", *OPTIONS, "--format", "json", cwd=tmp_path)
    assert done.code == (1 if case.errors else 0), done.err
    answer = json.loads(done.out)
    jsonschema.validate(answer, schema())
    reach = answer["reach"]
    assert reach["situation"] == case.situation
    assert reach["nobody"] is not case.part
    sentence = reach["sentence"]
    for word in case.words:
        assert word.lower() in sentence.lower(), sentence
    assert sentence.endswith(".")
    assert not sentence.endswith("..")
    assert "  " not in sentence
    assert "None" not in sentence
    fields = [item["field"] for item in reach["evidence"]]
    for field in case.fields:
        assert any((found or "").endswith(field) for found in fields), fields
    lines = text.splitlines()
    for item in reach["evidence"]:
        file, _, line = item["source"].partition(":")
        assert file == "cluster.yaml"
        last = (item["field"] or "").rpartition(".")[2].partition("[")[0]
        there = lines[int(line) - 1]
        absent = item["value"] == "0" or item["value"].startswith("none")  # then its parent
        shown = f"{last}:" in there or item["value"][:40] in there
        assert shown or absent or not last, (item, there)
    shown = inside("explain", URL, "cluster.yaml", *OPTIONS, cwd=tmp_path).out
    tail = shown[shown.index("\n  why       ") :].splitlines()[1:]
    assert tail[0] == f"  why       {sentence}"
    assert len(tail) == 1 + len(reach["evidence"])
    assert tail[1].startswith("  evidence  ")


@each()
def test_check_lists_the_route_by_its_cause(case: Case, tmp_path: Path) -> None:
    (tmp_path / "cluster.json").write_text(made(case).as_json(), encoding="utf-8")
    done = inside("check", "cluster.json", *OPTIONS, "--reach", "--format", "json", cwd=tmp_path)
    found = json.loads(done.out)
    assert found["checked"] == 1
    if case.part:
        assert (done.code, found["lost"]) == (0, 0)
        return
    assert done.code == (1 if case.errors else 4), done.err
    assert found["lost"] == 1
    (cause,) = found["causes"]
    assert cause["situation"] == case.situation
    (route,) = cause["routes"]
    assert (route["host"], route["ingress"]) == ("shop.example.com", "shop/web")
    shown = inside("check", "cluster.json", *OPTIONS, "--reach", cwd=tmp_path).out
    assert f"\n{case.situation} (1 route)\n  {cause['sentence']}\n" in shown
    assert shown.startswith("1 of 1 route reaches nobody\n")


@pytest.mark.parametrize("form", FORMS)
def test_a_healthy_cluster_has_nothing_to_say(form: str, tmp_path: Path) -> None:
    (tmp_path / "cluster.yaml").write_text(FORMS[form](Cluster()), encoding="utf-8")
    done = inside("check", "cluster.yaml", "--reach", cwd=tmp_path)
    assert done.code == 0, done.out
    assert done.out == "each of 1 route reaches somebody, as far as the input shows\n"
    shown = inside("explain", URL, "cluster.yaml", "--format", "json", cwd=tmp_path).out
    assert json.loads(shown)["reach"] is None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES[::7], ids=lambda case: case.name)
def test_the_form_of_the_list_changes_nothing(case: Case, form: str, tmp_path: Path) -> None:
    (tmp_path / "cluster.yaml").write_text(FORMS[form](made(case)), encoding="utf-8")
    done = inside("explain", URL, "cluster.yaml", *OPTIONS, "--format", "json", cwd=tmp_path)
    assert json.loads(done.out)["reach"]["situation"] == case.situation


def test_every_situation_has_a_case() -> None:
    assert {case.situation for case in CASES} == {item.value for item in Situation}
