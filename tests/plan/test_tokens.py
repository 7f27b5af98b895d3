"""What may be written: a value that is not as it should be is refused, not printed."""

from __future__ import annotations

from typing import Any

import pytest

from ingc.plan.layout import Comment, Literal, Unsafe, token
from ingc.syntax.text import DOLLAR, Text, Variable, literal


class Odd(str):
    """A text of a type that nobody has thought about."""

    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        "a$b",
        "$",
        "${x}",
        Text(("a$b",)),
        Text((Variable("host"), "$")),
        Odd("a"),
        b"a",
        None,
        1.5,
        ["a"],
    ],
)
def test_what_is_no_value_is_refused(value: Any) -> None:
    with pytest.raises(Unsafe):
        token(value)


@pytest.mark.parametrize("char", ["\n", "\r", "\0", "#", "{", "}", '"', "\\", "$", "\u2028", "é"])
def test_a_comment_holds_safe_characters_alone(char: str) -> None:
    with pytest.raises(Unsafe):
        token(Comment(f"shop/web{char}return 200 pwned"))


def test_the_comments_that_there_are() -> None:
    assert token(Comment("shop/web spec.rules[0].http.paths[1] (else nginx redirects)"))


def test_a_literal_may_hold_a_dollar_sign() -> None:
    assert token(Literal("^/a$")) == '"^/a$"'


def test_a_dollar_sign_is_a_variable_where_variables_are_expanded() -> None:
    assert literal("a$b$") == Text(("a", DOLLAR, "b", DOLLAR))
    assert token(literal("a$b")) == f'"a${{{DOLLAR.name}}}b"'


def test_a_group_is_one_digit_without_braces() -> None:
    """In braces nginx would take it for a variable of that name, and not start."""
    one, nine, host = Variable("1"), Variable("9"), Variable("host")
    text = Text(("/", one, "_", nine, "0a", host, "x", host))
    assert token(text) == '"/$1_$90a${host}x$host"'
