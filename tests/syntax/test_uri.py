"""The normaliser against a naive state machine, and what holds for all of its results.

`tests.nginx.test_normaliser` holds it against real nginx; this runs without one.
"""

from __future__ import annotations

import itertools
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.syntax.uri import (
    BadTarget,
    decode_once,
    normalise,
    read_authority,
    read_target,
    remove_dot_segments,
)
from tests.strategies import examples, targets

HEX = b"0123456789abcdefABCDEF"
SHORT = (b"/", b".", b"%2e", b"%2F", b"a", b"%", b"%25", b"%00", b"?")


def by_states(path: bytes) -> bytes | None:
    """Return ``$uri`` as nginx's own parser makes it, byte by byte; None where it refuses."""
    out = bytearray()
    state = "usual"
    rest = path
    while rest:
        byte, rest = rest[:1], rest[1:]
        literal = False
        if byte == b"%":
            digits, rest = rest[:2], rest[2:]
            if len(digits) < 2 or any(digit not in HEX for digit in digits):
                return None
            byte = bytes([int(digits, 16)])
            if byte == b"\0":
                return None
            literal = byte in b"%#?"
        if literal or byte not in b"/.":
            out += byte
            state = "usual"
        elif byte == b"/":
            if not _end_segment(out, state):
                return None
            state = "slash"
        else:
            out += byte
            state = {"slash": "dot", "dot": "dotdot"}.get(state, "usual")
    if state in ("dot", "dotdot") and not _end_segment(out, state):
        return None
    return bytes(out)


def _end_segment(out: bytearray, state: str) -> bool:
    """Take a slash, or the end after dots; False where it climbs above the root."""
    if state == "usual":
        out += b"/"
    elif state == "dot":
        del out[-1:]
    elif state == "dotdot":
        if len(out) < 4:  # "/.." alone: no segment to remove
            return False
        del out[out.rindex(b"/", 0, len(out) - 3) + 1 :]
    return True


def ours(path: bytes) -> bytes | None:
    try:
        return normalise(path)
    except BadTarget:
        return None


def test_every_short_path_as_the_state_machine_reads_it() -> None:
    for size in range(6):
        for pieces in itertools.product(SHORT[:-1], repeat=size):
            path = b"/" + b"".join(pieces)
            assert ours(path) == by_states(path), path


@examples(300)
@given(raw=targets)
def test_any_path_as_the_state_machine_reads_it(raw: bytes) -> None:
    path = b"/" + raw.partition(b"#")[0].partition(b"?")[0]
    assert ours(path) == by_states(path)


@examples(300)
@given(raw=targets)
def test_what_holds_for_every_uri(raw: bytes) -> None:
    try:
        read = read_target(raw)
    except BadTarget as error:
        assert error.status == 400
        return
    assert read.uri.startswith(b"/")
    assert b"//" not in read.uri
    assert not {b".", b".."} & set(read.uri.split(b"/"))
    assert remove_dot_segments(read.uri) == read.uri
    assert raw.endswith(read.sent) or read.sent == b"/"
    assert not set(read.args) & set(b"#")


@examples(200)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_decoding_undoes_encoding(text: str) -> None:
    encoded = quote_from_bytes(text.encode(), safe="")
    assert decode_once(encoded) == text.encode()
    assert decode_once(encoded.lower()) == text.lower().encode() or text != text.lower()


@pytest.mark.parametrize(
    ("path", "decoded"),
    [
        ("/caf%C3%A9", "/café"),
        ("/café", "/café"),
        ("/a%20b", "/a b"),
        ("/a%2520b", "/a%20b"),
        ("/100%", "/100%"),
        ("/%zz%4", "/%zz%4"),
        ("/%%41", "/%A"),
        ("/a+b", "/a+b"),
    ],
)
def test_a_rules_path_is_decoded_once(path: str, decoded: str) -> None:
    assert decode_once(path) == decoded.encode()


@pytest.mark.parametrize("raw", [b"a:80", b"[::1]:80", b"A.b.:0"])
def test_what_connect_takes(raw: bytes) -> None:
    assert read_authority(raw).host == raw


@pytest.mark.parametrize(
    "raw", [b"", b"a", b"/", b"a:", b":80", b"a:8a", b"http://a:80", b"a_b:80"]
)
def test_what_connect_does_not_take(raw: bytes) -> None:
    with pytest.raises(BadTarget):
        read_authority(raw)


def test_a_long_path_takes_no_long_time() -> None:
    assert normalise(b"/a/.." * 2000 + b"/b") == b"/b"
    assert normalise(b"/%2e" * 2000) == b"/"
    assert read_target(b"/" + b"%41" * 2000).uri == b"/" + b"A" * 2000
