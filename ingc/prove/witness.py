"""A request that tests what a route does, and what such requests are made of."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.syntax.address import read_network
from ingc.syntax.request import Request

OUTSIDERS = ("203.0.113.77", "198.51.100.77", "192.0.2.77", "2001:db8::77")
"""Addresses for documentation, which nobody has."""
OTHERS = ("8.8.8.8", "10.9.8.7", "192.168.77.7", "172.16.7.7", "127.0.0.1")
MOST = 8
"""So many networks of a list get a request; that the text holds all, the tree proves."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A request, and what is special about it in words."""

    request: Request
    label: str = ""
    closely: bool = False
    """True where headers are compared too."""


def first_of(network: str) -> str:
    """Return the first address of a network."""
    return str(read_network(network).network_address)
