"""A position covers the text of exactly the value, or the key, that it was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ingc.diagnostics import FieldPath, Span
from ingc.load import Document
from tests.load.nested import OBJECTS, fields, json_texts, yaml_texts
from tests.load.reading import reading


def covered(document: Document, path: FieldPath, *, key: bool = False) -> tuple[int, int, str]:
    """Return line, column and text of a field's place."""
    span = place(document, path, key=key)
    return span.line, span.column, span.text[span.column - 1 : span.column - 1 + span.width]


def place(document: Document, path: FieldPath, *, key: bool = False) -> Span:
    assert document.source
    span = document.source.span(path, key=key)
    assert span
    return span


def check_places(document: Document, text: str, parse: Any) -> None:
    """Compare every field's place with the field itself."""
    lines = text.splitlines()
    for path, value in fields(document.value):
        span = place(document, path)
        assert span.text == lines[span.line - 1]
        found = covered(document, path)[2]
        if isinstance(value, dict | list):
            if isinstance(path[-1], str):
                assert str(parse(found)) == path[-1]
        elif found != "-" and not (value is None and isinstance(path[-1], str)):
            assert parse(found) == value
        if isinstance(path[-1], str):
            assert str(parse(covered(document, path, key=True)[2])) == path[-1]


def parse_yaml(text: str) -> Any:
    return yaml.load(text, yaml.CSafeLoader) if text else ""


@given(st.data(), st.lists(OBJECTS, min_size=1, max_size=3))
def test_places_in_yaml(data: st.DataObject, values: list[dict[str, Any]]) -> None:
    texts = [data.draw(yaml_texts(value)).removeprefix("---\n") for value in values]
    text = "---\n".join(texts)
    for document in reading(text).documents:
        check_places(document, text, parse_yaml)


@given(st.data(), st.lists(OBJECTS, min_size=1, max_size=3))
def test_places_in_json(data: st.DataObject, values: list[dict[str, Any]]) -> None:
    text = "\n".join(data.draw(json_texts(value)) for value in values)
    for document in reading(text, "input.json").documents:
        check_places(document, text, json.loads)


@given(st.data(), st.lists(OBJECTS, min_size=1, max_size=4))
def test_places_in_lists(data: st.DataObject, values: list[dict[str, Any]]) -> None:
    whole = {"apiVersion": "v1", "kind": "List", "items": values}
    for text, file, parse in (
        (data.draw(yaml_texts(whole)), "input.yaml", parse_yaml),
        (data.draw(json_texts(whole)), "input.json", json.loads),
    ):
        documents = reading(text, file).documents
        assert len(documents) == len(values)
        for document in documents:
            check_places(document, text, parse)


INGRESS = """\
# an Ingress
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web   # the name
  annotations: {"a/b": 'x', c/d: |-
spec:
  rules:
  - host: "shop.example"
    http:
      paths:
        - path: /a
          pathType: Prefix
        -
          - deep
"""
INGRESS = INGRESS.replace(", c/d: |-\n", "}\n  text: |-  # a comment\n    one\n    two\n  none:\n")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), (2, 1, "apiVersion")),
        (("kind",), (3, 7, "Ingress")),
        (("metadata", "name"), (5, 9, "web")),
        (("metadata", "annotations"), (6, 3, "annotations")),
        (("metadata", "annotations", "a/b"), (6, 24, "'x'")),
        (("metadata", "text"), (7, 9, "|-")),
        (("metadata", "none"), (10, 3, "none")),
        (("spec",), (11, 1, "spec")),
        (("spec", "rules", 0), (13, 5, "host")),
        (("spec", "rules", 0, "host"), (13, 11, '"shop.example"')),
        (("spec", "rules", 0, "http"), (14, 5, "http")),
        (("spec", "rules", 0, "http", "paths", 0), (16, 11, "path")),
        (("spec", "rules", 0, "http", "paths", 1), (19, 13, "deep")),
        (("spec", "rules", 0, "http", "paths", 0, "backend"), (16, 11, "path")),
        (("spec", "rules", 0, "http", "paths", 7, "path"), (15, 7, "paths")),
        (("spec", "rules", 0, "http", "wrong", "path"), (14, 5, "http")),
        (("spec", "tls"), (11, 1, "spec")),
        (("status", 0), (2, 1, "apiVersion")),
    ],
)
def test_where_fields_stand(path: FieldPath, expected: tuple[int, int, str]) -> None:
    (document,) = reading(INGRESS).documents
    assert covered(document, path) == expected


def test_where_keys_stand() -> None:
    (document,) = reading(INGRESS).documents
    assert covered(document, ("metadata", "name"), key=True) == (5, 3, "name")
    assert covered(document, ("spec", "rules", 0, "host"), key=True) == (13, 5, "host")
    assert covered(document, ("spec", "rules", 0), key=True) == (13, 5, "host")
    assert covered(document, ("metadata", "labels"), key=True) == (4, 1, "metadata")


