"""Every fault in a text is reported with its code at its place, and costs no more than it must."""

from __future__ import annotations

import pytest

from ingc.diagnostics import Severity
from ingc.load.faults import DEEPEST, MOST_FAULTS
from tests.load.reading import finding, reading

FAULTS = [
    ("a: b: c\n", ("ING001", 1, 5, ":")),
    ("a:\n\t- b\n", ("ING001", 2, 1, "\t")),
    ("a: 'b\n", ("ING001", 2, 1, "")),
    ("a: [1\nb: 2\n", ("ING001", 2, 2, ":")),
    ("a: @b\n", ("ING001", 1, 4, "@")),
    ("a: b\n c: d\n", ("ING001", 2, 3, ":")),
    ("%TAG !a! b\n" * 101 + "---\na: 1\n", ("ING001", 1, 1, "%TAG")),
    ("a: 1\nb: \x00\n", ("ING005", 2, 4, "\x00")),
    ("a: \x1b[0m\n", ("ING005", 1, 4, "\x1b")),
    ("a: 1\nb: 2\na: 3\n", ("ING006", 3, 1, "a")),
    ("a:\n  1: x\n  '1': y\n", ("ING006", 3, 3, "'1'")),
    ("a: {on: 1, true: 2}\n", ("ING006", 1, 12, "true")),
    ("a: b\nc: *d\n", ("ING008", 2, 4, "*d")),
    ("a: *.example.com\n", ("ING001", 1, 5, ".")),
    ("a: &a [b, *a]\n", ("ING009", 1, 11, "*a")),
    ("a: &a {<<: *a}\n", ("ING009", 1, 12, "*a")),
    ("a: !vault b\n", ("ING011", 1, 4, "!vault b")),
    ("a: !!binary aGk=\n", ("ING011", 1, 4, "!!binary aGk=")),
    ("a: !!set {b}\n", ("ING011", 1, 4, "!!set {")),
    ("a: !!map [b]\n", ("ING011", 1, 4, "!!map [")),
    ("a: !!int b\n", ("ING012", 1, 4, "!!int b")),
    ("a: !!int yes\n", ("ING012", 1, 4, "!!int yes")),
    ("a: !!bool 1\n", ("ING012", 1, 4, "!!bool 1")),
    ("~: b\n", ("ING013", 1, 1, "~")),
    ("? [a]\n: b\n", ("ING013", 1, 3, "[")),
    ("name: {{ name }}\n", ("ING013", 1, 8, "{")),
    ("a: &a {b: c}\n*a : d\n", ("ING013", 2, 1, "*a")),
    ("a:\n  <<: b\n", ("ING014", 2, 7, "b")),
    ("a: &a [{b: c}]\nd:\n  <<: *a\n", ("ING014", 3, 7, "*a")),
    ("a: &a {b: 1}\nc:\n  b: 2\n  <<: *a\n", ("ING015", 4, 7, "*a")),
    ("a: {b: 2, <<: {b: 1}}\n", ("ING015", 1, 15, "{")),
    ("a:\n- .inf\n", ("ING016", 2, 3, ".inf")),
    ("- a: 1\n", ("ING017", 1, 3, "a")),
    ("hello\n", ("ING017", 1, 1, "hello")),
    ("--- {}\n", ("ING017", 1, 5, "{")),
    ("kind: List\nitems: {a: 1}\n", ("ING018", 2, 1, "items")),
    ("kind: List\nitems:\n- a\n", ("ING019", 3, 3, "a")),
    ("kind: List\nitems:\n- {}\n", ("ING019", 3, 3, "{")),
    ("kind: List\nitems:\n-\n", ("ING019", 3, 1, "-")),
]


@pytest.mark.parametrize(("text", "expected"), FAULTS)
def test_a_fault_is_reported_at_its_place(text: str, expected: tuple[str, int, int, str]) -> None:
    assert reading(text).findings == [expected]


