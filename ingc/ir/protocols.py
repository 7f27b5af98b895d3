"""How a backend is spoken to, beside the protocol itself."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.ir.config import Certificate
from ingc.ir.features import RouteFeature, UpstreamFeature
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class FastCgi(RouteFeature):
    """What a FastCGI backend is told beside nginx's usual params."""

    index: str
    """The script of a path that ends in a slash; ``""``: none."""
    params: tuple[tuple[str, Text], ...]
    """Each in place of the usual one of that name."""


@dataclass(frozen=True, slots=True)
class BackendTls(RouteFeature):
    """How TLS is spoken to the backend, where its protocol has TLS."""

    certificate: Certificate | None
    """What nginx shows to the backend."""
    trusted: str | None
    """The file of the certificates by which the backend is verified; ``None``: it is not."""
    depth: int
    """How many certificates may stand between the backend's own and a trusted one."""
    ciphers: str
    protocols: tuple[str, ...]
    name: str
    """Whom the backend's certificate must name, and the name that it is asked for in TLS."""
    server_name: bool
    """True where that name is sent (SNI)."""


@dataclass(frozen=True, slots=True)
class OneRequestConnections(UpstreamFeature):
    """A connection serves one request, and is closed."""
