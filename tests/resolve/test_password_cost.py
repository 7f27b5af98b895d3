"""Passwords that take nginx long to check are left out; those at the caps are kept."""

from __future__ import annotations

import pytest

from ingc.resolve.passwords import read_users

B64 = b"abcdefghijklmnopqrstuu"
HASH = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcde"
"""As long as bcrypt writes it; crypt looks at the setting before it alone."""
KEPT = [
    b"$2y$10$" + B64 + HASH,
    b"$2a$05$" + B64 + HASH,
    b"$6$rounds=30000$abcdefgh$" + HASH,
    b"$5$rounds=1000$abcdefgh$" + HASH,
    b"$6$abcdefgh$" + HASH,
    b"$y$j9T$abcdefgh$" + HASH,
    b"$y$jBT$abcdefgh$" + HASH,
    b"$gy$jBT$abcdefgh$" + HASH,
    b"$7$BU..../....abcdefgh$" + HASH,
    b"$1$abcdefgh$" + HASH,
    b"$apr1$abcdefgh$" + HASH,
]
LEFT_OUT = [
    b"$2y$11$" + B64 + HASH,
    b"$2b$31$" + B64 + HASH,
    b"$2x$99$" + B64 + HASH,
    b"$6$rounds=30001$abcdefgh$" + HASH,
    b"$5$rounds=999999999$abcdefgh$" + HASH,
    b"$6$rounds=-1$abcdefgh$" + HASH,
    b"$6$rounds=+999999999$abcdefgh$" + HASH,
    b"$6$rounds=0999999999$abcdefgh$" + HASH,
    b"$6$rounds=9999999999999999999999$abcdefgh$" + HASH,
    b"$6$rounds=999999999x$abcdefgh$" + HASH,
    b"$y$jCT$abcdefgh$" + HASH,
    b"$y$jBj$abcdefgh$" + HASH,
    b"$y$jzT$abcdefgh$" + HASH,
    b"$y$j9T.5$abcdefgh$" + HASH,
    b"$y$.9T$abcdefgh$" + HASH,
    b"$gy$jCT$abcdefgh$" + HASH,
    b"$7$CU..../....abcdefgh$" + HASH,
    b"$7$BU....0....abcdefgh$" + HASH,
    b"$7$B/zzzz/....abcdefgh$" + HASH,
    b"$7$zzzzzzzzzzzabcdefgh$" + HASH,
    b"$7$B$" + HASH,
]


@pytest.mark.parametrize("password", KEPT)
def test_what_is_cheap_enough_is_kept(password: bytes) -> None:
    found = read_users("auth-file", {"auth": b"anna:" + password})
    assert found.content == b"anna:" + password + b"\n"


@pytest.mark.parametrize("password", LEFT_OUT)
def test_what_is_not_is_left_out(password: bytes) -> None:
    found = read_users("auth-file", {"auth": b"anna:" + password + b"\nzoe:{PLAIN}x"})
    assert found.content == b"zoe:{PLAIN}x\n"
    assert "each check would keep a worker" in found.unusable[0].why
    by_key = read_users("auth-map", {"anna": password})
    assert by_key.unusable[0].why == found.unusable[0].why
