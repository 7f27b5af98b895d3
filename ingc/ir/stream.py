"""What nginx's stream block does: Services on ports of their own, and TLS left unopened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingc.ir.features.access import AccessList
from ingc.ir.features.card import Argument


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
    tunings: tuple[tuple[str, tuple[Argument, ...]], ...] = ()
    """Simple directives of each port, all of `PORT_TUNINGS`, in the order of their names."""
    access: AccessList | None = None
    """Whose connections are taken on each port; ``None``: everybody's."""


PORT_TUNINGS = frozenset(
    {"preread_buffer_size", "preread_timeout", "proxy_buffer_size", "proxy_connect_timeout"}
    | {"proxy_download_rate", "proxy_protocol_timeout", "proxy_requests", "proxy_upload_rate"}
    | {"proxy_socket_keepalive", "tcp_nodelay"}
)
"""What an operator's snippet may set for ports."""


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
