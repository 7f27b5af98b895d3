"""The client's address, as the proxies in front of nginx report it: its realip module's rules."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from ingc.syntax.address import Network, read_address, read_network

_OCTETS = re.compile(r"([0-9]*)\.([0-9]*)\.([0-9]*)\.([0-9]*)").fullmatch
_WITH_PORT = re.compile(r"(?:\[([^\]]*)\]|([^\[:][^:]*)):([0-9]+)").fullmatch
_MOST_PORTS = 65535


def reported_address(peer: str, said: str, trusted: Iterable[str], *, recursive: bool) -> str:
    """Return the client's address where ``peer`` is connected and a header says ``said``.

    The last address of the header is taken, if the peer is one of the ``trusted`` addresses and
    networks (CIDR); ``recursive``: then the one before it, if that address is trusted as well, and
    so on. What is no address ends it. Source: ``ngx_http_get_forwarded_addr`` of nginx.
    """
    networks = [read_network(item) for item in trusted]
    found, left = peer, said
    while _is_among(found, networks):
        left = left.rstrip(" ,") if left.strip(" ,") else left[:1]
        start = max(left.rfind(" ", 1), left.rfind(",", 1)) + 1
        read = _read(left[start:])
        if read is None:
            break
        found = read
        if not recursive or not start:
            break
        left = left[: start - 1]
    return found


def _is_among(address: str, networks: list[Network]) -> bool:
    client = read_address(address)
    mapped = client.ipv4_mapped if isinstance(client, ipaddress.IPv6Address) else None
    return any((mapped or client) in item for item in networks)


def _read(text: str) -> str | None:
    """Return an address in nginx's form, without its port; ``None``: it is none."""
    plain = _plain(text)
    if plain is not None:
        return plain
    match = _WITH_PORT(text)
    if match is None or not 1 <= int(match[3]) <= _MOST_PORTS:
        return None
    return _plain(match[1] or match[2])


def _plain(text: str) -> str | None:
    octets = _OCTETS(text)
    if octets is None:
        try:
            return str(ipaddress.IPv6Address(text)) if "%" not in text else None
        except ValueError:
            return None
    numbers = [int(octet or 0) for octet in octets.groups()]
    if max(numbers) > 255 or min(numbers) == 255:
        return None  # nginx takes the broadcast address for a fault
    return ".".join(map(str, numbers))
