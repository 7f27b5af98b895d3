"""The client's address, as the proxies in front of nginx report it: its realip module's rules."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from ingc.syntax.address import Network, read_client, read_network
from ingc.syntax.request import Request

_OCTETS = re.compile(r"([0-9]*)\.([0-9]*)\.([0-9]*)\.([0-9]*)").fullmatch
_WITH_PORT = re.compile(r"(?:\[([^\]]*)\]|([^\[:][^:]*)):([0-9]+)").fullmatch
_MOST_PORTS = 65535
_BY_LINE = "proxy_protocol"
_LISTED = "x-forwarded-for"
_EVERY_IPV4 = "0.0.0.0/0"
_ANY_PEER = "0.0.0.0"  # noqa: S104 - no socket is bound
"""Stands for a peer that is not known, where every peer is trusted."""


def client_address(
    request: Request, header: str, trusted: Sequence[str], *, recursive: bool
) -> str | None:
    """Return the client's address as nginx's realip module leaves it; ``None``: it is not known.

    ``header`` is that of ``real_ip_header``, ``trusted`` what ``set_real_ip_from`` names,
    ``recursive`` as ``real_ip_recursive``. A peer that is not known is trusted where every IPv4
    address is, and where it sends a PROXY line. Raises `ValueError` as `reported_address`.
    """
    wanted, prelude = header.lower(), request.prelude
    if wanted == _BY_LINE:
        lines = [prelude.address] if prelude is not None and prelude.address else []
    else:
        lines = [value for name, value in request.headers if name.lower() == wanted]
        lines = lines if wanted == _LISTED else lines[:1]
    peer = request.address
    if not lines or (peer is None and wanted != _BY_LINE and _EVERY_IPV4 not in trusted):
        return peer
    networks = trusted if peer is not None else (*trusted, _ANY_PEER)
    found = reported_address(peer or _ANY_PEER, lines, networks, recursive=recursive)
    return peer if found == _ANY_PEER else found


def reported_address(
    peer: str, lines: Sequence[str], trusted: Iterable[str], *, recursive: bool
) -> str:
    """Return the client's address where ``peer`` is connected and a header has these lines.

    The last address is taken, if the peer is one of the ``trusted`` addresses and networks (CIDR);
    ``recursive``: then the one before it, if that address is trusted as well, and so on, from line
    to line. What is no address ends it. Source: ``ngx_http_get_forwarded_addr`` of nginx. Raises
    `ValueError` where the peer is no address, or what is trusted no network.
    """
    networks = [read_network(item) for item in trusted]
    address = peer
    for line in reversed(lines):
        address, whole = _by_line(address, line, networks, recursive=recursive)
        if not whole or not recursive:
            break
    return address


def _by_line(
    address: str, line: str, networks: list[Network], *, recursive: bool
) -> tuple[str, bool]:
    """Return the address that one line reports, and whether all of it was read."""
    left = line
    while any(read_client(address) in item for item in networks):
        left = left[:1] + left[1:].rstrip(" ,")
        start = max(left.rfind(" ", 1), left.rfind(",", 1)) + 1
        read = _read(left[start:])
        if read is None:
            return address, False
        address = read
        if not recursive or not start:
            return address, True
        left = left[: start - 1]
    return address, False


def _read(text: str) -> str | None:
    """Return an address in nginx's form, without its port; ``None``: it is none."""
    plain = _plain(text)
    if plain is not None:
        return plain
    match = _WITH_PORT(text)
    if match is None or not 1 <= _number(match[3]) <= _MOST_PORTS:
        return None
    return _plain(match[1] or match[2])


def _plain(text: str) -> str | None:
    octets = _OCTETS(text)
    if octets is None:
        try:
            return str(ipaddress.IPv6Address(text)) if "%" not in text else None
        except ValueError:
            return None
    numbers = [_number(octet) for octet in octets.groups()]
    if max(numbers) > 255 or min(numbers) == 255:
        return None  # nginx takes the broadcast address for a fault
    return ".".join(map(str, numbers))


def _number(digits: str) -> int:
    """Return a number, or one that is too large for a port."""
    short = digits.lstrip("0")
    return int(short or 0) if len(short) <= len(str(_MOST_PORTS)) else _MOST_PORTS + 1