JSON_FAULTS = [
    ('{"a": 1,}', ("ING002", 1, 9, "}")),
    ('{"a": 1\n', ("ING002", 2, 1, "")),
    ("a: 1\n", ("ING002", 1, 1, "a")),
    ('{"a": "\t"}', ("ING002", 1, 8, "\t")),
    ('{"a": 1,\n "a": 2}', ("ING006", 2, 2, '"a"')),
    ('{"a": {"b": 1, "\\u0062": 2}}', ("ING006", 1, 16, '"\\u0062"')),
    ('{"a": NaN}', ("ING016", 1, 7, "NaN")),
    ('{"a": [-Infinity]}', ("ING016", 1, 8, "-Infinity")),
    ('{"a": 1e999}', ("ING016", 1, 7, "1e999")),
    ('{"a": 1' + "0" * 5000 + "}", ("ING016", 1, 7, "1" + "0" * 5000)),
    ("[1]", ("ING017", 1, 2, "1")),
    ('"a"', ("ING017", 1, 1, '"a"')),
    ('{"kind": "List", "items": 1}', ("ING018", 1, 27, "1")),
    ('{"kind": "List", "items": [1]}', ("ING019", 1, 28, "1")),
    ('{"a": "\\ud83d"}', ("ING023", 1, 7, '"\\ud83d"')),
    ('{"\\ud83d\\ud83d": 1}', ("ING023", 1, 2, '"\\ud83d\\ud83d"')),
]


@pytest.mark.parametrize(("text", "expected"), JSON_FAULTS)
def test_a_fault_in_json_is_reported_at_its_place(
    text: str, expected: tuple[str, int, int, str]
) -> None:
    assert reading(text, "input.json").findings == [expected]


def test_syntax_errors_say_what_to_do_and_where_it_began() -> None:
    (found,) = reading("a: 1\nb: 'c\nd: 2\n").diagnostics
    assert found.message == "not valid YAML: found unexpected end of stream"
    assert found.help == "close the quote or bracket that is open"
    (also,) = found.also
    assert also.label == "scanning a quoted scalar"
    assert also.origin.span and (also.origin.span.line, also.origin.span.column) == (2, 4)
    (found,) = reading("host: *.example.com\n").diagnostics
    assert found.help == "put the value that begins with * in quotes"
    (found,) = reading("a:\n\t- b\n").diagnostics
    assert found.help == "indent with spaces; YAML does not allow tabs there"


