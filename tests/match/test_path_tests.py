"""What a route takes by itself, against the regex that nginx is given for it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ingc.ir import BoundedRegex, Exact, Prefix, RouteMatch
from ingc.ir.written import as_regex, can_be_written
from ingc.match.path_tests import path_test
from ingc.syntax.regex.paths import Beginning, beginning
from ingc.syntax.regex.reading import BadRegex, read_pattern
from tests.match.test_trie import compiles, patterns, subjects
from tests.strategies import examples

_paths = st.text("/aA.b1é ()[]{}*+?|^$\\\n#", max_size=7).map(lambda text: "/" + text)


@pytest.mark.parametrize(
    ("pattern", "literal", "below"),
    [
        ("/api(/|$)(.*)", "/api", "/api"),
        ("/api.*", "/api", "/api"),
        ("/api/(.*)", "/api/", "/api"),
        ("/Api", "/Api", "/Api"),
        ("/api[0-9]+", "/api", ""),
        ("/api(v1)?/x", "/api", ""),
        ("/a/b[0-9]", "/a/b", "/a"),
        ("/a\\.b(/|$)", "/a.b", "/a.b"),
        ("/(?i)a/(b)/c", "/a/b/c", "/a/b/c"),
        ("/zz|.*", "", ""),
        ("/", "/", ""),
        ("/.*", "/", ""),
        ("/é/(.*)", "/é/", "/é"),
        ("/aé?", "/a", ""),
        ("/a\\xc3(.*)", "/a", ""),
        ("/a\\x00", "/a", ""),
        ("/(a)\\1/x", "/a", ""),
    ],
)
def test_what_a_regex_begins_with(pattern: str, literal: str, below: str) -> None:
    assert beginning(pattern) == Beginning(literal, below)


@examples(300)
@given(match=st.one_of(_paths.map(Exact), _paths.map(Prefix)), uri=st.one_of(subjects, _paths))
def test_paths_written_as_regexes(match: Exact | Prefix, uri: bytes | str) -> None:
    raw = uri if isinstance(uri, bytes) else uri.encode()
    for asked in (raw, match.path.encode(), match.path.encode() + b"/", match.path.encode() + b"x"):
        assert _as_nginx(match, asked) == path_test(match)(asked), asked


@examples(300)
@given(pattern=patterns, uri=subjects)
def test_bounded_regexes(pattern: str, uri: bytes) -> None:
    assume(compiles(pattern))
    match = BoundedRegex(pattern, beginning(pattern).below)
    try:
        taken = _as_nginx(match, uri)
    except BadRegex:
        return  # then it is refused
    assert taken == path_test(match)(uri)
    stem = match.below.encode()
    assert not taken or uri == stem or uri.startswith(stem + b"/")


@pytest.mark.parametrize("pattern", ["/a(?x) #c", "/a\\Qb"])
def test_what_can_not_stand_in_a_group(pattern: str) -> None:
    with pytest.raises(BadRegex):
        read_pattern(as_regex(BoundedRegex(pattern, "/a"))[1])


def test_nginx_reads_4095_bytes() -> None:
    assert can_be_written(Prefix("/" + "a" * 4000))
    assert not can_be_written(Prefix("/" + "." * 2000))


def _as_nginx(match: RouteMatch, uri: bytes) -> bool:
    modifier, text = as_regex(match)
    return read_pattern(text, caseless=modifier == "~*").search(uri) is not None
