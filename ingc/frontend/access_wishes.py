"""What is asked of Secrets to keep clients out: passwords and certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingc.diagnostics import Origin
from ingc.frontend.wishes import HostWish, RouteWish


@dataclass(frozen=True, slots=True)
class BasicAuthWish(RouteWish):
    """Ask for a name and a password of a Secret."""

    namespace: str
    """Of the Ingress, and so of the Secret."""
    secret: str
    layout: Literal["auth-file", "auth-map"]
    """A user file under the key ``auth``, or a key for each user."""
    realm: str
    exempt: tuple[str, ...]
    """Paths that begin so are open."""
    origin: Origin
    """Where the Secret is named."""

    def exempts(self, path: str) -> bool:
        """Tell whether a path, as its rule writes it, is open."""
        return path.startswith(self.exempt)


@dataclass(frozen=True, slots=True)
class ClientCertificatesWish(HostWish):
    """Ask clients of the host for certificates of the authorities in a Secret."""

    namespace: str
    """Of the Ingress, and so of the Secret."""
    secret: str
    verify: str = "on"
    depth: int = 1
    error_page: str = ""
    pass_certificate: bool = False
    subject: str = ""
    """A regex; empty: any subject will do."""


@dataclass(frozen=True, slots=True)
class ClosedHostWish(HostWish):
    """Serve nobody: what was asked for the host can't be done, and errors say why."""
