"""Variables that a user may name, and what is said of the others."""

from __future__ import annotations

import pytest
from hypothesis import given

from ingc.plan.layout import expanded, token
from ingc.syntax.text import DOLLAR, BadVariable, Text, Variable, literal, most_bytes, read_text
from tests.strategies import examples, token_text


def test_captures_take_one_digit() -> None:
    assert read_text("/$10", captures=True) == Text(("/", Variable("1"), "0"))


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ((Variable("host"), "/x"), "$host/x"),
        ((Variable("host"), "x"), "${host}x"),
        ((Variable("host"), "1"), "${host}1"),
        ((Variable("host"), "", "_"), "${host}_"),
        ((Variable("host"), Variable("uri")), "$host$uri"),
        ((Variable("1"), "2x"), "$12x"),
        (("a", DOLLAR, "b"), "a${ingc_dollar}b"),
        ((), ""),
    ],
)
def test_a_text_is_written_as_nginx_reads_it(
    parts: tuple[str | Variable, ...], written: str
) -> None:
    assert str(Text(parts)) == expanded(Text(parts)) == written


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$document_root", 'the variable "$document_root" may not be used'),
        ("$the_real_ip", "ingress-nginx's own; write $remote_addr"),
        ("$the_real_ip", "ingress-nginx's own; write $remote_addr"),
        ("$uri", 'the variable "$uri" may not be used'),
        ("$1", 'the variable "$1" may not be used'),
        ("a$", 'a "$" is not followed by the name of a variable'),
    ],
)
def test_what_may_not_be_named(text: str, why: str) -> None:
    with pytest.raises(BadVariable, match=why.replace("$", r"\$")):
        read_text(text)


@pytest.mark.parametrize("name", ["host", "scheme", "server_port", "request_id", "remote_addr"])
def test_what_is_advised_in_place_of_the_controllers_own_may_be_named(name: str) -> None:
    assert read_text(f"${name}") == Text((Variable(name),))


def test_the_host_header_is_never_named_itself() -> None:
    assert read_text("$http_host/x") == Text((Variable("host"), "/x"))


@examples(200)
@given(token_text)
def test_no_token_takes_more_bytes_than_said(text: str) -> None:
    assert len(token(literal(text)).encode()) <= most_bytes(text)


@pytest.mark.parametrize(("text", "size"), [("", 2), ("a", 3), ('"', 4), ("é", 4), ("$", 16)])
def test_the_most_bytes_of_a_token(text: str, size: int) -> None:
    assert most_bytes(text) == size
