"""Who may reach a route, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features import RouteFeature

ADDRESS = "binary_remote_addr"
"""nginx's variable of the client's address."""


@dataclass(frozen=True, slots=True)
class AccessList(RouteFeature):
    """Clients by address: those of ``deny`` get a 403, then all that ``allow`` does not name."""

    deny: tuple[str, ...]
    """Addresses and networks (CIDR)."""
    allow: tuple[str, ...]
    """The same; empty: whoever is not denied may pass."""
    may_answer: ClassVar[tuple[int, ...]] = (403,)


@dataclass(frozen=True, slots=True)
class BasicAuth(RouteFeature):
    """Names and passwords (HTTP's Basic scheme); the backend does not see them."""

    realm: str
    file: str
    """The path of the user file for nginx, relative to nginx.conf or absolute."""
    may_answer: ClassVar[tuple[int, ...]] = (401,)


@dataclass(frozen=True, slots=True)
class Limits(RouteFeature):
    """How much one client may ask of all paths of an Ingress together."""

    owner: str
    """The Ingress, ``namespace_name``: what it asks for is counted for all of its routes."""
    per_second: int = 0
    """Requests; 0: no limit."""
    per_minute: int = 0
    connections: int = 0
    """At the same time."""
    burst: int = 5
    """So many times the rate may come at once."""
    exempt: tuple[str, ...] = ()
    """Addresses and networks (CIDR) that have no limits."""
    by: str = ADDRESS
    """The variable that tells clients apart."""
    may_answer: ClassVar[tuple[int, ...]] = (503,)
