"""Rewrite targets that nginx refuses; what it makes of the others is in tests/nginx."""

from __future__ import annotations

import pytest

from ingc.syntax.regex.reading import BadRegex
from ingc.syntax.rewrite import BadRewrite, rewritten
from ingc.syntax.text import Text, Variable


@pytest.mark.parametrize(
    "target",
    [
        Text(()),
        Text(("",)),
        Text(("/a\0",)),
        Text(("/", Variable("0"))),
        Text(("/", Variable("host"))),
        Text(("/", Variable("xy"))),
    ],
)
def test_targets_that_are_refused(target: Text) -> None:
    with pytest.raises(BadRewrite):
        rewritten(b"/a", b"", "/(?<x>a)", target)


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        (("/", Variable("1"), "?q=", Variable("1")), b"/b?q=b&z"),
        (("/", Variable("1"), "?"), b"/b"),
        (("/?a??",), b"/?a?"),
        (("?a", Variable("1")), b""),
        ((Variable("1"), "0"), b"b0?z"),
    ],
)
def test_the_query_of_a_target(target: tuple[str | Variable, ...], sent: bytes) -> None:
    assert rewritten(b"/ab", b"z", "/a(.*)", Text(target)) == sent


def test_a_bad_regex_is_told() -> None:
    with pytest.raises(BadRegex):
        rewritten(b"/a", b"", "/(a", Text(("/",)))


@pytest.mark.parametrize(
    ("uri", "sent"), [(b"/b", None), (b"/", None), (b"/a", b""), (b"/ab c", b"b%20c?q")]
)
def test_no_match_and_an_empty_uri_are_told_apart(uri: bytes, sent: bytes | None) -> None:
    assert rewritten(uri, b"q", "/a(.*)", Text((Variable("1"),))) == sent


def test_a_match_that_takes_too_many_steps() -> None:
    assert rewritten(b"/" + b"a" * 40 + b"bc", b"", "/(a+)+c", Text(("/",))) == b""
