"""Host names of requests and of rules. `tests.nginx.test_hosts` asks real nginx."""

from __future__ import annotations

import pytest
from hypothesis import given

from ingc.syntax.host import (
    STRICT_HOST_SINCE,
    BadHost,
    covers,
    is_address,
    is_label,
    is_subdomain,
    is_wildcard,
    read_host,
)
from tests.strategies import examples, host_headers

OLD = (1, 22, 0)


@examples(300)
@given(raw=host_headers)
def test_what_the_strict_reading_takes_the_loose_one_takes_alike(raw: bytes) -> None:
    try:
        strict = read_host(raw, STRICT_HOST_SINCE)
    except BadHost:
        return
    assert read_host(raw, OLD) == strict


@examples(300)
@given(raw=host_headers)
def test_what_holds_for_every_host(raw: bytes) -> None:
    try:
        name = read_host(raw, OLD)
    except BadHost:
        return
    assert name
    assert name == name.lower()
    assert b".." not in name
    assert not set(name) & set(b"/ \t\x7f\0")


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("a", True),
        ("a.test", True),
        ("1.2.3.x", True),
        ("xn--caf-dma.test", True),
        ("a-b.test", True),
        ("a" * 64 + ".test", True),  # the API server does not look at the length of a label
        (".".join(["a" * 49] * 5), True),
        ("a" * 253, True),
        ("a" * 254, False),
        ("", False),
        ("A.test", False),
        ("a_b.test", False),
        ("-a.test", False),
        ("a-.test", False),
        ("a..test", False),
        ("a.test.", False),
        (".a.test", False),
        ("a.test:80", False),
        ("*.a.test", False),
        ("a.test\n", False),
        ("é.test", False),
        ("a b", False),
    ],
)
def test_subdomains(name: str, good: bool) -> None:
    assert is_subdomain(name) is good


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("*.a", True),
        ("*.a.test", True),
        ("*." + "a" * 251, True),
        ("*." + "a" * 252, False),
        ("*", False),
        ("*.", False),
        ("**.a", False),
        ("*a.test", False),
        ("a.*.test", False),
        ("*.*.test", False),
        ("*.a.test\n", False),
    ],
)
def test_wildcards(name: str, good: bool) -> None:
    assert is_wildcard(name) is good


@pytest.mark.parametrize(
    ("name", "address"),
    [("1.2.3.4", True), ("01.02.03.04", True), ("::1", True), ("1.2.3", False), ("a.1", False)],
)
def test_addresses(name: str, address: bool) -> None:
    assert is_address(name) is address


def test_labels() -> None:
    assert is_label("a" * 63)
    assert not is_label("a" * 64)
    assert not is_label("a.b")
    assert not is_label("a\n")


@pytest.mark.parametrize(
    ("pattern", "host", "covered"),
    [
        ("a.test", "a.test", True),
        ("*.test", "a.test", True),
        ("*.test", "b.a.test", False),
        ("*.test", "test", False),
        ("*.test", ".test", False),
        ("*.test", "*.test", True),
        ("a.test", "*.test", False),
        ("*.a.test", "b.a.test", True),
    ],
)
def test_what_a_certificates_name_covers(pattern: str, host: str, covered: bool) -> None:
    assert covers(pattern, host) is covered
