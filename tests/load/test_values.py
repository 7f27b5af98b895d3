"""Documents are read as other readers read them, and as Kubernetes where those differ."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.load.nested import OBJECTS, json_texts, yaml_texts
from tests.load.reading import reading, value_of


@given(st.data(), OBJECTS)
def test_yaml_is_read_as_it_was_written(data: st.DataObject, value: dict[str, Any]) -> None:
    assert value_of(data.draw(yaml_texts(value))) == value


@given(st.data(), st.lists(OBJECTS, min_size=1, max_size=4))
def test_documents_are_read_as_by_other_readers(
    data: st.DataObject, values: list[dict[str, Any]]
) -> None:
    text = "".join("---\n" + data.draw(yaml_texts(value)) for value in values)
    read = reading(text.replace("---\n---", "---"))
    assert read.diagnostics == ()
    assert read.values == values
    assert read.values == [value for value in yaml.load_all(text, yaml.CSafeLoader) if value]


@given(st.data(), OBJECTS)
def test_json_is_read_as_it_was_written(data: st.DataObject, value: dict[str, Any]) -> None:
    text = data.draw(json_texts(value))
    for file in ("input.json", "input.yaml"):
        read = reading(text, file)
        assert read.diagnostics == ()
        assert read.values == [json.loads(text)]


def test_documents_without_content_are_passed_over() -> None:
    text = "---\n---\n# only a comment\n---\n~\n--- null\n---\na: 1\n...\n---\n...\n"
    assert reading(text).values == [{"a": 1}]
    assert reading(text).diagnostics == ()


def test_all_line_breaks_are_understood() -> None:
    assert reading("a: 1\r\nb:\r\n- 2\r\n---\r\nc: 3\r\n").values == [{"a": 1, "b": [2]}, {"c": 3}]
    assert reading("a: 1\rb: 2\r").values == [{"a": 1, "b": 2}]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert value_of("\ufeffa: 1\n") == {"a": 1}
    assert reading('\ufeff{"a": 1}', "a.json").values == [{"a": 1}]


def test_block_scalars_and_several_lines() -> None:
    text = "a: |\n  x\n   y\n\nb: >-\n  x\n  y\nc: 'x\n  y'\nd: x\n  y\n"
    assert value_of(text) == {"a": "x\n y\n", "b": "x y", "c": "x y", "d": "x y"}


def test_an_alias_stands_for_the_value_of_its_anchor() -> None:
    text = "a: &x {b: &y [1]}\nc: *x\nd: [*y, *y]\n*k : 1\n".replace("*k", "&k e")
    assert value_of(text) == {"a": {"b": [1]}, "c": {"b": [1]}, "d": [[1], [1]], "e": 1}
    assert value_of("a: &k x\n*k : 1\n") == {"a": "x", "x": 1}


def test_an_anchor_can_be_set_anew() -> None:
    assert value_of("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}
    assert value_of("a: &x [&x 1, *x]\nb: *x\n") == {"a": [1, 1], "b": 1}


def test_anchors_end_with_their_document() -> None:
    assert reading("a: &x 1\n---\nb: *x\n").codes == ["ING008"]


def test_a_merge_takes_what_the_mapping_does_not_say_below_it() -> None:
    text = "p: &p {a: 1, b: 2}\nq: &q {b: 3, c: 4}\nr:\n  <<: *p\n  b: 5\ns:\n  <<: *q\n"
    assert value_of(text)["r"] == {"a": 1, "b": 5}
    assert value_of(text)["s"] == {"b": 3, "c": 4}


def test_of_several_merged_mappings_the_first_in_the_list_or_the_last_merge_wins() -> None:
    text = "p: &p {a: 1, b: 2}\nq: &q {b: 3, c: 4}\nr: {<<: [*p, *q]}\ns: {<<: *p, <<: *q}\n"
    assert value_of(text)["r"] == {"a": 1, "b": 2, "c": 4}
    assert value_of(text)["s"] == {"a": 1, "b": 3, "c": 4}


def test_a_mapping_can_be_merged_without_an_anchor() -> None:
    assert value_of("a: {<<: {b: 1, c: {<<: {d: 2}}}, b: 3}\n") == {"a": {"b": 3, "c": {"d": 2}}}


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert value_of('a: {"<<": {b: 1}}\n') == {"a": {"<<": {"b": 1}}}


def test_a_key_below_a_merge_may_come_once() -> None:
    text = "p: &p {a: 1}\nq:\n  <<: *p\n  a: 2\n"
    assert value_of(text)["q"] == {"a": 2}
    assert reading(text + "  a: 3\n").findings == [("ING006", 5, 3, "a")]


def test_a_key_in_a_merged_mapping_may_come_once_and_is_not_taken_for_another() -> None:
    text = "p: &p {a: 1}\nq: {<<: {<<: *p, b: 1}, c: {a: 1, a: 2}}\n"
    assert reading(text).findings == [("ING006", 2, 35, "a")]


def test_tags_of_yaml_itself_are_understood() -> None:
    assert value_of("a: !!map {b: !!seq [1]}\nc: ! {d: ! [1]}\n") == {
        "a": {"b": [1]},
        "c": {"d": [1]},
    }


def test_directives_are_understood() -> None:
    assert reading("%YAML 1.1\n---\na: 1\n").values == [{"a": 1}]
    assert reading("%TAG !y! tag:yaml.org,2002:\n---\na: !y!str 1\n").values == [{"a": "1"}]
