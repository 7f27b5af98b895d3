"""The trie and the table of hosts against a naive matcher: the first route, in order, that takes
the path by its definition.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingc.ir import ANY_HOST, Exact, Host, Prefix, Regex, Route
from ingc.match.trie import HostTable, PathTrie, RegexList, path_matcher
from tests.match import naive
from tests.match.by_hand import host, route
from tests.strategies import examples

_elements = st.sampled_from(["a", "a", "b", "ab", "A", "é", "a b", ".a", "a."])
_paths = st.builds(
    lambda elements, slash: "/" + "/".join(elements) + ("/" if slash and elements else ""),
    st.lists(_elements, max_size=4),
    st.booleans(),
)
uris = _paths.map(str.encode)
_matches = st.one_of(_paths.map(Exact), _paths.map(Prefix), _paths.map(Prefix))


def _precedence(match: Exact | Prefix) -> tuple[bool, int]:
    return isinstance(match, Prefix), -len(match.path.encode())


route_lists = st.lists(_matches, max_size=12, unique=True).map(
    lambda found: [route(m, f"s{n}") for n, m in enumerate(sorted(found, key=_precedence))]
)
"""Exact and Prefix routes in the order of precedence: Exact first, then the longer text."""

_BITS = (
    *("/", "a", "b", "A", ".", ".*", "\\.", "[ab]", "(a|b)", "a|b", "|", "$", "^", "\\d+"),
    *("(?i)", "(?-i)", "a{2}", "é", "\\x0a", "(/|$)", "[^/]+"),
)
patterns = st.lists(st.sampled_from(_BITS), min_size=1, max_size=5).map(lambda b: "/" + "".join(b))
subjects = st.one_of(uris, st.text("/aAbB.\n1é", max_size=6).map(lambda t: ("/" + t).encode()))


@examples(300)
@given(routes=route_lists, asked=st.lists(uris, min_size=1, max_size=12))
def test_the_trie_finds_what_the_naive_matcher_finds(
    routes: list[Route], asked: list[bytes]
) -> None:
    trie = PathTrie(routes)
    for uri in asked:
        assert trie.find(uri) is naive.first(routes, uri), uri


@examples(300)
@given(routes=route_lists, uri=uris)
def test_the_walk_meets_every_route_that_takes_the_path(routes: list[Route], uri: bytes) -> None:
    trie = PathTrie(routes)
    steps = list(trie.walk(uri))
    for step in steps:
        assert step.takes == naive.takes(step.route.match, uri)
    met = {step.route.match for step in steps if step.takes}
    # Of Prefix paths with the same elements the trie holds the longer one alone.
    taking = [r for r in routes if naive.takes(r.match, uri)]
    assert met >= {r.match for r in taking if isinstance(r.match, Exact)}
    assert {_stem(m) for m in met} == {_stem(r.match) for r in taking}


def _stem(match: object) -> tuple[type, str]:
    assert isinstance(match, Exact | Prefix)
    path = match.path if isinstance(match, Exact) else match.path.rstrip("/")
    return type(match), path


@examples(300)
@given(found=st.lists(patterns, max_size=6), asked=st.lists(subjects, min_size=1, max_size=8))
def test_regexes_in_order(found: list[str], asked: list[bytes]) -> None:
    routes = [route(Regex(p), f"s{n}") for n, p in enumerate(found) if compiles(p)]
    regexes = RegexList(routes)
    for uri in asked:
        assert regexes.find(uri) is naive.first(routes, uri), uri
        walked = [(step.route, step.takes) for step in regexes.walk(uri)]
        assert walked == [(r, naive.takes(r.match, uri)) for r in routes]


def compiles(pattern: str) -> bool:
    import pcre2

    try:
        pcre2.compile(("^" + pattern).encode(), pcre2.IGNORECASE)
    except pcre2.PatternError:
        return False
    return True


def test_a_regex_is_caseless_open_ended_and_bytes() -> None:
    def first(pattern: str, uri: str) -> bool:
        return RegexList([route(Regex(pattern), "s")]).find(uri.encode()) is not None

    assert first("/id/[0-9]+", "/ID/12a")
    assert not first("/id/[0-9]+", "/id/a")
    assert not first("/id", "/x/id")
    assert first("/x|id", "/y/id"), "after a | it is unanchored"
    assert first("/é", "/é")
    assert not first("/é", "/É"), "bytes have no case beyond ASCII"
    assert not first("/.$", "/é"), "a . is one byte"
    assert first("/..$", "/é")
    assert first("/foo(/|$)", "/foo\n"), "a $ also stands before a last line feed"
    assert not first("/foo.bar", "/foo\nbar")


_labels = st.sampled_from(["a", "b", "test", "x", "*", "_"])
_names = st.lists(_labels, min_size=1, max_size=4).map(".".join)
_rule_hosts = st.one_of(_names, _names.map(lambda name: f"*.{name}"), st.just(ANY_HOST))
_asked_hosts = st.one_of(_names, _names.map(lambda name: f".{name}"), st.just(""))


@examples(300)
@given(rules=st.lists(_rule_hosts, max_size=8, unique=True), asked=_asked_hosts)
def test_hosts_by_exact_name_then_one_label(rules: list[str], asked: str) -> None:
    table = HostTable(host(name) for name in rules)
    label, dot, rest = asked.partition(".")
    expected: str | None = None
    if asked in rules and asked and not asked.startswith("*."):
        expected = asked
    elif label and dot and f"*.{rest}" in rules:
        expected = f"*.{rest}"
    found = table.find(asked.encode())
    assert (found.name if found else None) == expected


def test_the_matcher_follows_the_mode_of_the_host() -> None:
    assert isinstance(path_matcher(host("a", route(Prefix("/"), "s"))), PathTrie)
    regex: Host = host("a", route(Regex("/"), "s"), regex=True)
    assert isinstance(path_matcher(regex), RegexList)
