"""IP addresses and networks, each text read once."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_ALL_IPV4 = frozenset({"", "*", str(ipaddress.IPv4Address(0))})


@lru_cache(maxsize=1 << 12)
def read_address(text: str) -> Address:
    """Return an address. Raises `ValueError`."""
    return ipaddress.ip_address(text)


@lru_cache(maxsize=1 << 12)
def read_client(text: str) -> Address:
    """Return an address as nginx compares it with networks: one mapped from IPv4 is that one.

    Raises `ValueError`.
    """
    found = read_address(text)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return found if mapped is None else mapped


@lru_cache(maxsize=1 << 14)
def read_network(text: str) -> Network:
    """Return a network (CIDR), or the one that holds an address alone; bits of a host are left out.

    Raises `ValueError`.
    """
    return ipaddress.ip_network(text, strict=False)


def with_port(address: str, port: int) -> str:
    """Write an address or a name with a port: IPv6 in brackets."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def listened_on(text: str) -> str:
    """Return the address of a ``listen`` in one form: ``*`` for all IPv4 addresses."""
    return "*" if text in _ALL_IPV4 else text
