"""Who is kept out by the address alone."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.ir.features.access import AccessList
from ingc.syntax.address import read_client, read_network


def is_among(networks: Iterable[str], address: str) -> bool:
    """Return whether an address is one of some addresses and networks (CIDR)."""
    client = read_client(address)
    return any(client in read_network(item) for item in networks)


def admits(listed: AccessList | None, address: str) -> bool:
    """Return whether a list of addresses lets a client in; ``None`` lets in everybody."""
    if listed is None:
        return True
    if is_among(listed.deny, address):
        return False
    return not listed.allow or is_among(listed.allow, address)
