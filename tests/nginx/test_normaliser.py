"""Request targets: what we make of them, against what real nginx does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given

from ingc.nginx import Nginx
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.uri import BadTarget, read_target
from tests.nginx.bare import Talk, bare
from tests.strategies import deep, examples, targets

# $host, $request_uri and $args can't hold a line feed; $uri, which can, comes last.
_SHOW = (
    'server { LISTEN server_name _; location / { return 200 "$host\n$request_uri\n$args\n$uri"; } }'
)

EXHAUSTIVE = (b"/", b".", b"%2e", b"%2F", b"a", b"%", b"?", b"#")
"""Every target of up to four of these (five with ``--deep``) is tried."""

BY_HAND = {
    "/": "/",
    "///": "/",
    "/.": "/",
    "/./": "/",
    "/a/..": "/",
    "//a//b": "/a/b",
    "/a/./b": "/a/b",
    "/a/x/../b": "/a/b",
    "/a/%2e/b": "/a/b",
    "/%61/b": "/a/b",
    "/a%2Fb": "/a/b",
    "/a%2F%2fb": "/a/b",
    "/a%252Fb": "/a%2Fb",
    "/a/%2E%2E/b": "/b",
    "/a/.%2e/b": "/b",
    "/a/..%2Fb": "/b",
    "/a%2F..%2Fb": "/b",
    "/a;v=1/../b": "/b",
    "/a/.": "/a/",
    "/a/%2E": "/a/",
    "/a/b/..": "/a/",
    "/a/b/../": "/a/",
    "/a/...": "/a/...",
    "/a/..b": "/a/..b",
    "/a/.b": "/a/.b",
    "/a%3Fq": "/a?q",
    "/a%23b": "/a#b",
    "/a#b": "/a",
    "/a#b?c": "/a",
    "/a?b#c": "/a",
    "/a/..?/../b": "/",
    "/a+b%2B": "/a+b+",
    "/a\\b": "/a\\b",
    "/a%5C..%5Cb": "/a\\..\\b",
    "/caf\xc3\xa9": "/caf\xc3\xa9",
    "/caf%C3%a9": "/caf\xc3\xa9",
    "/%ff\xfe": "/\xff\xfe",
    "/a%0Ab%7F%01": "/a\nb\x7f\x01",
    "http://h": "/",
    "http://h?x": "/",
    "http://h?x/../y#z": "/",
    "http://h/a/../b?c": "/b",
    "HTTPS://H.:80//a": "/a",
    "x+y-z.1://[::1]:/a": "/a",
}
"""Target → ``$uri``, both Latin-1; from the tables of observations."""

REFUSED = [
    "/..",
    "/../a",
    "/%2e%2e/a",
    "/a/../..",
    "/a/%2e%2e/%2e%2e",
    "/a/..%2F..",
    "a",
    "a/b",
    "*",
    "a:80",
    "?x",
    "#x",
    "/a%00b",
    "/a%",
    "/a%2",
    "/a%zz",
    "/a%2G",
    "/%",
    "http:",
    "http://",
    "http:/h://h",
    "http://h_/",
    "1x://h/",
    "http://h#f",
    "http://h@x/",
    "http://[::1/",
    "http://h:8a/",
    "http://a..b/",
    "http://./",
]
_CONTROLS = ("/a b", "/a\tb", "/a\x01b", "/a\x7fb", "/a?\x01", "/a#\x01", "/a\0b")
"""Targets that nginx answers with 400."""


@dataclass(frozen=True, slots=True)
class Read:
    """What nginx makes of a request line, or its refusal."""

    status: int
    host: bytes = b""
    sent: bytes = b""
    args: bytes = b""
    uri: bytes = b""


Ask = Callable[[bytes], Read]


@pytest.fixture(scope="module")
def ask(nginx: Nginx) -> Iterator[Ask]:
    """Asks nginx for its reading of a target, with ``Host: x``."""
    with bare(nginx, _SHOW) as address, Talk(address) as talk:

        def read(target: bytes) -> Read:
            response = talk.ask(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            if response.status != 200:
                return Read(response.status)
            return Read(200, *response.body.split(b"\n", 3))

        yield read


def ours(target: bytes, nginx: Nginx) -> Read:
    """Return our own reading, as the oracle puts it together."""
    try:
        read = read_target(target)
        name = read_host(b"x" if read.host is None else read.host, nginx.version)
    except BadTarget as error:
        return Read(error.status)
    except BadHost:
        return Read(400)
    return Read(200, name, read.sent, read.args, read.uri)


@pytest.mark.parametrize("target", BY_HAND)
def test_the_observed_readings(nginx: Nginx, ask: Ask, target: str) -> None:
    raw = target.encode("latin-1")
    found = ask(raw)
    assert found.uri.decode("latin-1") == BY_HAND[target]
    assert found == ours(raw, nginx)


@pytest.mark.parametrize("target", [*REFUSED, *_CONTROLS])
def test_what_is_refused(nginx: Nginx, ask: Ask, target: str) -> None:
    raw = target.encode("latin-1")
    assert ask(raw) == ours(raw, nginx) == Read(400)


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        ("http://h", "/"),
        ("http://h/", "/"),
        ("http://h?x", "?x"),
        ("http://h/a//b?x#f", "/a//b?x#f"),
        ("/a%20b/../c?d#e", "/a%20b/../c?d#e"),
    ],
)
def test_request_uri_is_the_target_without_scheme_and_host(
    nginx: Nginx, ask: Ask, target: str, sent: str
) -> None:
    assert ask(target.encode()).sent == sent.encode()
    assert ours(target.encode(), nginx).sent == sent.encode()


def test_every_short_target(nginx: Nginx, ask: Ask) -> None:
    longest = 5 if deep() else 4
    made = (
        b"/" + b"".join(pieces)
        for size in range(longest + 1)
        for pieces in itertools.product(EXHAUSTIVE, repeat=size)
    )
    assert _differences(made, nginx, ask) == []


def test_every_byte_at_every_place(nginx: Nginx, ask: Ask) -> None:
    places = (
        *(b"X /X X/ /aX /aXb /a/X/b /%X1 /%1X /a?X /a?bX #X /a#X".split()),
        *(b"http://aX/b http://aXb/c http://X hXtp://a/ Xttp://a/ http://a:X/".split()),
        *(b"http://a:8X/ http://[::X]/ http://aX http://a/X http://a?X".split()),
    )
    made = [place.replace(b"X", bytes([n])) for place in places for n in range(256)]
    made += [place % n for place in (b"/%%%02x", b"/a%%%02Xb", b"/a/%%%02x/b") for n in range(256)]
    sendable = [raw for raw in made if raw == raw.strip(b" ") and not set(raw) & set(b"\r\n")]
    assert _differences(sendable, nginx, ask) == []


@examples(400)
@given(raw=targets)
def test_any_target(nginx: Nginx, ask: Ask, raw: bytes) -> None:
    assert ask(raw) == ours(raw, nginx)


def _differences(raws: Iterator[bytes] | list[bytes], nginx: Nginx, ask: Ask) -> list[str]:
    found = ((raw, ask(raw), ours(raw, nginx)) for raw in raws)
    return [f"{raw!r}: nginx {seen}, we {own}" for raw, seen, own in found if seen != own][:20]
