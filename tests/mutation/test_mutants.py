"""Each mutant still applies, and what should catch it is there."""

from __future__ import annotations

import pytest

from tests.golden.case import ROOT as GOLDEN
from tests.mutation.mutants import ROOT, Mutant, mutants

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_a_mutant_applies_and_is_python(mutant: Mutant) -> None:
    source = mutant.apply((ROOT / mutant.file).read_text(encoding="utf-8"))
    compile(source, mutant.file, "exec")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_what_should_catch_it_is_there(mutant: Mutant) -> None:
    assert mutant.goldens or (mutant.tests and not mutant.proof)
    assert all((GOLDEN / name / "case.toml").is_file() for name in mutant.goldens)
    assert all((ROOT / name.partition("::")[0]).exists() for name in mutant.tests)


def test_there_are_many_and_no_two_are_alike() -> None:
    assert len(MUTANTS) >= 30
    assert len({mutant.rule for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)
