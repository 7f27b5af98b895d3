"""The formatter: one layout, comments kept, the same tests."""

from __future__ import annotations

from hypothesis import given

from ingc.routetest import format_file
from tests.routetest.language import files, parsed, suite_of
from tests.strategies import examples


def formatted(text: str) -> str:
    return format_file(parsed(text))


@given(files)
@examples(150)
def test_a_formatted_file_is_formatted(text: str) -> None:
    once = formatted(text)
    assert formatted(once) == once


@given(files)
@examples(150)
def test_the_tests_stay_the_same(text: str) -> None:
    before, after = suite_of(text), suite_of(formatted(text))
    assert [(it.question, it.expectations) for it in before] == [
        (it.question, it.expectations) for it in after
    ]


@given(files)
@examples(150)
def test_no_comment_is_lost_or_moved_past_another(text: str) -> None:
    comments = [line.comment for line in parsed(text).lines if line.comment]
    assert [line.comment for line in parsed(formatted(text)).lines if line.comment] == comments


def test_the_layout() -> None:
    text = """\


let cart=shop/cart:8080   # the new one
host   shop.test
# short
/ -> $cart
GET /cart/items ->   404 #  gone


| path|->| as |
|/long/path   | $cart|/|
  # a note
| / | any of a/b or c/d |
POST /x with header X-Beta: always and https -> shop/cart:8080 as /a/long/path and header X-A: bcde
# end

"""
    expected = """\
let cart = shop/cart:8080  # the new one
host shop.test
  # short
  /               -> $cart
  GET /cart/items -> 404  #  gone

  | path       | ->                | as |
  | /long/path | $cart             | /  |
  # a note
  | /          | any of a/b or c/d |
  POST /x
    with header X-Beta: always
    with https
    -> shop/cart:8080 as /a/long/path
    and header X-A: bcde
  # end
"""
    assert formatted(text) == expected


def test_an_empty_file_stays_empty() -> None:
    assert formatted("") == formatted("\n \n") == ""
