"""What one Ingress, or one object of another kind with rules, requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from ingc.diagnostics import Origin
from ingc.frontend.wishes import NOTHING, CanaryWish, Wishes
from ingc.ir import Exact, Prefix, SecretBytes
from ingc.k8s.backend import Backend, ServiceBackend
from ingc.kinds import USUAL, RuleKind

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class WeightedBackend:
    """A Service that gets a part of a route's requests."""

    backend: ServiceBackend
    weight: int
    """Of at least 1, beside those of the route's other Services."""


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
    asked: Wishes = NOTHING
    """What the annotations of its Ingress request."""
    ruleless: bool = False
    """True for the default backend of an Ingress without rules."""
    canary: IntentRoute | None = None
    """The rule of a canary Ingress that takes a part of its requests; `ingc.merge` attaches it."""
    kind: RuleKind = USUAL
    """What it is a rule of."""
    weighted: tuple[WeightedBackend, ...] = ()
    """The Services that share its requests, where there are several; ``backend`` is the first."""

    @property
    def name(self) -> str:
        """What its Ingress is called, or the object of another kind."""
        return self.kind.called(self.namespace, self.ingress)

    @property
    def backend_origin(self) -> Origin:
        """The place of its backend."""
        return self.origin.at(self.kind.backend_field) if self.path_type else self.origin

    def asks(self, kind: type[A]) -> A | None:
        """Return what the annotations request for the route under a type, or ``None``."""
        return next((item for item in self.asked.routes if isinstance(item, kind)), None)


@dataclass(frozen=True, slots=True)
class InlineCertificate:
    """The PEM texts that an object with rules holds itself."""

    name: str
    """Of the object."""
    certificate: SecretBytes
    key: SecretBytes
    """Empty: it stands beside the certificate."""
    authorities: SecretBytes


@dataclass(frozen=True, slots=True)
class IntentTls:
    """One entry of ``spec.tls``."""

    namespace: str
    hosts: tuple[str, ...]
    """Empty: every host of the Ingress."""
    secret: str
    """Empty where none is named."""
    origin: Origin
    broken: bool = False
    inline: InlineCertificate | None = None
    kind: RuleKind = USUAL


TlsGroup = tuple[IntentTls, ...]
"""At least one entry. Many hosts share one such object, so they cost no more than their number."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What one Ingress requests, independent of all others."""

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
    asked: Wishes = NOTHING
    """What its annotations request."""
    redirected: tuple[IntentRoute, ...] = ()
    """Of each host whose rule has no paths: the redirect that the annotations request for it."""
    kind: RuleKind = USUAL
    """What requests it."""

    @property
    def name(self) -> str:
        """What its Ingress is called, or the object of another kind."""
        return self.kind.called(self.namespace, self.ingress)

    @property
    def canary(self) -> CanaryWish | None:
        """What a canary Ingress requests; ``None``: its rules are routes of their own."""
        return next((item for item in self.asked.routes if isinstance(item, CanaryWish)), None)
