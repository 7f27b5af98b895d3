"""Conflicts between rules are found at both their places."""

from __future__ import annotations

import pytest

from tests.k8s.marked import Case, cases, differences, findings, placeless, related

CASES = cases("merge/marked")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_exactly_what_is_marked_is_found(case: Case) -> None:
    result = case.compile()
    assert not differences(findings(result), case.found)
    assert not differences(related(result), case.related)
    assert placeless(result) == case.also
    assert result.ok == (not case.options.get("strict", False))
