"""Certificates of clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingc.ir.features.card import (
    ROUTES,
    SERVERS,
    Card,
    HostFeature,
    Proved,
    Reason,
    RouteFeature,
)


@dataclass(frozen=True, slots=True)
class ClientCertificates(HostFeature):
    """Request a certificate from clients of a host, in the TLS handshake."""

    card: ClassVar[Card] = Card(
        stands=SERVERS,
        decides=True,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.ROUTING | Proved.HEADERS | Proved.ADMITTED | Proved.VARIED | Proved.READER,
    )

    authorities: str
    """The path of the CA certificates for nginx, relative to nginx.conf or absolute."""
    revoked: str = ""
    """The path of their revocation lists; empty: none."""
    verify: str = "on"
    """``on``, ``off``, ``optional`` or ``optional_no_ca``, as nginx takes it."""
    depth: int = 1
    error_page: str = ""
    """Where clients without a valid certificate are sent; empty: they get a 400."""
    pass_certificate: bool = False
    """Send the backend the whole certificate."""
    subject: str = ""
    """A regex that the subject must match, else the answer is 403, on plain http too."""

    @property
    def required(self) -> bool:
        """True where nobody without a valid certificate may be served."""
        return self.verify == "on" or bool(self.subject)


@dataclass(frozen=True, slots=True)
class HttpsOnly(RouteFeature):
    """Answer plain http with an error: the route is for https alone."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        decides=True,
        asked=Reason.MADE_BY_RESOLVE,
        granted=Reason.MADE_BY_RESOLVE,
        proved=Proved.ROUTING | Proved.READER,
        answers=True,
    )

    status: int = 403
    """403 where what the route needs is only known on https, 503 where its object allows no plain
    http."""

    @property
    def may_answer(self) -> tuple[int, ...]:
        """That status."""
        return (self.status,)
