"""What one Ingress asks for."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.ir import Exact, Prefix
from ingc.k8s.backend import Backend


@dataclass(frozen=True, slots=True)
class IntentRoute:
    """One path of one host, or a default backend (``path_type`` is "" then)."""

    namespace: str
    ingress: str
    host: str
    match: Exact | Prefix
    """On decoded paths, as nginx compares them."""
    path: str
    path_type: str
    backend: Backend | None
    """``None`` where it could not be read: the route answers 503."""
    origin: Origin
    broken: bool = False
    """True where its Ingress has errors: the route must not serve traffic."""

    @property
    def name(self) -> str:
        """``namespace/name`` of the Ingress."""
        return f"{self.namespace}/{self.ingress}"


@dataclass(frozen=True, slots=True)
class IntentTls:
    """One entry of ``spec.tls``."""

    namespace: str
    hosts: tuple[str, ...]
    """Empty: every host of the Ingress."""
    secret: str
    origin: Origin
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """What one Ingress asks for, independent of all others."""

    namespace: str
    ingress: str
    created: str
    """``creationTimestamp``, or ``""``."""
    hosts: tuple[str, ...]
    """The hosts that its rules name, ``""`` for rules without one; in document order, once each."""
    routes: tuple[IntentRoute, ...]
    default: IntentRoute | None
    tls: tuple[IntentTls, ...]
    origin: Origin

    @property
    def name(self) -> str:
        """``namespace/name`` of the Ingress."""
        return f"{self.namespace}/{self.ingress}"
