"""What nginx's stream block does: Services on ports of their own, and TLS left unopened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StreamPolicy:
    """How long connections and datagrams may take; the defaults are ingress-nginx's."""

    timeout: str = "600s"
    """For which neither side sends anything."""
    next_upstream: bool = True
    """Try another endpoint where one takes no connection."""
    next_upstream_timeout: str = "600s"
    next_upstream_tries: int = 3
    responses: int = 1
    """Datagrams that answer one of a client's."""
    proxies: tuple[str, ...] = ("0.0.0.0/0",)
    """The networks whose PROXY lines are believed."""


@dataclass(frozen=True, slots=True)
class PortService:
    """A port of nginx, and the Service behind it."""

    protocol: Literal["tcp", "udp"]
    port: int
    upstream: str | None
    """Among those of `Stream`; ``None``: every connection is closed."""
    service: str
    """``namespace/name:port``, as the entry names it."""
    accepts_proxy: bool = False
    """Connections begin with a line of the PROXY protocol."""
    sends_proxy: bool = False
    """The Service gets such a line."""


@dataclass(frozen=True, slots=True)
class InnerPorts:
    """Ports of the loopback that TLS goes through where some host's is passed on."""

    own: int
    """TLS that nginx opens, each connection with a PROXY line."""
    backends: int
    """TLS that backends open; takes the PROXY line off."""