def test_two_objects_without_a_line_between_are_one_fault_each() -> None:
    web, api = (f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n" for name in "ab")
    found = reading(web + api + web).diagnostics
    assert [finding(item) for item in found] == [
        ("ING006", 4, 1, "apiVersion"),
        ("ING006", 7, 1, "apiVersion"),
    ]
    assert {item.help for item in found} == {"write a line --- between two objects"}
    inner = reading(f"{web}spec: {{a: 1, a: 2}}\n{api}").findings
    assert inner == [("ING006", 4, 14, "a"), ("ING006", 5, 1, "apiVersion")]
    assert reading(web + "kind: Service\n").findings == [("ING006", 4, 1, "kind")]


def test_duplicate_keys_show_the_first_of_them() -> None:
    (found,) = reading("a:\n  bc: 1\n  d: 2\n  bc: 3\n").diagnostics
    assert finding(found) == ("ING006", 4, 3, "bc")
    assert found.field == "a.bc"
    (also,) = found.also
    assert also.label == "first given here"
    assert also.origin.span and (also.origin.span.line, also.origin.span.column) == (2, 3)


def test_all_duplicate_keys_are_reported() -> None:
    text = "a: 1\nb: {c: 1, c: 2, d: 3}\na: 2\nb: {c: 3, d: 4, d: 5}\na: 6\n"
    assert [place[1:] for place in reading(text).findings] == [
        (2, 11, "c"),
        (3, 1, "a"),
        (4, 1, "b"),
        (4, 17, "d"),
        (5, 1, "a"),
    ]


def test_findings_name_the_field() -> None:
    text = "spec:\n  rules:\n  - host: !x y\n    a.b/c: [1, *z]\n"
    assert [found.field for found in reading(text).diagnostics] == [
        "spec.rules[0].host",
        "spec.rules[0][a.b/c][1]",
    ]


def test_the_merge_that_wins_over_a_key_is_a_warning_and_wins() -> None:
    read = reading("a: &a {b: 1}\nc:\n  b: 2\n  <<: *a\n")
    assert [found.severity for found in read.diagnostics] == [Severity.WARNING]
    assert read.values[0]["c"] == {"b": 1}


def test_a_syntax_error_keeps_the_documents_before_it() -> None:
    read = reading("a: 1\n---\nb: [\n---\nc: 3\n")
    assert read.values == [{"a": 1}]
    assert read.codes == ["ING001"]


def test_a_control_character_costs_the_file() -> None:
    read = reading("a: 1\n---\nb: \x07\n---\nc: 3\n")
    assert read.values == []
    assert read.codes == ["ING005"]


@pytest.mark.parametrize(
    "fault",
    [
        "x: 1\nx: 2",
        "x: *y",
        "x: &y [*y]",
        "x: !y z",
        "? {x: y}\n: z",
        "x: " + "[" * 300 + "]" * 300,
        "x: " + "[" * 300,
        "- x",
        "x",
        "kind: List\nitems: 1",
    ],
)
def test_other_faults_cost_their_document(fault: str) -> None:
    read = reading(f"a: 1\n---\n{fault}\n---\nb: 2\n---\nx: !y z\n")
    assert read.values == [{"a": 1}, {"b": 2}]
    assert len(read.codes) == 2
    assert read.findings[-1][:2] == ("ING011", read.findings[-1].line)
    assert read.findings[-1].covers == "!y z"


def test_a_fault_in_an_entry_of_a_list_costs_that_entry() -> None:
    text = "kind: List\nitems:\n- {a: 1}\n- {b: 1, b: 2}\n- c\n- kind: List\n  items:\n  - {d: 1}\n"
    read = reading(text + "  - e: *f\n- {g: 1}\n")
    assert read.values == [{"a": 1}, {"d": 1}, {"g": 1}]
    assert read.codes == ["ING006", "ING019", "ING008"]


def test_a_fault_in_a_list_outside_of_its_entries_costs_all_of_them() -> None:
    assert reading("kind: List\nkind: List\nitems:\n- {a: 1}\n").values == []
    assert reading("kind: List\nitems: !x\n- {a: 1}\n").values == []
    assert reading("kind: List\nmetadata: {b: 1, b: 2}\nitems:\n- {a: 1}\n").values == []


def test_as_deep_as_allowed_and_one_deeper() -> None:
    for brackets, file in (("[]", "a.yaml"), ("[]", "a.json")):
        inner = brackets[0] * (DEEPEST - 1) + brackets[1] * (DEEPEST - 1)
        assert reading(f'{{"a": {inner}}}', file).codes == []
        read = reading(f'{{"a": [{inner}]}}', file)
        assert read.findings == [("ING007", 1, 6 + DEEPEST, "[")]
        assert read.diagnostics[0].field is None
    read = reading("a: " + "[" * DEEPEST)
    assert read.findings == [("ING007", 1, 3 + DEEPEST, "[")]


def test_aliases_may_stand_for_much_but_not_for_more() -> None:
    thousand = ", ".join(["x"] * 999)
    text = f"a: &a [{thousand}]\nb: [{', '.join(['*a'] * 1000)}"
    assert reading(text + "]\n").codes == []
    assert reading(text + ", *a]\n").findings == [("ING010", 2, 4005, "*a")]


def test_long_texts_count_for_more_in_aliases() -> None:
    text = f"a: &a {'x' * 128_000}\nb: [{', '.join(['*a'] * 1000)}]\n"
    assert reading(text).codes == ["ING010"]


def test_aliases_of_a_document_that_was_given_up_do_not_count() -> None:
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    half = f"a: &a [{', '.join(['x'] * 999)}]\nb: [{', '.join(['*a'] * 500)}]\n"
    read = reading(f"{laughs}---\n{half}---\n{half}")
    assert read.codes == ["ING010"]
    assert len(read.values) == 2


@pytest.mark.parametrize("fault", ["a: 1\na: 2\n", "? {a: b}\n", "- a\n", '{"a": 1, "a": 2}\n'])
def test_reading_stops_after_many_faults(fault: str) -> None:
    separator = "" if fault.startswith("{") else "---\n"
    read = reading((fault + separator) * 3 * MOST_FAULTS)
    assert len(read.codes) == MOST_FAULTS + 1
    assert read.codes[-1] == "ING024"


def test_a_text_that_is_no_text() -> None:
    assert reading("a: 1\nb: \ud800\n").findings == [("ING004", 2, 4, "\ud800")]


def test_long_values_are_cut_in_messages() -> None:
    long = "x" * 10_000
    for text in (f"{long}\n", f"a: *{long}\n", f"a: !{long} b\n", f"{long[:900]}: 1\n" * 2):
        (found,) = reading(text).diagnostics
        assert len(found.message) < 200
