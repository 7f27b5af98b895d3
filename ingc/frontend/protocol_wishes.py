"""What an Ingress asks of the way to its backends, where other objects must be looked up."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.frontend.annotations.grammars import ObjectName
from ingc.frontend.wishes import RouteWish


@dataclass(frozen=True, slots=True)
class FastCgiWish(RouteWish):
    """Params of a ConfigMap."""

    index: str
    config_map: ObjectName | None
    origin: Origin
    """Where the ConfigMap is named."""


@dataclass(frozen=True, slots=True)
class BackendTlsWish(RouteWish):
    """TLS to the backend with what a Secret holds."""

    secret: ObjectName
    origin: Origin
    """Where the Secret is named."""
    verify: bool
    verify_origin: Origin
    depth: int
    ciphers: str
    protocols: tuple[str, ...]
    name: str
    """``""``: the name of the Service."""
    server_name: bool
