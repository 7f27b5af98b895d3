"""Wishes for services that are named by a URL: external auth, mirrors."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.frontend.wishes import RouteWish
from ingc.ir.outside import AuthCache, Keepalive, SignIn
from ingc.syntax.outside import OutsideUrl
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class HeadersFrom:
    """A ConfigMap of headers, and where it is named."""

    namespace: str
    name: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ExternalAuthWish(RouteWish):
    """Becomes an `ExternalAuth`, and where it was asked for a `SignIn`."""

    url: OutsideUrl
    origin: Origin
    keepalive: Keepalive
    method: str = ""
    response_headers: tuple[str, ...] = ()
    headers_from: HeadersFrom | None = None
    redirect: Text | None = None
    cache: AuthCache | None = None
    always_set_cookie: bool = False
    sign_in: SignIn | None = None
    exempt: tuple[str, ...] = ()
    """Paths that begin so are open."""
    by_operator: bool = False
    """True where the URL is the ConfigMap's."""


@dataclass(frozen=True, slots=True)
class MirrorWish(RouteWish):
    """Becomes a `Mirror`."""

    url: OutsideUrl
    host: str
    """Told as Host; empty: the URL's."""
    body: bool
    origin: Origin
