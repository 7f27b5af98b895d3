"""Rewrite targets that nginx refuses; what it makes of the others is in tests/nginx."""

from __future__ import annotations

import pytest

from ingc.syntax.regex.reading import BadRegex
from ingc.syntax.rewrite import BadRewrite, rewritten


@pytest.mark.parametrize(
    ("target", "position"),
    [
        ("", -1),
        ("/a\0", 2),
        ("/a$", 2),
        ("/é$-", 3),
        ("/$0", 1),
        ("/${1}", 1),
        ("/${x", 1),
        ("/$$1", 1),
        ("/$host", 1),
        ("/$xy", 1),
    ],
)
def test_targets_that_are_refused(target: str, position: int) -> None:
    with pytest.raises(BadRewrite) as caught:
        rewritten(b"/a", b"", "/(?<x>a)", target)
    assert caught.value.position == position


def test_a_bad_regex_is_told() -> None:
    with pytest.raises(BadRegex):
        rewritten(b"/a", b"", "/(a", "/")


@pytest.mark.parametrize(
    ("uri", "sent"), [(b"/b", None), (b"/", None), (b"/a", b""), (b"/ab c", b"b%20c?q")]
)
def test_no_match_and_an_empty_uri_are_told_apart(uri: bytes, sent: bytes | None) -> None:
    assert rewritten(uri, b"q", "/a(.*)", "$1") == sent


def test_a_match_that_takes_too_many_steps() -> None:
    assert rewritten(b"/" + b"a" * 40 + b"bc", b"", "/(a+)+c", "/") == b""
