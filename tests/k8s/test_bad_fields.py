"""Bad input in a field gives the coded finding at its line, and nothing is compiled."""

from __future__ import annotations

import pytest

from ingc import Severity
from tests.k8s.marked import Case, cases, differences, findings, placeless, related

CASES = cases("k8s/bad_fields")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_exactly_what_is_marked_is_found(case: Case) -> None:
    result = case.compile()
    assert not differences(findings(result), case.found)
    assert not differences(related(result), case.related)
    assert placeless(result) == case.also


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_is_compiled_where_one_is_an_error(case: Case) -> None:
    result = case.compile()
    assert result.ok == (not result.errors)
    assert (result.config is None) == bool(result.errors)
    assert result.files == () or result.ok


@pytest.mark.parametrize("case", CASES, ids=str)
def test_isolated_the_same_is_found_and_the_rest_compiled(case: Case) -> None:
    result = case.compile("isolate")
    assert not differences(findings(result), case.found)
    assert result.ok
    assert result.config is not None


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_finding_says_where_and_why(case: Case) -> None:
    for diagnostic in case.compile().diagnostics:
        assert diagnostic.message
        assert diagnostic.severity in Severity
        span = diagnostic.span
        if span is None:
            continue
        assert diagnostic.file == case.file
        assert span.text == case.text.splitlines()[span.line - 1]
        assert span.text[span.column - 1 :][: span.width].strip()
        assert diagnostic.label
        assert diagnostic.help
        assert not diagnostic.message.endswith(".")
