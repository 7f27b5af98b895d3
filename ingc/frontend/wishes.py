"""What an Ingress asks for and only `ingc.resolve` can grant: it refers to another object."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.ir import HostFeature, RouteFeature, UpstreamFeature


class RouteWish:
    """Becomes a `RouteFeature`, or the route answers 503."""

    __slots__ = ()


class HostWish:
    """Becomes a `HostFeature`, or every route of the host is refused."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class HttpsPolicy(RouteWish):
    """When plain http is redirected to https; what an Ingress without annotations asks for."""

    where_tls: bool = True
    """Redirect where the host has a ``tls`` entry."""
    always: bool = False
    """Redirect in any case."""
    keep_slash: bool = False
    with_port: bool = False
    """Name nginx's https port in the redirect."""
    status: int = 308
    exempt: tuple[str, ...] = ("/.well-known/acme-challenge",)
    """Paths that begin so are served on plain http."""


@dataclass(frozen=True, slots=True)
class RedirectWish(RouteWish):
    """Every request is answered with a redirect; the backend is not asked."""

    status: int
    location: str


@dataclass(frozen=True, slots=True)
class HostSetting:
    """What an annotation asks of a whole host, and where it is written."""

    annotation: str
    feature: HostFeature | HostWish
    origin: Origin


@dataclass(frozen=True, slots=True)
class UpstreamSetting:
    """What an annotation asks of the Services of its Ingress, and where it is written."""

    annotation: str
    feature: UpstreamFeature | None
    """``None``: nothing, in so many words."""
    origin: Origin
    """Empty where the ConfigMap says so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """All that the annotations of one Ingress ask for."""

    routes: tuple[RouteFeature | RouteWish, ...] = ()
    hosts: tuple[HostSetting, ...] = ()
    upstreams: tuple[UpstreamSetting, ...] = ()
    broken: bool = False
    """True where a value is wrong in such a way that the routes must not serve traffic."""


NOTHING = Asked()

Ask = RouteFeature | RouteWish | HostSetting | UpstreamSetting
