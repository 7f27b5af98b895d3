"""Rewritten requests: what we say a backend receives, against what it receives from nginx."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.nginx import Nginx
from ingc.syntax.regex.reading import compile_path
from ingc.syntax.rewrite import rewritten
from ingc.syntax.text import read_text
from ingc.syntax.token import quote
from ingc.syntax.uri import BadTarget, read_target
from tests.nginx.bare import Talk, bare
from tests.nginx.sent import sent_lines
from tests.strategies import escapes, examples, target_pieces

RULES = [
    ("/api(/|$)(.*)", "/$2"),
    ("/p(.*)", "/x$1y"),
    ("/foo(/.*)?", "$1"),
    ("/foo(/.*)?", "/bar$1"),
    ("/(a+)?(b+)?(c+)?", "/$3-$2-$1$1"),
    ("/(.*)", "/$1?"),
    ("/(.*)", "/$1"),
    ("/(.*)", "//../$1/./.."),
    ("/(.*)", "$1"),
    ("/(.*)", "/x?q=$1"),
    ("/(.*)", "/$1?$1?$1"),
    ("/(.*)", "/$1?a??"),
    ("/(.*)", "?$1"),
    ("/([^/]*)(?:/([^/]*))?", "/$2/$1?x=$2&y=$1"),
    ("/(?<Zed>.*)", "/$zED//${zed}x"),
    ("/(?<z>[^\\n\\r ]*)", "/?$z"),
    ("/(?<z>[^y]*)y", "/?$z"),
    ("/(?<a>.)(?<A>.)", "/$a"),
    ("/", "/$10$20$1$9"),
    ("/", "/ %20%é?\"<'|~+;"),
    ("(/a|b)(.*)", "/$2/$1"),
    ("/a|/foo(.*)|(.)", "/$1"),
    ("/(?s)(.)(.)(.+)", "/$3$2$1"),
    ("/(?:a(?=b)|(.))\\K(.*)", "/$2/$1"),
    ("/(\\w+)\\W(\\w+)", "/$2 $1"),
    ("/\\x{61}\\x4a?([\\x80-\\xff]*)", "/$1"),
]
"""Regex and target; a request is sent through each."""
NAMES = ("zED", "zed", "z", "a")
"""The groups that targets name."""

BY_HAND = {
    ("/api(/|$)(.*)", "/$2", "/api/x/y?z=%20"): "/x/y?z=%20",
    ("/api(/|$)(.*)", "/$2", "/API"): "/",
    ("/p(.*)", "/x$1y", "/pa%20%3F%25%2f%7e%22?"): "/xa%20%3F%25/~%22y",
    ("/p(.*)", "/x$1y", '/p"|+\\'): "/x%22%7C+%5Cy",
    ("/(.*)", "/x?q=$1", "/a+b?c"): "/x?q=a%2Bb&c",
    ("/(.*)", "/x?q=$1", "/a&b;c"): "/x?q=a&b;c",
    ("/(.*)", "/x?q=$1", "/a%26b;c"): "/x?q=a%26b%3Bc",
    ("/(.*)", "/$1?", "/a?b"): "/a",
    ("/(.*)", "/$1?a??", "/a?b"): "/a?a?",
    ("/(.*)", "//../$1/./..", "/a"): "//../a/./..",
    ("/(.*)", "$1", "/a/b?c"): "a/b?c",
    ("/(.*)", "$1", "/?c"): "",
    ("/foo(/.*)?", "$1", "/foobar"): "",
    ("/(.*)", "?$1", "/a?c"): "",
    ("/(?<Zed>.*)", "/$zED//${zed}x", "/a%2b"): "/a+//a+x",
    ("/(?<z>[^y]*)y", "/?$z", "/a%0D%0AX:%20by"): "/?a\r\nX: b",
    ("/", "/$10$20$1$9", "/a"): "/00",
    ("/", "/ %20%é?\"<'|~+;", "/?a"): "/%20%2520%25%C3%A9?\"<'|~+;&a",
}
"""Regex, target, request → what the backend receives (Latin-1); ``""``: nginx answers 500."""

Ask = Callable[[int | str, bytes], bytes | int]


@pytest.fixture(scope="module")
def ask(nginx: Nginx) -> Iterator[Ask]:
    """Sends a request through a rule; gives what arrives, or nginx's own status."""
    servers = "".join(
        f"server {{ LISTEN server_name r{number}; location / {{ return 404; }}\n"
        f"location ~* {quote('^' + path)} {{\n"
        f"rewrite {quote('(?i)' + path)} {quote(target)} break; proxy_pass http://up; }} }}\n"
        for number, (path, target) in enumerate(RULES)
    )
    with tempfile.TemporaryDirectory(prefix="ingc-") as folder:
        Path(folder).chmod(0o755)
        socket = Path(folder) / "up.sock"
        http = (
            f"upstream up {{ server unix:{socket}; keepalive 8; }} proxy_http_version 1.1;\n"
            f'proxy_set_header Connection "";\n{servers}'
            "server { LISTEN server_name loose; location / {\n"
            'rewrite "(?i)/foo(.*)" "/$1" break; proxy_pass http://up; } }\n'
        )
        with sent_lines(socket), bare(nginx, http) as address, Talk(address) as talk:

            def through(rule: int | str, target: bytes) -> bytes | int:
                host = rule.encode() if isinstance(rule, str) else b"r%d" % rule
                response = talk.ask(b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (target, host))
                if response.status != 200:
                    return response.status
                return response.body.removeprefix(b"GET ").removesuffix(b" HTTP/1.1")

            yield through


