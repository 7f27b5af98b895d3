"""The Host header: what we make of it, against what real nginx does. Old and new nginx differ."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given

from ingc.nginx import Nginx
from ingc.syntax.host import STRICT_HOST_SINCE, BadHost, read_host
from tests.nginx.bare import Talk, bare
from tests.strategies import deep, examples, host_headers

Read = bytes | int
"""``$host``, or the status of the refusal."""
Ask = Callable[[bytes], Read]

_SHOW = 'server { LISTEN server_name _; location / { return 200 "$host"; } }'

EXHAUSTIVE = (b"a", b".", b":", b"8", b"[", b"]", b"A")
"""Every value of up to four of these (six with ``--deep``) is tried."""

SAME = {
    "foo.bar.com": "foo.bar.com",
    "FOO.Bar.COM": "foo.bar.com",
    "foo.bar.com.": "foo.bar.com",
    "foo.bar.com:80": "foo.bar.com",
    "foo.bar.com:": "foo.bar.com",
    "foo.bar.com.:80": "foo.bar.com",
    "FOO.bar.com.:": "foo.bar.com",
    "[::1]": "[::1]",
    "[::1]:80": "[::1]",
    "bad_host": "bad_host",
    "-": "-",
    "a%20b": "a%20b",
    "a,b": "a,b",
    "*.foo.com": "*.foo.com",
    ".foo.com": ".foo.com",
    "127.0.0.1": "127.0.0.1",
    "_": "_",
}
"""Host header → ``$host`` on every version."""

STRICT = {
    "foo.bar.com:abc": "foo.bar.com",
    "foo.bar.com:99999": "foo.bar.com",
    "foo.bar.com:80:81": "foo.bar.com",
    "foo.bar.com:80.": "foo.bar.com",
    "foo.com.:8.0": "foo.com.",  # nginx remembers the last dot of the whole header alone
    ".:.": ".",
    "[::1": "[::1",
    "[::1].": "[::1]",
    "[::1]x": "[::1]",
    "a@b": "a@b",
    "a#b": "a#b",
    "a?b": "a?b",
    "a<b": "a<b",
    'a"b': 'a"b',
    "a\\b": "a\\b",
    "caf\xe9": "caf\xe9",
}
"""Host header → ``$host`` before 1.29.4; since then these are refused. Latin-1."""

REFUSED = [
    "",
    "a b",
    "a/b",
    "a..b",
    ".",
    "..",
    ":80",
    "a\x01b",
    "a\x7f",
    "\ta",
    "http://a",
    "a.:..",
]
"""Host headers that every version refuses."""


@pytest.fixture(scope="module")
def ask(nginx: Nginx) -> Iterator[Ask]:
    """Asks nginx what it makes of a Host header."""
    with bare(nginx, _SHOW) as address, Talk(address) as talk:

        def read(header: bytes) -> Read:
            response = talk.ask(b"GET / HTTP/1.1\r\nHost: " + header + b"\r\n\r\n")
            return response.body if response.status == 200 else response.status

        yield read


def ours(header: bytes, nginx: Nginx) -> Read:
    """Return our own reading."""
    try:
        return read_host(header, nginx.version)
    except BadHost:
        return 400


@pytest.mark.parametrize("header", SAME)
def test_what_every_version_reads_alike(nginx: Nginx, ask: Ask, header: str) -> None:
    raw = header.encode()
    assert ask(raw) == ours(raw, nginx) == SAME[header].encode()


@pytest.mark.parametrize("header", STRICT)
def test_what_newer_versions_refuse(nginx: Nginx, ask: Ask, header: str) -> None:
    raw = header.encode("latin-1")
    strict = nginx.version >= STRICT_HOST_SINCE
    expected = 400 if strict else STRICT[header].encode("latin-1")
    assert ask(raw) == ours(raw, nginx) == expected


@pytest.mark.parametrize("header", REFUSED)
def test_what_every_version_refuses(nginx: Nginx, ask: Ask, header: str) -> None:
    raw = header.encode()
    assert ask(raw) == ours(raw, nginx) == 400


def test_no_host_and_two_hosts_are_refused(nginx: Nginx) -> None:
    with bare(nginx, _SHOW) as address, Talk(address) as talk:
        assert talk.ask(b"GET / HTTP/1.1\r\n\r\n").status == 400
        assert talk.ask(b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").status == 400


def test_every_short_header(nginx: Nginx, ask: Ask) -> None:
    longest = 6 if deep() else 4
    made = (
        b"".join(bits)
        for size in range(longest + 1)
        for bits in itertools.product(EXHAUSTIVE, repeat=size)
    )
    assert _differences(made, nginx, ask) == []


def test_every_byte_at_every_place(nginx: Nginx, ask: Ask) -> None:
    places = (
        *(b"X Xa aX aXb a.X a.X.b aX.b a:X a:8X a:X8 a.:X a.X:8".split()),
        *(b"[X] [::1]X [::1]:X [::1X [X::1]:8".split()),
    )
    made = (place.replace(b"X", bytes([n])) for place in places for n in range(256))
    sendable = (raw for raw in made if raw == raw.strip(b" ") and not set(raw) & set(b"\r\n"))
    assert _differences(sendable, nginx, ask) == []


@pytest.mark.parametrize("name", [b"a", b"a.", b"a.b.", b"[::1]", b"1.2.3.4", b"A"])
@pytest.mark.parametrize(
    "port", b"0 00080 65535 65536 99999 0000000000080 99999999999999999999999 80:81 8.0 -1".split()
)
def test_ports(nginx: Nginx, ask: Ask, name: bytes, port: bytes) -> None:
    raw = name + b":" + port
    assert ask(raw) == ours(raw, nginx)


@examples(400)
@given(raw=host_headers)
def test_any_header(nginx: Nginx, ask: Ask, raw: bytes) -> None:
    assert ask(raw) == ours(raw, nginx)


def _differences(raws: Iterator[bytes], nginx: Nginx, ask: Ask) -> list[str]:
    found = ((raw, ask(raw), ours(raw, nginx)) for raw in raws)
    return [f"{raw!r}: nginx {seen!r}, we {own!r}" for raw, seen, own in found if seen != own][:20]
