"""Files with faults: each is reported at its place, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.index import ENTRIES
from ingc.routetest import format_file, read_file, read_tests
from tests.routetest.language import findings
from tests.strategies import examples

FAULTS = [
    # text, code, line, column, words of the help
    ("host a.test\nget / -> 404", "ING701", 2, 1, "write GET"),
    ("host a.test\n/ => 404", "ING701", 2, 3, "write ->"),
    ("host a.test\n/ 404", "ING701", 2, 3, "->"),
    ("host a.test\n/ -> 700", "ING701", 2, 6, "a status"),
    ("host a.test\n/ -> Shop/cart", "ING701", 2, 6, "namespace/service:port"),
    ("host a.test\n/ -> cart:80", "ING701", 2, 6, "write namespace/cart:80, a status"),
    ("ftp://a.test/ -> 404", "ING701", 1, 1, "http://shop.example.com/cart"),
    ("host a.test\n/ with header Host: b -> 404", "ING708", 2, 15, "host NAME"),
    ("host a.test\n| path | header Host | -> |\n| / | b | 404 |", "ING708", 3, 7, "host NAME"),
    ("host a.test\n/ ->", "ING701", 2, 5, "namespace/service:port"),
    ('host a.test\n/ -> header X: "a', "ING701", 2, 16, "at the end of the string"),
    ("host a.test\n/ with header X -> 404", "ING701", 2, 17, '":"'),
    ("host a.test\n/ -> any of a/b", "ING701", 2, 16, "or …"),
    ("host a.test\n/ -> 404 or 503", "ING701", 2, 10, "and …"),
    ("host a.test\n/ -> 404\x07", "ING701", 2, 9, "printable"),
    ("host a.test\n/" + "a" * 20_000 + " -> 404", "ING701", 2, 16_000, "16000"),
    ("host", "ING701", 1, 5, "a value"),
    ("let 1a = b", "ING701", 1, 5, "a name"),
    ("host a.test\nlet cart = a/b\n/ -> $crat", "ING702", 3, 6, "write $cart"),
    ("host a.test\n/${x}/a -> 404", "ING702", 2, 1, "let x ="),
    ("let a = b\nlet a = b", "ING703", 2, 5, "another name"),
    ("/cart -> 404", "ING704", 1, 1, "http://shop.example.com/cart"),
    ("host a.test\n/cart with https", "ING705", 2, 1, "-> 404"),
    ("host a.test\n| path | -> |\n| /a | |", "ING705", 3, 3, "-> 404"),
    ("host a.test\n-> 404", "ING706", 2, 1, "below the test"),
    ("host a.test\n/ -> 404\n\n/x -> 404\n-> 404", "ING706", 5, 1, "below the test"),
    ("host a.test\n/x\nand 404", "ING706", 3, 1, "below the test"),
    ("with https", "ING706", 1, 1, "below the test"),
    ("host a.test\n| path | -> |\n| / | 404 |\nwith https", "ING706", 4, 1, "below the test"),
    ("host a.test\n| path |", "ING707", 2, 3, "column ->"),
    ("host a.test\n| -> | path |", "ING707", 2, 8, "left of ->"),
    ("host a.test\n| path | path | -> |", "ING707", 2, 10, "leave one"),
    ("host a.test\n| path | status | -> |", "ING707", 2, 10, "write"),
    ("host a.test\n| path | -> |\n| / | 404 | x |", "ING707", 3, 13, "2 cells"),
    ("host a.test\n| path | -> |\n|  | 404 |", "ING707", 3, 4, "write a path"),
    ("host a.test\n| path | -> |\n| / | no |", "ING701", 3, 7, "a status"),
    ("host a.test\n/ with client 10.0.0 -> 404", "ING708", 2, 15, "10.0.0.7"),
    ("host a.test\nlet x = cart\n/ -> $x", "ING708", 3, 6, "shop/cart:8080"),
    ("host a_b!.test\n/ -> 404", "ING708", 1, 6, "shop.example.com"),
    ('host a.test\n"/a b" -> 404', "ING708", 2, 1, "%20"),
    ("let a = " + "a" * 9_999 + "\nlet b = " + "$a" * 7, "ING708", 2, 9, "at most 65536"),
    ("host a.test\n/ -> same as https://", "ING708", 2, 14, "http://shop.example.com/cart"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "line", "column", "words"), FAULTS)
def test_a_fault_is_told_at_its_place(
    text: str, code: str, line: int, column: int, words: str
) -> None:
    found = findings(text)
    assert [item.code for item in found] == [code]
    span = found[0].span
    assert span is not None
    assert (span.line, span.column) == (line, column)
    assert words in found[0].help


def test_every_code_is_shown() -> None:
    assert {code for code in ENTRIES if "ING700" < code < "ING750"} == {it[1] for it in FAULTS}


def test_values_that_each_hold_the_one_before_twice() -> None:
    doubled = [f"let a{number + 1} = $a{number}$a{number}" for number in range(60)]
    found = findings("\n".join(["let a0 = xxxxxxxx", *doubled, "host a.test", "/$a60 -> 404"]))
    assert {item.code for item in found} == {"ING702", "ING708"}


def test_every_fault_of_a_file_is_told() -> None:
    text = "host a.test\nget / -> 404\n/ok -> 404\n/ -> $no\n/x\n"
    assert [item.code for item in findings(text)] == ["ING701", "ING702", "ING705"]


def test_what_follows_a_line_that_can_not_be_read_is_not_reported() -> None:
    assert [item.code for item in findings("host a.test\n/x ->> 404\nwith https\nand 404\n")] == [
        "ING701"
    ]
    assert [item.code for item in findings("host a.test\n/x\n-> same as /y z\n")] == ["ING701"]


@given(
    st.text(
        st.sampled_from('ab/|#$"\\->= \n\tGET with and host let 404 any of é\x00\r'), max_size=80
    )
)
@examples(300)
def test_no_text_breaks_the_reader(text: str) -> None:
    sink = Sink()
    file = read_file(text, "routes.ingc", sink)
    read_tests(file, sink)
    format_file(file)
