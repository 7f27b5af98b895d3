"""JSON: by its name, or by its first character."""

from __future__ import annotations

import sys

import pytest

from tests.load.reading import reading, value_of


def test_values_may_follow_one_another() -> None:
    text = ' {"a": 1}{"b": 2}\n\n{"c": 3}\r\n\tnull '
    assert reading(text, "a.json").values == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert reading(text, "a.yaml").values == [{"a": 1}, {"b": 2}, {"c": 3}]


def test_yaml_that_begins_like_json_is_read_as_yaml() -> None:
    assert value_of("{a: 1}\n") == {"a": 1}
    assert reading('{"a": 1}\n---\n{"b": yes}\n').values == [{"a": 1}, {"b": True}]
    assert reading('\n  {"a": 1, # comment\n "b": [1,]}\n').values == [{"a": 1, "b": [1]}]


def test_faults_of_json_do_not_count_where_yaml_is_read() -> None:
    read = reading('{"a": 1, "a": 2}\n---\n{"b": 1}\n')
    assert read.findings == [("ING006", 1, 10, '"a"')]
    assert read.values == [{"b": 1}]


def test_what_is_neither_is_reported_as_yaml_unless_the_name_says_json() -> None:
    assert reading('{"a": 1').codes == ["ING001"]
    assert reading('{"a": 1', "a.json").codes == ["ING002"]


def test_values_before_a_syntax_error_are_kept() -> None:
    read = reading('{"a": 1}\n{"b": 2}}\n{"c": 3}', "a.json")
    assert read.values == [{"a": 1}, {"b": 2}]
    assert read.findings == [("ING002", 2, 9, "}")]


def test_a_fault_costs_its_value_only() -> None:
    read = reading('{"a": 1}\n{"b": NaN}\n{"c": 1, "c": 1}{"d": 1}', "a.json")
    assert read.values == [{"a": 1}, {"d": 1}]
    assert read.codes == ["ING016", "ING006"]


def test_numbers() -> None:
    text = '{"a": 123456789012345678901234567890, "b": 1.0, "c": 1.5, "d": 1e2, "e": -0.0}'
    (value,) = reading(text, "a.json").values
    assert value == {"a": 123456789012345678901234567890, "b": 1, "c": 1.5, "d": 100, "e": 0}
    assert [type(number) for number in value.values()] == [int, int, float, int, int]


def test_pairs_of_surrogates_are_characters() -> None:
    (value,) = reading('{"\\ud83c\\udf89": "\\\\ud83d \\uD83C\\uDF89"}', "a.json").values
    assert value == {"🎉": "\\ud83d 🎉"}


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [250, 900, 5000, 200_000])
def test_nesting_is_bounded_wherever_python_gives_up(bracket: str, depth: int) -> None:
    assert depth < 500 or depth > sys.getrecursionlimit() * 0.8
    closing = "]" if bracket == "[" else "}"
    text = f'{{"x": {bracket * depth}1{closing * depth}}}'
    read = reading(text + '{"a": 1}', "a.json")
    assert read.codes == ["ING007"]
    assert read.findings[0].column == 7 + len(bracket) * 199
