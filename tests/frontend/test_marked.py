"""What is wrong with a ConfigMap of global settings is found at its line."""

from __future__ import annotations

import pytest

from tests.k8s.marked import Case, cases, differences, findings, placeless

CASES = cases("frontend/marked")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_exactly_what_is_marked_is_found(case: Case) -> None:
    result = case.compile()
    assert not differences(findings(result), case.found)
    assert placeless(result) == case.also
    assert result.ok == (not result.errors)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_isolated_the_same_is_found_and_the_rest_compiled(case: Case) -> None:
    result = case.compile("isolate")
    assert not differences(findings(result), case.found)
    assert placeless(result) == case.also
    assert result.ok
