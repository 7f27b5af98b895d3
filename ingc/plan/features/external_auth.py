"""A service that decides about each request."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.external_auth import ExternalAuth, Keepalive, SignIn
from ingc.ir.features.tuning import Tuning
from ingc.plan.escaping import ESCAPED_URI, escaping_maps, most_bytes
from ingc.plan.frame.client_identity import own_host, scheme_of
from ingc.plan.frame.http import request_headers, response_headers
from ingc.plan.layout import Comment, Directive, Literal, Location, Map, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, maps_of
from ingc.plan.subrequest import pass_to, room_for, variable_for
from ingc.syntax.digest import digest
from ingc.syntax.text import Text, Variable

SITE = Variable("ingc_asked_site")
"""Scheme and host; empty where the host has characters that would have to be encoded."""

COOKIE = Variable("ingc_auth_cookie")

_COOKIE_SENT = directive("auth_request_set", COOKIE, Variable("upstream_http_set_cookie"))

_CACHE = "ingc_auth"

_CACHE_PATH = directive(
    "proxy_cache_path",
    "auth_cache",
    "levels=1:2",
    f"keys_zone={_CACHE}:10m",
    "max_size=128m",
    "inactive=30m",
    "use_temp_path=off",
)

_BUFFERS = frozenset({"proxy_buffer_size", "proxy_buffers", "proxy_busy_buffers_size"})

_NO_SUCH_STATUS = 599


def plan_external_auth(feature: ExternalAuth, place: RoutePlace) -> Iterator[Piece]:
    """Let the service decide before anything of the request is passed on."""
    # Remembered answers are of one location; where none are, equal locations are one.
    content: tuple[object, ...] = (feature, _buffers(place))
    if feature.tunings:
        content = (*content, feature.tunings)
    if feature.cache:
        content = (*content, place.host.name, place.route.origin, place.route.path)
    name = place.subrequest_name("auth", *content)
    inner = _subrequest(feature, place, key=digest("cache", *content))
    headers = tuple(
        (header, variable_for("auth_header", header)) for header in feature.response_headers
    )
    cookie = (("Set-Cookie", COOKIE),)
    texts = (*(value for _, value in feature.request_headers), feature.service.uri)
    texts += (feature.redirect,) if feature.redirect else ()
    texts += (feature.cache.key,) if feature.cache else ()
    yield Piece(
        Phase.ACCESS,
        (
            directive("auth_request", name),
            *(directive("auth_request_set", value, _answered(header)) for header, value in headers),
            _COOKIE_SENT,
            *(room_for([*request_headers(place.settings), *feature.response_headers])),
        ),
        request_headers=headers,
        response_headers=cookie if feature.always_set_cookie else (),
        success_headers=() if feature.always_set_cookie else cookie,
        http=(_CACHE_PATH,) if feature.cache else (),
        maps=tuple(item for text in texts for item in maps_of(text)),
        locations=(Location(Comment("external auth"), "=", name, inner),),
    )


def _answered(header: str) -> Variable:
    return Variable("upstream_http_" + header.lower().replace("-", "_"))


def _buffers(place: RoutePlace) -> tuple[Tuning, ...]:
    tunings = (item for item in place.route.features if isinstance(item, Tuning))
    return tuple(item for item in tunings if item.directive in _BUFFERS)


def _subrequest(feature: ExternalAuth, place: RoutePlace, *, key: str) -> tuple[Directive, ...]:
    service = feature.service
    sent = {name.lower(): (name, value) for name, value in _headers(feature, place)}
    sent.update({name.lower(): (name, value) for name, value in feature.request_headers})
    return (
        directive("internal"),
        *_logged(place),
        # The location of the route has judged the size already.
        directive("client_max_body_size", 0),
        directive("proxy_pass_request_body", "off"),
        *((directive("proxy_method", feature.method),) if feature.method else ()),
        # Nothing but the service itself may answer: an error page's 200 would let everybody in.
        # A location with an error_page of its own inherits none.
        directive("proxy_intercept_errors", "off"),
        directive("error_page", _NO_SUCH_STATUS, "/"),
        *(directive(item.directive, *item.args) for item in _buffers(place)),
        *(directive(name, *args) for name, args in feature.tunings),
        *room_for(sent),
        *(directive("proxy_set_header", name, value) for name, value in sent.values()),
        *_kept(feature, place),
        *_remembering(feature, key),
        *pass_to(service, place.upstreams[service.upstream], place.settings),
    )


def _logged(place: RoutePlace) -> Iterator[Directive]:
    settings = place.settings
    if settings.policies.log.auth and settings.access_log != "off":
        yield directive("log_subrequest", "on")


def _headers(feature: ExternalAuth, place: RoutePlace) -> Iterator[tuple[str, Value]]:
    """Yield the headers that the service gets beside what the client sent.

    What a client must not claim of its own request, and ingress-nginx does not send here either,
    is removed.
    """
    usual = request_headers(place.settings)
    sent = Variable("request_uri")
    yield "Host", feature.service.host
    yield "Connection", "" if _keeps(feature, place) else "close"
    yield "Content-Length", ""
    yield "X-Request-ID", usual["X-Request-ID"]
    host = own_host(place.settings.policies.front)
    yield "X-Original-URL", Text((Variable("scheme"), "://", host, sent))
    yield "X-Original-Method", Variable("request_method")
    yield "X-Original-URI", sent if feature.method else ""
    yield "X-Scheme", Variable("scheme") if feature.method else ""
    yield "X-Sent-From", "nginx-ingress-controller"
    yield "X-Real-IP", usual["X-Real-IP"]
    yield "X-Forwarded-For", usual["X-Forwarded-For"]
    yield "X-Auth-Request-Redirect", feature.redirect or sent
    for name in ("Proto", "Host", "Uri", "Method"):
        yield f"X-Forwarded-{name}", ""
    yield "Proxy", ""


def _keeps(feature: ExternalAuth, place: RoutePlace) -> bool:
    """Return whether connections are kept; some versions of nginx do so by default."""
    features = place.upstreams[feature.service.upstream].features
    return any(isinstance(item, Keepalive) and item.connections for item in features)


def _kept(feature: ExternalAuth, place: RoutePlace) -> Iterator[Directive]:
    """Yield HTTP/1.1 where all else speaks an older one, in which no connection is kept."""
    spoken = dict(place.settings.tunings).get("proxy_http_version", ("1.1",))
    if spoken != ("1.1",) and _keeps(feature, place):
        yield directive("proxy_http_version", "1.1")


def _remembering(feature: ExternalAuth, key: str) -> Iterator[Directive]:
    if feature.cache is None:
        return
    yield directive("proxy_cache", _CACHE)
    yield directive("proxy_cache_key", Text((f"{key} ", *feature.cache.key.parts)))
    for item in feature.cache.times:
        yield directive("proxy_cache_valid", *item.codes, item.time)
    yield directive("proxy_buffering", "on")


def plan_sign_in(feature: SignIn, place: RoutePlace) -> Iterator[Piece]:
    """Redirect instead of a 401, with the service's cookie."""
    auth = place.route.feature(ExternalAuth)
    always = auth is not None and auth.always_set_cookie
    url = _sign_in_url(feature)
    host, scheme = own_host(place.settings.policies.front), scheme_of(place.settings)
    name = place.page_name("sign-in", feature, always)
    inner = (
        *(directive("add_header", *item, "always") for item in response_headers(place.config)),
        directive("add_header", "Set-Cookie", COOKIE, *(("always",) if always else ())),
        directive("return", 302, url),
    )
    yield Piece(
        Phase.ACCESS,
        (directive("error_page", 401, "=", name),),
        maps=(
            *((_site_map(scheme, host),) if SITE in url.parts else ()),
            *(escaping_maps(most_bytes(place.settings)) if ESCAPED_URI in url.parts else ()),
            *maps_of(url),
        ),
        locations=(Location(Comment("sign in"), "", name, inner),),
    )


def _sign_in_url(feature: SignIn) -> Text:
    escaped = Variable("escaped_request_uri")
    parts = tuple(ESCAPED_URI if part == escaped else part for part in feature.url.parts)
    if not feature.parameter:
        return Text(parts)
    query = any(isinstance(part, str) and "?" in part for part in parts)
    ends = isinstance(parts[-1], str) and parts[-1][-1:] in ("?", "&")
    joint = "" if ends else "&" if query else "?"
    return Text((*parts, f"{joint}{feature.parameter}=", SITE, ESCAPED_URI))


def _site_map(scheme: Variable, host: Variable) -> Map:
    plain = Literal(r"~*^[a-z0-9._:\[\]-]+\z")
    site = Text((scheme, "://", host))
    return Map(host, SITE, ((plain, site), ("default", "")))