def ours(rule: int, raw: bytes) -> bytes | int:
    """Return our own answer for a request through a rule."""
    path, target = RULES[rule]
    try:
        read = read_target(raw)
    except BadTarget as error:
        return error.status
    if compile_path(path).search(read.uri) is None:
        return 404
    sent_path = read.sent.partition(b"#")[0].partition(b"?")[0]
    quoted = b"%" in sent_path or b"+" in sent_path
    written = read_text(target, captures=True, also=NAMES)
    found = rewritten(read.uri, read.args, path, written, quoted=quoted)
    return raw if found is None else found or 500


@pytest.mark.parametrize(("path", "target", "request_target"), BY_HAND)
def test_what_is_known(ask: Ask, path: str, target: str, request_target: str) -> None:
    rule, raw = RULES.index((path, target)), request_target.encode("latin-1")
    expected = BY_HAND[path, target, request_target].encode("latin-1")
    assert ours(rule, raw) == (expected or 500)
    assert ask(rule, raw) == (expected or 500)


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        (b'/a%2fb//"?c', b'/a%2fb//"?c'),
        (b"/fo/../a", b"/fo/../a"),
        (b"/a/FOO%2fb?c", b"//b?c"),
    ],
)
def test_a_rewrite_that_does_not_match(ask: Ask, raw: bytes, sent: bytes) -> None:
    read = read_target(raw)
    found = rewritten(read.uri, read.args, "/foo(.*)", read_text("/$1", captures=True))
    assert (raw if found is None else found) == sent
    assert ask("loose", raw) == sent


def test_every_byte_in_every_place(ask: Ask) -> None:
    wrong = []
    for rule in range(len(RULES)):
        for byte in range(1, 256):
            plain = bytes([byte]) if 0x20 < byte != 0x7F else b"x"
            for raw in (b"/a%%%02x/b" % byte, b"/a" + plain + b"?" + plain):
                if (seen := ask(rule, raw)) != (own := ours(rule, raw)):
                    wrong.append(f"{RULES[rule]} {raw!r}: nginx {seen!r}, we {own!r}")
    assert wrong[:10] == []


_names = st.sampled_from([b"a", b"b", b"foo", b"api", b"p", b"aabbcc", b"A"])
_paths = st.lists(st.one_of(_names, target_pieces, escapes), max_size=6).map(b"".join)


@examples(3000)
@given(
    rule=st.integers(0, len(RULES) - 1), raw=st.builds(lambda n, p: b"/" + n + p, _names, _paths)
)
def test_any_request(ask: Ask, rule: int, raw: bytes) -> None:
    assert ask(rule, raw) == ours(rule, raw)
