"""What is taken for a regex, and what is refused."""

from __future__ import annotations

import string

import pcre2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.syntax.regex.reader import read_tree
from ingc.syntax.regex.reading import BadRegex, Captures, captures, compile_path, read_pattern
from ingc.syntax.regex.tree import Bytes
from tests.strategies import examples

REFUSED = [
    ("(*UTF)a", 0),
    ("(*UTF8)a", 0),
    ("(*UCP)a", 0),
    ("(*LIMIT_MATCH=1)a", 0),
    ("(*NO_JIT)a", 0),
    ("a(*COMMIT)b", 1),
    ("a(*F)", 1),
    ("a(*pla:b)", 1),
    ("a(?C1)b", 1),
    ("a(?C)b", 1),
    ("(?R)", 0),
    ("(a)(?1)", 3),
    ("(a)(?-1)", 3),
    ("(?<n>a)(?&n)", 7),
    ("(?<n>a)(?P>n)", 7),
    (r"(?<n>a)\g<n>", 7),
    (r"(a)\g'1'", 3),
    ("(?(R)a|b)", 0),
    ("(?(DEFINE)a)", 0),
    ("(?J)(?<n>a)(?<n>b)", 0),
    ("(?^)a", 0),
    ("(?n)a", 0),
    ("(?xx)a", 0),
    ("(?*a)b", 0),
    ("(?[a])", 0),
    ("a{,2}", 1),
    ("a{ 1, 2 }", 1),
    ("{,2}", 0),
    ("(?<=a*)b", 0),
    ("é(?<=ab?)b", 2),
    ("(?<=a|(?:b|cd))b", 0),
    (r"a\p{L}", 1),
    (r"[\P{L}]", 1),
    (r"a\X", 1),
    (r"a\C", 1),
    (r"\u0041", 0),
    (r"\x{100}", 0),
    (r"\o{400}", 0),
    (r"\N{U+41}", 0),
    ("[[.a.]]", 1),
    ("(?<n23456789012345678901234567890123>a)", 0),
    ("a\0b", 1),
    ("\udcff", 0),
    ("(" * 100 + ")" * 100, 60),
]
MALFORMED = [
    "(",
    "a)",
    "a)|(b",
    "[a",
    "a**",
    "*a",
    "+",
    "{2}",
    "\\",
    "(?<1>a)",
    r"\x{4z}",
    r"\i",
    "[b-a]",
]
MALFORMED += [r"[a-\d]", "a{2,1}", "(?#", "(?", "(?<n>a)(?<n>b)", "a{65536}", r"\2(a)", "[[:no:]]"]


@pytest.mark.parametrize(("text", "position"), REFUSED)
def test_what_not_every_nginx_reads_alike(text: str, position: int) -> None:
    for read in (read_pattern, captures, compile_path):
        with pytest.raises(BadRegex) as caught:
            read(text)
        assert caught.value.position == position


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_malformed(text: str) -> None:
    for read in (read_pattern, captures, compile_path):
        with pytest.raises(BadRegex) as caught:
            read(text)
        assert 0 <= caught.value.position <= len(text)
        assert caught.value.why


@pytest.mark.parametrize(
    ("text", "taken", "not_taken"),
    [
        (r"^\x{41}$", "A", "x" * 41),
        (r"^\x4G$", "\x04G", "x4G"),
        (r"^[\x{61}-\x63]\o{60}\101$", "b0A", "d0A"),
        (r"^\x$", "\0", "x"),
        (r"^(?<n>a|b)\k<n>(?(1)c|d)$", "aac", "abc"),
        ("^(?|(a)x|(b)y)$", "by", "bx"),
        ("^(?x) a # b )(\n c $", "ac", "a"),
        (r"^a\Q{2}(\E{2}$", "a{2}((", "a{2}("),
        ("^a(?#)(?:b){1}c{$", "abc{", "abc"),
        (r"^[]a-c\Q^-\E\w-]+$", "]b^-w", "["),
        ("^é{2}$", "Ã©©", "Ã©Ã©"),
        (r"^(?<!a|bc)d\K$", "d", "ad"),
        (r"^a\R\h\N{2}\cA$", "a\n\txx\x01", "a\n\tx\x01"),
    ],
)
def test_what_is_read(text: str, taken: str, not_taken: str) -> None:
    pattern = read_pattern(text)
    assert pattern.search(taken.encode("latin-1"))
    assert not pattern.search(not_taken.encode("latin-1"))


def test_case() -> None:
    assert not read_pattern("a").search(b"A")
    assert read_pattern("a", caseless=True).search(b"A")
    assert compile_path("/a|b").search(b"/xB")
    assert not compile_path("/a").search(b"b/a")


@pytest.mark.parametrize(
    ("text", "count", "names"),
    [
        ("/", 0, ()),
        ("/(a)(?:b)(?=(c))", 2, ()),
        ("/(?<z>a)(b)(?P<Y>c)(?'x'd)", 4, ("z", "Y", "x")),
        (r"/\((?<a>[(])\Q(\E", 1, ("a",)),
        ("(?|(a)|(b))", 1, ()),
    ],
)
def test_captures(text: str, count: int, names: tuple[str, ...]) -> None:
    assert captures(text) == Captures(count, names)


_MEMBERS = [*"abzAZ09 -^]/.\\[\n\x80\xff", r"\d", r"\D", r"\w", r"\S", r"\h", r"\V", r"\b", r"\]"]
_MEMBERS += [
    r"\x{41}",
    r"\xe",
    r"\07",
    r"\1",
    r"\o{101}",
    r"\cA",
    r"\Qa-]\E",
    "[:alpha:]",
    "[:^punct:]",
]
_MEMBERS += [
    "[:print:]",
    "[:space:]",
    "a-f",
    "Z-a",
    r"\x20-\x{7e}",
    r"\n",
    r"\e",
    r"\-",
    r"\\",
    r"\E",
]
_classes = st.builds(
    "[{}{}]".format,
    st.sampled_from(["", "^"]),
    st.lists(st.sampled_from(_MEMBERS), min_size=1).map("".join),
)
_escapes = st.sampled_from([f"\\{c}" for c in string.printable if c not in "123456789Q"])


@examples(1500)
@given(text=st.one_of(_classes, _escapes, st.sampled_from(["."])))
def test_sets_of_bytes_are_those_of_the_engine(text: str) -> None:
    try:
        tree = read_tree(text)
        compiled = pcre2.compile(tree.spelt, pcre2.IGNORECASE)
    except (BadRegex, pcre2.PatternError):
        return
    if isinstance(tree.root, Bytes):
        taken = [n for n in range(256) if compiled.fullmatch(bytes([n]))]
        assert [n for n in range(256) if tree.root.bits >> n & 1] == taken
