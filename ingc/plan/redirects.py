"""Redirects of plain http to https: by a server for many hosts, or in each location."""

from __future__ import annotations

from ingc.ir import ANY_HOST, Host, Redirect, Route, Settings
from ingc.ir.features.card import RouteFeature
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.headers import CustomHeaders
from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.ir.features.snippets import AnswerHeaders, ServerProgram
from ingc.plan.frame.client_identity import REDIRECT_HOST
from ingc.plan.layout import Directive, Literal, Map, directive
from ingc.syntax.text import Text, Variable

REDIRECT_URI = Variable("ingc_redirect_uri")
_SENT = Variable("request_uri")
STRIPPED_MAP = Map(
    _SENT,
    REDIRECT_URI,
    (
        (Literal("~^(?<ingc_stripped>.*)/$"), Variable("ingc_stripped")),
        ("default", _SENT),
    ),
)
"""The path and query as sent, without one slash at the end."""


def whole_redirect(host: Host, settings: Settings) -> HttpsRedirect | None:
    """Return the one redirect that plain http of a host is, where it is nothing else.

    Where a proxy in front may have spoken https, the port proves nothing.
    """
    if settings.policies.front.tells_scheme:
        return None
    first = host.default.feature(HttpsRedirect)
    if first is None or host.name == ANY_HOST or host.feature(AppRoot):
        return None
    if host.feature(ServerProgram) is not None:
        return None
    certificates = host.feature(ClientCertificates)
    if certificates is not None and certificates.subject:
        return None
    alike = all(_is_only(first, route) for route in (*host.routes, host.default))
    return first if alike else None


def _is_only(redirect: HttpsRedirect, route: Route) -> bool:
    if isinstance(route.action, Redirect) or any(map(_counts_on_http, route.features)):
        return False
    return route.feature(HttpsRedirect) == redirect


def _counts_on_http(item: RouteFeature) -> bool:
    """Return whether the location has to be there for the sake of plain http too."""
    return item.before_https or isinstance(item, CustomHeaders | AnswerHeaders)


def to_https(redirect: HttpsRedirect, settings: Settings) -> tuple[Directive, tuple[Map, ...]]:
    """Return the directive that answers with a redirect, and the maps that it needs."""
    port = settings.https_port if redirect.with_port else settings.redirect_port
    path = _SENT if redirect.keep_slash else REDIRECT_URI
    named = (f":{port}",) if port else ()
    believed = settings.policies.front.believed
    host = REDIRECT_HOST if believed else Variable("host")
    target = Text(("https://", host, *named, path))
    maps = () if redirect.keep_slash else (STRIPPED_MAP,)
    return directive("return", redirect.status, target), maps
