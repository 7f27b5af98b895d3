"""A service that decides about each request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from ingc.diagnostics.catalogue.annotations_extauth import AuthAnswersShared
from ingc.frontend.annotations.auth_values import CACHE_KEY, CACHE_TIMES, METHOD, SETTABLE_HEADERS
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.annotations.snippets import AUTH, MAPS, read_reported
from ingc.frontend.declarations.grammars import BOOL, HEADER, OBJECT, TEMPLATE, integer
from ingc.frontend.declarations.outside_url import AUTH_URL as SERVICE_URL
from ingc.frontend.declarations.outside_url import REDIRECT_URL
from ingc.frontend.snippets.contents import SnippetContents, SnippetPlace
from ingc.frontend.snippets.values import SnippetNames
from ingc.frontend.wishes import Ask, ExternalAuthWish, HeadersFrom
from ingc.ir.features.external_auth import AuthCache, Keepalive, SignIn
from ingc.syntax.outside import OutsideUrl
from ingc.syntax.text import Text

T = TypeVar("T")

AUTH_URL = Annotation(
    "auth-url",
    "Ask this URL about each request: 2xx lets it pass, 401 and 403 refuse it.",
    SERVICE_URL,
    risk=Risk.HIGH,
    rejects=True,
    empty_rejects=True,
    see="auth_request",
)
AUTH_METHOD = Annotation(
    "auth-method",
    "The method of the requests to the auth service.",
    METHOD,
    default="GET",
    rejects=True,
    needs="auth-url",
    see="proxy_method",
)
AUTH_SIGNIN = Annotation(
    "auth-signin",
    "Redirect to this URL where the auth service answers 401.",
    REDIRECT_URL,
    risk=Risk.HIGH,
    rejects=True,
    needs="auth-url",
    see="error_page",
)
AUTH_SIGNIN_REDIRECT_PARAM = Annotation(
    "auth-signin-redirect-param",
    "The query parameter of auth-signin that gets the URL of the request; the host's / in place of"
    " more than 65535 bytes.",
    HEADER,
    default="rd",
    risk=Risk.MEDIUM,
    rejects=True,
    needs="auth-signin",
)
AUTH_RESPONSE_HEADERS = Annotation(
    "auth-response-headers",
    "Headers of the auth service's answer that the backend gets, in place of the client's.",
    SETTABLE_HEADERS,
    risk=Risk.MEDIUM,
    rejects=True,
    needs="auth-url",
    see="auth_request_set",
)
AUTH_PROXY_SET_HEADERS = Annotation(
    "auth-proxy-set-headers",
    "A ConfigMap of the same namespace with headers that the auth service gets.",
    OBJECT,
    risk=Risk.MEDIUM,
    rejects=True,
    empty_rejects=True,
    needs="auth-url",
    see="proxy_set_header",
)
AUTH_REQUEST_REDIRECT = Annotation(
    "auth-request-redirect",
    "What the auth service gets as X-Auth-Request-Redirect.",
    TEMPLATE,
    default="$request_uri",
    risk=Risk.MEDIUM,
    rejects=True,
    needs="auth-url",
    see="proxy_set_header",
)
AUTH_CACHE_KEY = Annotation(
    "auth-cache-key",
    "Remember answers of the auth service under this key, for each host and path apart.",
    CACHE_KEY,
    risk=Risk.MEDIUM,
    rejects=True,
    needs="auth-url",
    see="proxy_cache_key",
)
AUTH_CACHE_DURATION = Annotation(
    "auth-cache-duration",
    "How long answers are remembered, by their status.",
    CACHE_TIMES,
    default="200 202 401 5m",
    risk=Risk.MEDIUM,
    rejects=True,
    needs="auth-cache-key",
    see="proxy_cache_valid",
)
AUTH_ALWAYS_SET_COOKIE = Annotation(
    "auth-always-set-cookie",
    "Pass the auth service's cookie on whatever the answer's status is.",
    BOOL,
    default="false",
    rejects=True,
    needs="auth-url",
    see="add_header",
)
AUTH_KEEPALIVE = Annotation(
    "auth-keepalive",
    "Idle connections to the auth service that each worker keeps.",
    integer(0, 65535),
    default="0",
    rejects=True,
    needs="auth-url",
    see="keepalive",
)
AUTH_KEEPALIVE_REQUESTS = Annotation(
    "auth-keepalive-requests",
    "Requests after which such a connection is closed.",
    integer(1),
    default="1000",
    rejects=True,
    needs="auth-keepalive",
    see="keepalive_requests",
)
AUTH_KEEPALIVE_TIMEOUT = Annotation(
    "auth-keepalive-timeout",
    "Seconds that such a connection stays open while it is idle.",
    integer(1, 86400 * 365),
    default="60",
    rejects=True,
    needs="auth-keepalive",
    see="keepalive_timeout",
)
AUTH_KEEPALIVE_SHARE_VARS = Annotation(
    "auth-keepalive-share-vars",
    "Whether the request to the auth service sees the variables of the client's; it always does.",
    BOOL,
    default="false",
    rejects=True,
    needs="auth-keepalive",
    see="auth_request",
)
ENABLE_GLOBAL_AUTH = Annotation(
    "enable-global-auth",
    "Whether global-auth-url of the ConfigMap holds for the paths; auth-url always replaces it.",
    BOOL,
    default="true",
    rejects=True,
)

GLOBAL = "global-"
"""Before the name of an annotation: the ConfigMap's key for every Ingress."""
NO_AUTH_LOCATIONS = "no-auth-locations"
"""The ConfigMap's key for paths that no auth holds for."""
_NO_AUTH = ("/.well-known/acme-challenge",)
_OF_THE_CLIENT = ("arg_", "cookie_", "http_", "remote_", "ssl_client_", "binary_remote_addr")
_WHOLE_REQUEST = frozenset({"args", "query_string", "request", "request_uri"})


