"""What property tests draw from: request targets, Host headers, text for tokens.

The alphabets are small and nasty on purpose: what is drawn has to collide.
"""

from __future__ import annotations

import string

from hypothesis import settings
from hypothesis import strategies as st

_DEEPER = 20


def examples(quick: int) -> settings:
    """Return the settings for a property: ``quick`` examples, with ``--deep`` twenty times more."""
    return settings(max_examples=quick * (_DEEPER if deep() else 1))


def deep() -> bool:
    """Tell whether the run was asked to be thorough."""
    return settings.get_current_profile_name() == "deep"


# A CR or LF would end the request line: then it is another target that is sent.
_ON_THE_LINE = [bytes([n]) for n in range(256) if n not in b"\r\n"]

_PIECES = [
    *(b"/ // /. /.. /./ /../ . .. ... %2e %2E %2e%2e .%2e %2F %2f %2F%2F %5C".split()),
    *(b"%25 %252F %23 %3F ? # & = ; + : @ ~ a b foo A % %0 %zz %0A %C3%A9".split()),
    *("é / ?x=/../y #/../z".encode().split()),
]

escapes = st.builds(
    lambda n, upper: (b"%%%02X" if upper else b"%%%02x") % n, st.integers(1, 255), st.booleans()
)
"""Percent-escapes of any byte but NUL."""

target_pieces = st.one_of(
    st.sampled_from(_PIECES),
    st.sampled_from(_PIECES),
    escapes,
    st.sampled_from(_ON_THE_LINE).filter(lambda byte: byte > b" " and byte != b"\x7f"),
)

_paths = st.lists(target_pieces, max_size=9).map(b"".join)
_junk = st.lists(st.sampled_from(_ON_THE_LINE), max_size=4).map(b"".join)

_SCHEMES = [b"http", b"https", b"HTTP", b"x+y-z.1", b"1x", b""]
_HOSTS = [b"a.test", b"A.Test.", b"[::1]", b"a..test", b"a_b", b"", b".", b"127.0.0.1", b"[a"]
_PORTS = [b"", b":", b":80", b":0", b":65535", b":65536", b":8a"]
_absolute = st.builds(
    lambda scheme, host, port, rest: scheme + b"://" + host + port + rest,
    st.sampled_from(_SCHEMES),
    st.sampled_from(_HOSTS),
    st.sampled_from(_PORTS),
    st.one_of(
        st.just(b""), _paths.map(lambda path: b"/" + path), _paths.map(lambda args: b"?" + args)
    ),
)


def _stripped(raw: bytes) -> bytes:
    """Spaces around a target are nginx's separators, and no part of it."""
    return raw.strip(b" ")


targets = st.one_of(
    *[_paths.map(lambda path: b"/" + path)] * 5,
    _absolute,
    _paths,
    st.builds(lambda path, junk, rest: b"/" + path + junk + rest, _paths, _junk, _paths),
).map(_stripped)
"""Request targets as they may stand on a request line, good and bad."""

_HOST_BITS = [*(b". .. : :80 :8.0 [ ] [::1] _ - % %41 A a b.test test *".split()), b"\xc3\xa9"]

host_headers = st.one_of(
    st.lists(st.sampled_from(_HOST_BITS), max_size=6).map(b"".join),
    st.lists(st.sampled_from(_HOST_BITS), max_size=3).flatmap(
        lambda bits: st.sampled_from(_ON_THE_LINE).map(lambda byte: byte.join([*bits, b"a"]))
    ),
).map(_stripped)
"""Values of the Host header, good and bad."""

NASTY = "\\\"'${};# \t\n\rnrt~*=@^/.%é\x01\x7f"
"""Characters that mean something to nginx, to its parser, or to somebody on the way there."""

token_text = st.one_of(
    st.text(st.sampled_from(NASTY), max_size=12),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=24),
    st.text(string.printable, max_size=24),
)
"""Text that one token of nginx can hold."""