def test_anchors_and_tags_are_not_part_of_the_value() -> None:
    text = "a: &x   !!str  12\nb: !!map\n  c: &y\n    - &z d\ne: &w # note\n  [ f ]\n"
    (document,) = reading(text).documents
    assert covered(document, ("a",)) == (1, 16, "12")
    assert covered(document, ("b", "c", 0)) == (4, 10, "d")
    assert covered(document, ("e", 0)) == (6, 5, "f")


def test_what_comes_by_an_alias_or_a_merge_stands_where_that_is_said() -> None:
    text = "a: &x {b: {c: 1}}\nd: *x\ne:\n  <<: *x\n  f: 1\ng:\n  <<: [{h: 1}, *x]\n"
    (document,) = reading(text).documents
    assert covered(document, ("d", "b", "c")) == (2, 4, "*x")
    assert covered(document, ("e", "b", "c")) == (4, 7, "*x")
    assert covered(document, ("e", "z")) == (3, 1, "e")
    assert covered(document, ("g", "b")) == (7, 16, "*x")
    assert covered(document, ("g", "h")) == (7, 8, "{")


def test_a_merge_of_a_merge_is_found() -> None:
    text = "a: &x {p: 1}\nb: &y {<<: *x, q: 1}\nc: {<<: *y, r: 1}\n"
    (document,) = reading(text).documents
    assert covered(document, ("c", "p")) == (3, 9, "*y")
    assert covered(document, ("c", "s")) == (3, 1, "c")


def test_keys_are_found_by_the_strings_that_they_become() -> None:
    (document,) = reading("on: 1\n0x10: 2\n1.0: 3\n").documents
    assert covered(document, ("true",)) == (1, 5, "1")
    assert covered(document, ("16",)) == (2, 7, "2")
    assert covered(document, ("1",)) == (3, 6, "3")


def test_columns_count_characters_and_lines_count_all_breaks() -> None:
    text = "a: {é🎉: 'ß', b: c}\r\nd: e\rf: g\n"
    (document,) = reading(text).documents
    assert covered(document, ("a", "b")) == (1, 17, "c")
    assert place(document, ("d",)) == Span(2, 4, 1, "d: e")
    assert place(document, ("f",)) == Span(3, 4, 1, "f: g")


def test_a_value_of_several_lines_is_covered_to_the_end_of_the_first() -> None:
    (document,) = reading("a: 'one\n  two'\nb: one\n  two\n").documents
    assert covered(document, ("a",)) == (1, 4, "'one")
    assert place(document, ("a",)).width == 4
    assert covered(document, ("b",)) == (3, 4, "one")


def test_a_document_that_is_indented_as_a_whole() -> None:
    text = "---\n  a: 1\n  b:\n  - c: 2\n"
    (document,) = reading(text).documents
    assert covered(document, ("b", 0, "c")) == (4, 8, "2")
    (document,) = reading(text.removeprefix("---\n")).documents
    assert covered(document, ("b", 0, "c")) == (3, 8, "2")


def test_entries_of_a_list_stand_in_their_file() -> None:
    text = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: a}
- &b
  apiVersion: v1
  kind: List
  items:
    - metadata:
        name: "b"
- *b
"""
    first, second, third = reading(text).documents
    assert covered(first, ("metadata", "name")) == (6, 20, "a")
    assert covered(first, ()) == (4, 3, "apiVersion")
    assert covered(second, ("metadata", "name")) == (12, 15, '"b"')
    assert covered(second, ("spec",)) == (11, 7, "metadata")
    assert covered(third, ("metadata", "name")) == (13, 3, "*b")


def test_an_alias_in_an_entry_to_an_anchor_outside_of_it() -> None:
    text = "x: &x {a: 1}\nkind: List\nitems:\n- kind: A\n  spec: {<<: *x}\n- kind: B\n  spec: *x\n"
    first, second = reading(text).documents
    assert covered(first, ("spec", "a")) == (5, 14, "*x")
    assert covered(second, ("spec", "a")) == (7, 9, "*x")


def test_entries_of_a_json_list_stand_in_their_file() -> None:
    text = '{"kind": "List", "items": [\n{"kind": "A"}, {"kind": "List", "items": [{"x\\n": 1}]}]}'
    first, second = reading(text, "a.json").documents
    assert covered(first, ("kind",)) == (2, 10, '"A"')
    assert covered(second, ("x\n",)) == (2, 51, "1")
    assert covered(second, ("x\n",), key=True) == (2, 44, '"x\\n"')


def test_sources_can_be_compared_and_hashed() -> None:
    first, second = reading("a: 1\n---\na: 1\n", "some/file.yaml").documents
    assert first.source and second.source
    assert first.source.file == "some/file.yaml"
    assert len({first.source, second.source}) == 2
    assert place(first, ("a",)) != place(second, ("a",))


def test_many_documents_and_many_questions() -> None:
    text = "---\n".join(f"a:\n- b: {number}\n" for number in range(2000))
    documents = reading(text).documents
    for _ in range(2):
        for number, document in enumerate(documents):
            expected = (3 * number + 2, 6, str(number))
            assert covered(document, ("a", 0, "b")) == expected
