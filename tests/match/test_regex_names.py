"""Of many regexes those that can't match are passed over, and no other: on both sides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingc.ir.features.aliases import Alias
from ingc.match import HostTable
from ingc.match.regex_names import RegexNames
from ingc.match.trie import MANY_SEARCHES
from ingc.model.servers import Socket
from ingc.model.tree import Statement
from ingc.syntax.regex.reading import BadRegex, read_pattern
from tests.match.test_names import served
from tests.strategies import examples

NOTHING = served("nothing.test")
PIECES = st.sampled_from(
    [
        *("a", "b", "ab", "A", "1", "-", "[.]", r"\.", ".", "[ab]", "[.]?", "a+", "b{2}", "(a|b)"),
        *("(?:a)", "(?i)", "(?x)", "(?m)", " ", "#", "^", "$", r"\$", "|", r"\d", r"\x61", r"\141"),
        *(r"\Qa$", r"\E", "(?#x)", "a|b", "[^a]", "[$]", "[]a]", r"\a", r"\w", "(a)", r"\1", "x*"),
    ]
)
PATTERNS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["^", "^", "", "(?m)^", "(?x)^"]),
    st.lists(PIECES, min_size=1, max_size=5).map("".join),
    st.sampled_from(["$", "$", "", r"\Z", "(?m)$"]),
)
NAMES = st.text(st.sampled_from("ab1-.x$"), max_size=6).map(str.encode)


def socket_of(patterns: list[str]) -> Socket:
    socket = Socket("*", 80, ssl=False)
    first = (Statement("server_name", ("_",), 0, None),)
    socket.add(Statement("server", (), 0, first))
    for number, pattern in enumerate(patterns, 1):
        names = (Statement("server_name", (f"~{pattern}",), number, None),)
        socket.add(Statement("server", (), number, names))
    return socket


@examples(1500)
@given(st.lists(PATTERNS, min_size=1, max_size=6), st.lists(NAMES, min_size=1, max_size=8))
def test_the_first_that_matches_is_found(patterns: list[str], names: list[bytes]) -> None:
    kept = []
    regexes = RegexNames()
    for pattern in patterns:
        caseless = any("A" <= char <= "Z" for char in pattern)
        try:
            kept.append((pattern, read_pattern(pattern, caseless=caseless)))
        except BadRegex:
            continue
        regexes.add(pattern, 0, NOTHING)
    socket = socket_of([pattern for pattern, _ in kept])
    for name in names:
        first = next((n for n, (_, regex) in enumerate(kept, 1) if regex.search(name)), 0)
        found = (one for one in regexes.candidates(name) if one.pattern.search(name))
        assert next((one.number + 1 for one in found), 0) == first
        assert socket.find(name)[0].line == first


def test_few_are_searched() -> None:
    names = [f"~^b{n}-[0-9]+[.]test$" for n in range(100)]
    names += [f"~^[^.]+[.]w{n}[.]x[.]test$" for n in range(100)]
    table = HostTable([served(f"h{n}.test", Alias((name,))) for n, name in enumerate(names)])
    assert table.searches(b"h3.test") == 0
    assert table.searches(b"b7-1.test") == 1
    assert table.searches(b"a.w7.x.test") == 1
    assert table.searches(b"nobody.test") == 0
    assert not table.may_find("nobody.test")


def test_names_that_too_many_may_take_are_not_waited_for() -> None:
    many = [served(f"h{n}.test", Alias((f"~x{n}y",))) for n in range(MANY_SEARCHES + 1)]
    assert HostTable(many).may_find("nobody.test")
    assert not HostTable(many[1:]).may_find("nobody.test")
