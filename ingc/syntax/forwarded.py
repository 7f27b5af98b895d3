"""Whom a header of a proxy names as the client, as nginx's realip module reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingc.syntax.address import read_address, read_client, read_network

_OCTETS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}").fullmatch
_WITH_PORT = re.compile(r"(?:\[(?P<long>[^\]]+)\]|(?P<short>[^:\[\]]+)):(?P<port>[0-9]+)").fullmatch
_LAST = 65535
_NO_ADDRESS = "255.255.255.255"
"""What ``inet_addr`` returns for an error, so that nginx does not take it."""


def is_trusted(address: str, trusted: Iterable[str]) -> bool:
    """Return whether an address is one of some networks (CIDR), as ``set_real_ip_from`` reads them.

    Raises `ValueError` for what is no address or no network.
    """
    peer = read_client(address)
    return any(peer in read_network(item) for item in trusted)


def forwarded_address(
    peer: str, lines: Sequence[str], trusted: Sequence[str], *, recursive: bool = True
) -> str:
    """Return the client's address: the peer, or whom trusted proxies name in a header.

    ``lines`` are the values of the header, in the order in which they were sent. From right to left
    each address takes the place of the one before, as long as that one is trusted; with
    ``recursive`` false the last alone. Source: ``real_ip_recursive`` of nginx's realip module.
    Raises `ValueError` where ``peer`` is no address.
    """
    address = peer
    for line in reversed(lines):
        named, whole = _by_line(address, line, trusted, recursive=recursive)
        address = named
        if not whole or not recursive:
            break
    return address


def _by_line(
    address: str, line: str, trusted: Sequence[str], *, recursive: bool
) -> tuple[str, bool]:
    """Return whom one line names, and whether all of it was read."""
    rest = line
    while True:
        if not is_trusted(address, trusted):
            return address, False
        rest = rest[:1] + rest[1:].rstrip(" ,")
        start = max(rest.rfind(" ", 1), rest.rfind(",", 1)) + 1
        named = _address(rest[start:])
        if named is None:
            return address, False
        address = named
        if not start or not recursive:
            return address, True
        rest = rest[: start - 1]


def _address(text: str) -> str | None:
    """Return an address, with or without a port behind it; ``None``: nginx does not read it."""
    found = _plain(text)
    if found is not None:
        return found
    parts = _WITH_PORT(text)
    if parts is None or not 0 < int(parts["port"]) <= _LAST:
        return None
    return _plain(parts["long"] or parts["short"])


def _plain(text: str) -> str | None:
    if _OCTETS(text):
        plain = ".".join(str(int(octet)) for octet in text.split("."))
        text = "" if plain == _NO_ADDRESS else plain
    elif ":" not in text or "%" in text:
        return None
    try:
        return str(read_address(text))
    except ValueError:
        return None
