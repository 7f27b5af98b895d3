"""The client's address in a header of proxies; real nginx is asked by the three-way test."""

from __future__ import annotations

import pytest

from ingc.syntax.forwarded import reported_address

PEER = "10.0.0.1"
TRUSTED = ("10.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.0.0.2,10.0.0.3 ,", "203.0.113.7"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("203.0.113.7:0", PEER),
        ("203.0.113.7:65536", PEER),
        ("2001:db8:0::1", "2001:db8::1"),
        ("2001:db8::1, fd00::1", "2001:db8::1"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("[2001:db8::1]", PEER),
        ("fe80::1%eth0", PEER),
        ("203..113.7", "203.0.113.7"),
        ("203.0.113.256", PEER),
        ("203.0.113", PEER),
        ("255.255.255.255", PEER),
        ("unknown", PEER),
        ("unknown, 10.0.0.9", "10.0.0.9"),
        (",203.0.113.7", PEER),
        (",", PEER),
        ("", PEER),
    ],
)
def test_the_last_address_that_is_not_trusted(said: str, address: str) -> None:
    assert reported_address(PEER, [said], TRUSTED, recursive=True) == address


def test_without_recursion_the_last_address_counts() -> None:
    said = "203.0.113.7, 10.0.0.2"
    assert reported_address(PEER, [said], TRUSTED, recursive=False) == "10.0.0.2"


def test_a_foreign_proxy_reports_nobody() -> None:
    assert reported_address("192.0.2.1", ["203.0.113.7"], TRUSTED, recursive=True) == "192.0.2.1"


def test_an_address_of_the_other_family_is_looked_up_as_the_one_that_it_holds() -> None:
    assert reported_address("::ffff:10.0.0.1", ["203.0.113.7"], TRUSTED, recursive=True) == (
        "203.0.113.7"
    )


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["203.0.113.7", "10.0.0.2"], "203.0.113.7"),
        (["203.0.113.7", "unknown, 10.0.0.2"], "10.0.0.2"),
        (["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        ([], PEER),
    ],
)
def test_a_line_is_read_after_the_whole_of_the_next(lines: list[str], address: str) -> None:
    assert reported_address(PEER, lines, TRUSTED, recursive=True) == address


def test_long_numbers_are_no_port_and_no_octet() -> None:
    assert reported_address(PEER, ["203.0.113.7:" + "9" * 9000], TRUSTED, recursive=True) == PEER
    assert reported_address(PEER, ["203.0.113." + "9" * 9000], TRUSTED, recursive=True) == PEER
