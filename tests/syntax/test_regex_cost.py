"""Slow patterns: what is called slow takes far too many steps of PCRE, what is not does not."""

from __future__ import annotations

import contextlib
import itertools
import re
import time

import pcre2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.syntax.regex.reading import bulky_part, compares, slow_part
from tests.strategies import examples

LENGTH = 240
"""Bytes of a pumped text. Its square is far below the limit, its cube far above."""
LIMIT = 400_000
_FAILS = r"\n\x01"
"""What never follows: so PCRE has to try everything before."""

# Pattern, what is slow in it, and what to repeat to see that. A byte that can't match stands
# behind each pattern, as text that goes on to match is never slow.
SLOW = [
    ("(a+)+", "(a+)+", "a"),
    ("(.*)*", "(.*)*", "a"),
    ("(a|a)+", "(a|a)+", "a"),
    (r"/(\w+\s?)+", r"(\w+\s?)+", "a"),
    ("(a*)*", "(a*)*", "a"),
    ("(a?b?)*", "(a?b?)*", "ab"),
    ("(a|b|ab)*", "(a|b|ab)*", "ab"),
    ("(foo|foobar|bar)+", "(foo|foobar|bar)+", "foobar"),
    ("(a{1,3})+", "(a{1,3})+", "a"),
    ("(a{2,}b?)+", "(a{2,}b?)+", "a"),
    ("([a-z]+|[a-f0-9]+)+", "([a-z]+|[a-f0-9]+)+", "a"),
    ("(A|[^b])*", "(A|[^b])*", "a"),
    ("(/.*)*", "(/.*)*", "/"),
    ("(?:x(?:a+)+y)+", "(?:x(?:a+)+y)+", "a"),
    ("(a?){30}", "(a?){30}", "a"),
    ("(a{1,9}){30}", "(a{1,9}){30}", "a"),
    ("(?>(a+)+b)", "(a+)+", "a"),
    ("(?=(a+)+b)", "(a+)+", "a"),
    ("(?!(a+)+b)(a+)*", "(a+)+", "a"),
    ("(?x) ( a + ) + # (\n", "( a + ) +", "a"),
    (r"(a\E+)+", r"(a\E+)+", "a"),
    ("(?:[[:alpha:]]+[a-c]?)*", "(?:[[:alpha:]]+[a-c]?)*", "a"),
    (".*.*.*b", ".*.*.*", "a"),
    ("(.*)/(.*)/(.*)/x", "(.*)/(.*)/(.*)", "/"),
    ("/.*/.*/.*/.*$", ".*/.*/.*/.*", "/"),
    (r"(a+)(\1+)+", r"(\1+)+", "a"),
    (r"(?:(a+)\1)+", r"(?:(a+)\1)+", "a"),
    ("a?" * 30 + "b", "a?" * 30, "a"),
    ("(?:a|aa)" * 30, "(?:a|aa)" * 30, "a"),
    ("(?:ab)?" * 30, "(?:ab)?" * 30, "ab"),
]

FINE = [
    "/api(/|$)(.*)",
    "/foo(/.*)?",
    "/([a-z]+)/([0-9]+)",
    r"/(.+\.(?:js|css))",
    "/v[0-9]+/.*",
    "/something(/|$)(.*)",
    "/(?!api)(.*)",
    "/",
    "/foo/bar",
    "/(.*)/x/(.*)/y",
    "/([^/]+)/([^/]+)/([^/]+)/edit",
    "(?:/[^/]+)+/x",
    "(/[^/]*)*/x",
    "(a+)++",
    "(?>a+)+",
    "(a++)+",
    "(?>(a+)+)",
    "(é+)+",
    "(a|b)+",
    r"(.*)\1\1b",
    "(?:[a-z]|[0-9])+x",
    "([a-z]+-)*[a-z]+x",
    r"\Q(a+)+\E",
    r"[(a+)+]",
    r"\(a+\)+",
    "[a-z0-9]{1,63}(\\.[a-z0-9]{1,63}){1,5}/",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    r"/(?<lang>en|de)/(?:.*)\.html?$",
    r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}",
    r"/[^.]*\.(?:png|jpe?g|gif)$",
    "/" + "(?:a|b)" * 30 + "/",
    "(?:a|aa|aaa)" + "/(?:a|aa|aaa)" * 30,
    r"\d{1,3}(?:\.\d{1,3}){3}",
]
OPEN = ["/(.*)/(.*)/(.*)", "(.*)(.*)(.*)(.*)", "/(.*)/(.*)/(.*)(/[a-z]+)*", "/(.*)/(.*)(?:/(.*))?"]
"""Nothing stands behind their last repeat, so they go on to match; as the end of a path does."""


