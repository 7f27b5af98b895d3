"""Each mutant still applies, and what should catch it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingc.ir.features.table import FEATURES
from tests.golden.case import ROOT as GOLDEN
from tests.mutation import choosing
from tests.mutation.choosing import some
from tests.mutation.mutants import ROOT, Mutant, mutants

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_a_mutant_applies_and_is_python(mutant: Mutant) -> None:
    source = mutant.apply((ROOT / mutant.file).read_text(encoding="utf-8"))
    if mutant.file.endswith(".py"):
        compile(source, mutant.file, "exec")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_what_should_catch_it_is_there(mutant: Mutant) -> None:
    assert mutant.goldens or (mutant.tests and not mutant.proof)
    assert all((GOLDEN / name / "case.toml").is_file() for name in mutant.goldens)
    assert all((ROOT / name.partition("::")[0]).exists() for name in mutant.tests)


def test_there_are_many_and_no_two_are_alike() -> None:
    assert len(MUTANTS) >= 200
    assert len({mutant.rule for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)


ROOMS = {
    *("certificates", "TLS frame", "sockets", "identity", "client certificates", "limits"),
    *("auth requests", "sign-in", "passwords", "CORS", "TLS to backends", "FastCGI", "sessions"),
    *("error pages", "headers of answers", "mirrors", "addresses", "stream", "redirects", "frame"),
    *("upstreams", "canaries", "protocols", "rewriting", "hosts", "paths", "read back"),
}
"""What a text says, each with faults that the proof has to notice."""
STAGES = ("frontend", "merge", "resolve", "match", "plan", "emit", "model", "prove")


def test_each_feature_has_a_mutant() -> None:
    assert {item.feature for item in MUTANTS} - {""} == {kind.__name__ for kind in FEATURES}


def test_each_room_of_the_text_has_mutants_for_the_proof() -> None:
    proved = {item.room for item in MUTANTS if item.proof}
    assert proved >= ROOMS


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_has_mutants(stage: str) -> None:
    assert any(item.file.startswith(f"ingc/{stage}/") for item in MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_what_lies_between_ir_and_text_is_for_the_proof(mutant: Mutant) -> None:
    between = mutant.file.startswith(("ingc/plan/", "ingc/emit/", "templates/"))
    if mutant.proof:
        assert between or mutant.file.startswith(("ingc/match/", "ingc/ir/", "ingc/syntax/"))
    elif between:
        # A test on real nginx, or of nginx's own syntax, says more than the proof does.
        assert mutant.tests or mutant.goldens


def test_some_are_chosen_by_the_commit() -> None:
    touched = MUTANTS[-1].file
    first = some(MUTANTS, 20, "a", (touched,))
    assert len(first) == 20
    assert first[0].file == touched
    assert first == some(MUTANTS, 20, "a", (touched,))
    assert some(MUTANTS, 20, "b", ()) != some(MUTANTS, 20, "a", ())
    own = sum(item.file == touched for item in MUTANTS)
    assert [item.file == touched for item in first] == [n < own for n in range(20)]


def test_without_git_the_commit_is_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "ROOT", tmp_path)
    assert choosing.commit_of("abc") == ("abc", ())