def build(values: Values) -> Iterator[Ask]:
    """Request external auth: the Ingress's own, else the ConfigMap's."""
    own = values.given(AUTH_URL)
    if not own and values.get(ENABLE_GLOBAL_AUTH) is False:
        return
    url: OutsideUrl | None = _setting(values, AUTH_URL, own=own)
    contents = _snippet(values, own=own)
    if url is not None:
        wish = _wish(values, url, own=own)
        if contents is not None:
            tunings = tuple(sorted(contents.tunings.items()))
            headers = tuple(contents.request_headers.values())
            wish = replace(wish, more_headers=headers, tunings=tunings)
        yield wish


def _names(values: Values) -> SnippetNames:
    return SnippetNames(values.namespace, shared=values.defaults.get(MAPS, frozenset()))


def _snippet(values: Values, *, own: bool) -> SnippetContents | None:
    """Return what the snippet of the auth that holds requests, where snippets are allowed."""
    given = values.snippets.get(AUTH) if own else None
    if given is not None:
        return read_reported(given, SnippetPlace.AUTH, _names(values), values)
    return None if own else values.defaults.get(GLOBAL + AUTH)


def _setting(values: Values, annotation: Annotation[T], *, own: bool) -> T | None:
    """Return a setting of the auth that holds, which is never mixed of both."""
    if own:
        return values.own(annotation)
    found: T | None = values.defaults.get(GLOBAL + annotation.name)
    return found


def _wish(values: Values, url: OutsideUrl, *, own: bool) -> ExternalAuthWish:
    return ExternalAuthWish(
        url=url,
        origin=values.place(AUTH_URL),
        keepalive=Keepalive(
            values.own(AUTH_KEEPALIVE) or 0,
            values.own(AUTH_KEEPALIVE_REQUESTS) or 1000,
            values.own(AUTH_KEEPALIVE_TIMEOUT) or 60,
        ),
        method=_setting(values, AUTH_METHOD, own=own) or "",
        response_headers=_setting(values, AUTH_RESPONSE_HEADERS, own=own) or (),
        headers_from=_headers_from(values) if own else None,
        redirect=_setting(values, AUTH_REQUEST_REDIRECT, own=own),
        cache=_cache(values, own=own),
        always_set_cookie=_setting(values, AUTH_ALWAYS_SET_COOKIE, own=own) is True,
        sign_in=_sign_in(values, own=own),
        exempt=values.defaults.get(NO_AUTH_LOCATIONS, _NO_AUTH),
        by_operator=not own,
    )


def _headers_from(values: Values) -> HeadersFrom | None:
    name = values.own(AUTH_PROXY_SET_HEADERS)
    if name is None:
        return None
    place = values.place(AUTH_PROXY_SET_HEADERS)
    return HeadersFrom(name.namespace or values.namespace, name.name, place)


def _cache(values: Values, *, own: bool) -> AuthCache | None:
    key: Text | None = _setting(values, AUTH_CACHE_KEY, own=own)
    if key is None:
        return None
    personal = any(
        name.startswith(_OF_THE_CLIENT) or name in _WHOLE_REQUEST for name in key.variables
    )
    if not personal:
        values.report(AuthAnswersShared(key=str(key)), AUTH_CACHE_KEY)
    times = _setting(values, AUTH_CACHE_DURATION, own=own)
    if times is None and own:
        times = CACHE_TIMES.read(AUTH_CACHE_DURATION.default)
    return AuthCache(key, times or ())


def _sign_in(values: Values, *, own: bool) -> SignIn | None:
    url: Text | None = _setting(values, AUTH_SIGNIN, own=own)
    if url is None:
        return None
    parameter = _setting(values, AUTH_SIGNIN_REDIRECT_PARAM, own=own) or "rd"
    query = str(url).partition("?")[2]
    given = {item.partition("=")[0] for item in query.split("&")}
    return SignIn(url, "" if parameter in given else parameter)


_ALL: tuple[Annotation[Any], ...] = (
    AUTH_URL,
    AUTH_METHOD,
    AUTH_SIGNIN,
    AUTH_SIGNIN_REDIRECT_PARAM,
    AUTH_RESPONSE_HEADERS,
    AUTH_PROXY_SET_HEADERS,
    AUTH_REQUEST_REDIRECT,
    AUTH_CACHE_KEY,
    AUTH_CACHE_DURATION,
    AUTH_ALWAYS_SET_COOKIE,
    AUTH_KEEPALIVE,
    AUTH_KEEPALIVE_REQUESTS,
    AUTH_KEEPALIVE_TIMEOUT,
    AUTH_KEEPALIVE_SHARE_VARS,
    ENABLE_GLOBAL_AUTH,
)
FAMILY = Family("External auth", _ALL, build, keys=(GLOBAL + AUTH_URL.name,))
