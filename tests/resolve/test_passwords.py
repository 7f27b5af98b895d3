"""Users of a Secret: what nginx can check is kept, line by line, and nothing else."""

from __future__ import annotations

import pytest

from ingc.resolve.passwords import read_users

GOOD = [
    b"anna:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/",
    b"anna:$1$ab$xyz",
    b"anna:$5$rounds=1000$ab$xyz",
    b"anna:$6$ab$xyz",
    b"anna:$y$j9T$ab$xyz",
    b"anna:$2y$05$" + b"a" * 53,
    b"anna:abJnggxhB/yWI",
    b"anna:{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0",
    b"anna:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    b"anna:{PLAIN}a b;{}$\"'",
    "ännä@example.com:{PLAIN}ü".encode(),
    b"anna bert:{PLAIN}x",
]
BAD = [
    b"anna",
    b"anna:",
    b":{PLAIN}x",
    b"anna:secret",
    b"anna:{PLAIN}",
    b"anna:{PLAIN}a:b",
    b"anna:{PLAIN}a\tb",
    b"an\x00na:{PLAIN}x",
    b"anna:{MD5}x",
    b"anna:$apr1$ab",
    b"anna:$9$ab$xyz",
    b"anna:{PLAIN}" + b"a" * 600,
    b"a" * 256 + b":{PLAIN}x",
    b"anna:{PLAIN}x\rbert:{PLAIN}y",
]


@pytest.mark.parametrize("line", GOOD)
def test_what_nginx_can_check_is_kept(line: bytes) -> None:
    found = read_users("auth-file", {"auth": line})
    assert found.content == line + b"\n"
    assert not found.unusable


@pytest.mark.parametrize("line", BAD)
def test_what_it_can_not_is_left_out_and_told_without_its_words(line: bytes) -> None:
    found = read_users("auth-file", {"auth": b"# staff\n\n" + line + b"\nzoe:{PLAIN}x\r\n"})
    assert found.content == b"zoe:{PLAIN}x\n"
    (unusable,) = found.unusable
    assert unusable.where == 'line 3 of "auth"'
    assert "anna" not in unusable.why


def test_a_comment_behind_the_password_is_dropped() -> None:
    found = read_users("auth-file", {"auth": GOOD[0] + b":Anna, since 2020"})
    assert found.content == GOOD[0] + b"\n"


def test_a_map() -> None:
    data = {"zoe": b"{PLAIN}x\n", "anna": b"{PLAIN}y", "bert": b"{PLAIN}z\nroot:{PLAIN}z", "c": b""}
    found = read_users("auth-map", data)
    assert found.content == b"anna:{PLAIN}y\nzoe:{PLAIN}x\n"
    assert [item.where for item in found.unusable] == ['key "bert"', 'key "c"']