COMPARED = [
    (r"(.*)(.*)\1", r"(.*)(.*)\1"),
    (r"(.*).*\g{-1}x", r"(.*).*\g{-1}"),
    (r"/(?<one>a+)a*b?\k<one>x", r"(?<one>a+)a*b?\k<one>"),
    (r"(?|(b)|(a*))(a*)\1x", r"(?|(b)|(a*))(a*)\1"),
]
"""Of which PCRE's limit does not count what is compared, and what is slow in each."""
BRIEFLY_COMPARED = [
    r"(a+)\1x",
    r"(.*)/\1\1x",
    r"(a*)\1*x",
    r"([a-z]{2})/(.*)/(.*)/\1x",
    r"(a|ab)(.*)(.*)\1x",
    r"([a-z])(.*)\2x",
    r"(?<two>..)(.*)(.*)(?P=two)x",
]


def hits_limit(pattern: str, subject: bytes) -> bool:
    """Tell whether PCRE takes more than `LIMIT` steps."""
    text = f"(*NO_START_OPT)(*LIMIT_MATCH={LIMIT})^(?:{pattern})".encode()
    compiled = pcre2.compile(text, pcre2.IGNORECASE, jit=False)
    try:
        compiled.search(subject)
    except pcre2.LibraryError as error:
        assert "match limit" in str(error)
        return True
    return False


def pumped(word: str, before: str = "") -> bytes:
    return (before + word * (LENGTH // len(word))).encode("latin-1") + b"!\n\x02"


@pytest.mark.parametrize(("pattern", "part", "word"), SLOW)
def test_what_is_slow(pattern: str, part: str, word: str) -> None:
    assert slow_part(pattern) == part
    starts = ["", "/", "x", "/a", "\xc3"]
    assert any(hits_limit(pattern + _FAILS, pumped(word, start)) for start in starts)
    assert not any(hits_limit(pattern + _FAILS, (start + word).encode()) for start in starts)


@pytest.mark.parametrize("pattern", [*(fine + _FAILS for fine in FINE), *FINE, *OPEN])
def test_what_is_fine(pattern: str) -> None:
    assert slow_part(pattern) is None
    words = ["a", "/", "ab", "/a", "a.", "/x/", "a-", "1.", "/v1", ".js", "a1"]
    for word, start in itertools.product(words, ["", "/", "/a", "/api/", "/x/"]):
        assert not hits_limit(pattern, pumped(word, start))


def seconds(pattern: str) -> float:
    """Return how long PCRE takes on a path of 2,000 bytes, or to its limit."""
    text = f"(*NO_START_OPT)^(?:{pattern})".encode()
    compiled = pcre2.compile(text, pcre2.IGNORECASE, jit=False)
    begun = time.process_time()
    with contextlib.suppress(pcre2.LibraryError):
        compiled.search(b"a" * 2000 + b"!")
    return time.process_time() - begun


@pytest.mark.parametrize(("pattern", "part"), COMPARED)
def test_what_is_compared_again_counts_as_a_repeat(pattern: str, part: str) -> None:
    assert slow_part(pattern) == part
    assert compares(part)
    assert slow_part(re.sub(r"\\\d|\\[gk][{<][\w-]+[}>]", "(?!b)", pattern)) is None


def test_it_takes_longer_than_what_is_fine() -> None:
    assert seconds(r"(.*)(.*)\1!x") > 5 * max(map(seconds, BRIEFLY_COMPARED[:3]))


@pytest.mark.parametrize("pattern", BRIEFLY_COMPARED)
def test_what_is_compared_once_or_is_short_does_not(pattern: str) -> None:
    assert slow_part(pattern) is None
    assert not hits_limit(pattern, pumped("a"))


def test_a_pattern_too_big_to_look_at_is_slow() -> None:
    pattern = "(?:(?:(?:(?:(?:a{8}b?){8}c?){8}){8}){8}d?)+"
    assert slow_part(pattern) == pattern


BULKY = [
    ("/(a|b){1368}", "(a|b){1368}"),
    ("/x(?:(?:ab){40}c){26}", "(?:(?:ab){40}c){26}"),
    ("/(?:a?(?:bc){0,1001})d", "(?:bc){0,1001}"),
]


@pytest.mark.parametrize(("pattern", "part"), BULKY)
def test_a_group_with_a_high_count_is_bulky(pattern: str, part: str) -> None:
    assert slow_part(pattern) is None
    assert bulky_part(pattern) == part


@pytest.mark.parametrize("pattern", ["/a{2000}", "/[ab]{60000}", "/(a|b)+", "/(a|b){1000}", "/v"])
def test_a_count_without_groups_is_not_bulky(pattern: str) -> None:
    assert bulky_part(pattern) is None


_letters = st.sampled_from(["a", "b", "[ab]", "ab", "."])
_quantifiers = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}", "*?", "++"])
_patterns = st.recursive(
    _letters,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("(?:{}){}".format, inner, _quantifiers),
        st.builds("(?>{})".format, inner),
        st.builds("(?={})".format, inner),
    ),
    max_leaves=6,
)
_WORDS = ["".join(word) for size in (1, 2, 3) for word in itertools.product("ab", repeat=size)]


@examples(1000)
@given(pattern=_patterns)
def test_nothing_slow_is_missed(pattern: str) -> None:
    if slow_part(pattern + "c") is None:
        assert [w for w in _WORDS if hits_limit(pattern + "c", pumped(w))] == []
