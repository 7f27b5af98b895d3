"""Regexes: what we take matches on every nginx as here, and why the rest is refused."""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from ingc.syntax.regex.reading import BadRegex, read_pattern, slow_part
from ingc.syntax.token import quote
from ingc.syntax.uri import normalise
from tests.nginx.bare import Talk, bare

TAKEN = [
    r"^/a\Kb",
    r"^/\x{41}\x4a?$",
    r"^/[\x{61}-\x7a]+$",
    r"^/\101\o{102}",
    r"^/\x{80}",
    r"^/(?<v_n>a|b)\k<v_n>",
    r"^/(a)?(?(1)b|c)$",
    r"^/(?|(a)x|(b)y)\1",
    "^/(?x) a # b )(\n c $",
    r"^/\Q{2}(\E{2}$",
    "^/a(?#c)b{$",
    "^/a{1,}b{2}$",
    "^/(?x) a + [b] {2} $",
    r"^/a\E+$",
    r"^/(a)(?:\g{-1}|\g1)b",
    "^/a(?=b)*",
    r"^/[]a\Q^-\E-]+$",
    "^/é{2}$",
    r"^/(?<!a|bc)d",
    r"^/a(?<=/a)(?=b)b(?!c)",
    r"^/a++b|^/(?>c+)d",
    r"^/(?i)A(?-i:B)$",
    r"^/(?s).$",
    r"^/.$",
    r"^/\R\h\N$",
    r"^/[[:alpha:]]+$",
    r"^/\w\W\s$",
    r"^/a$",
    r"^/(?U)a+b?$",
    r"a|/b",
    "^/[\"'$;{}]+$",
]
WORDS = b"""/ab /aabb /a /b /aa /bb /A /AJ /aj /abc /ac /c /axa /byb /bxb /%7B2%7D(( /ab%7B /aaa /]
/%5E- /%C3%A9%A9 /d /add /bcd /aab /ccd /AB /aB /%0A%20x /x%0A /a%0A /a%20%20
/%22%27$; /c%2Fa""".split()
SUBJECTS = [*WORDS, *(b"/%%%02x" % n for n in range(1, 256) if n not in b"/.")]


@pytest.mark.parametrize("case", ["~", "~*"])
def test_what_is_taken_matches_as_here(nginx: Nginx, case: str) -> None:
    servers = "".join(
        f"server {{ LISTEN server_name r{n}; location / {{ return 404; }}\n"
        f"location {case} {quote(pattern)} {{ return 200; }} }}\n"
        for n, pattern in enumerate(TAKEN)
    )
    wrong = []
    with bare(nginx, servers) as address, Talk(address) as talk:
        for n, pattern in enumerate(TAKEN):
            compiled = read_pattern(pattern, caseless=case == "~*")
            seen = 0
            for sent in SUBJECTS:
                uri = normalise(sent)
                here = 200 if compiled.search(uri) else 404
                seen += here == 200
                status = talk.ask(b"GET %b HTTP/1.1\r\nHost: r%d\r\n\r\n" % (sent, n)).status
                if status != here:
                    wrong.append(f"{case} {pattern} {uri!r}: nginx {status}, we {here}")
            assert seen or case == "~", pattern
    assert wrong == []


@pytest.mark.parametrize(
    ("pattern", "sent", "status"),
    [
        ("(*UTF8)^/a", b"/a", 200),
        ("(*UTF8)^/a", b"/a%ff", 500),
        ("(*LIMIT_MATCH=1)^/(a|b)*c", b"/ababxc", 500),
        ("^/a(?C1)b", b"/ab", 200),
        ("^/(a(?R)?b)", b"/ab", 200),
        ("^/a{,2}b", b"/a{,2}b", None),
    ],
)
def test_why_others_are_refused(
    nginx: Nginx, pattern: str, sent: bytes, status: int | None
) -> None:
    with pytest.raises(BadRegex):
        read_pattern(pattern)
    location = f"location ~ {quote(pattern)} {{ return 200; }}"
    with (
        bare(nginx, f"server {{ LISTEN location / {{ return 404; }} {location} }}") as address,
        Talk(address) as talk,
    ):
        found = talk.ask(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % sent).status
    # Braces without a first number are text up to PCRE2 10.42, and a quantifier later.
    assert found == status if status else found in (200, 404)


def test_a_slow_regex_ends_with_500(nginx: Nginx) -> None:
    assert slow_part("^/(a+)+c")
    with bare(nginx, "server { LISTEN location ~ ^/(a+)+c { return 200; } }") as address:
        request = b"GET /" + b"a" * 40 + b"bc HTTP/1.1\r\nHost: x\r\n\r\n"
        with Talk(address) as talk:
            assert talk.ask(request).status == 500
