"""The protocol of the backend, and what FastCGI is given."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Proxy, Route
from ingc.ir.features.access import SatisfyAny
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.protocols import BackendProtocol, FastCgi
from ingc.plan.language import WITH_TLS, language_of, protocol_of
from ingc.plan.layout import directive
from ingc.plan.pieces import Piece, RoutePlace, maps_of
from ingc.syntax.text import Variable
from ingc.target import TLS13_BY_DEFAULT

_USER = Variable("remote_user")


def plan_backend_protocol(_feature: BackendProtocol, place: RoutePlace) -> Iterator[Piece]:
    """The pass directive names the protocol; an old nginx must get TLS 1.3 by a directive."""
    if language_of(place.route, place.settings) == "fastcgi" and _checks_password(place.route):
        yield Piece(directives=(directive("fastcgi_param", "REMOTE_USER", _USER),))
    if not speaks_tls(place) or place.route.feature(BackendTls) is not None:
        return
    if place.settings.target < TLS13_BY_DEFAULT:
        yield Piece(directives=(directive("proxy_ssl_protocols", "TLSv1.2", "TLSv1.3"),))


def _checks_password(route: Route) -> bool:
    """Return whether nobody comes in whose name has not been checked."""
    either = route.feature(SatisfyAny) is not None
    checked = route.feature(BasicAuth) is not None
    return checked and not either and isinstance(route.action, Proxy)


def plan_fast_cgi(feature: FastCgi, place: RoutePlace) -> Iterator[Piece]:
    """An index and params of the route's own."""
    route = place.route
    if language_of(route, place.settings) != "fastcgi" or not isinstance(route.action, Proxy):
        return
    index = (directive("fastcgi_index", feature.index),) if feature.index else ()
    params = tuple(directive("fastcgi_param", *param) for param in feature.params)
    maps = tuple(made for _, value in feature.params for made in maps_of(value))
    yield Piece(directives=(*index, *params), maps=maps)


def speaks_tls(place: RoutePlace) -> bool:
    """Return whether a route passes requests on in TLS."""
    route = place.route
    return protocol_of(route, place.settings) in WITH_TLS and isinstance(route.action, Proxy)
