"""A service that decides about each request, and the subrequests to other services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ingc.ir import Host, Route
from ingc.ir.features.card import Argument
from ingc.ir.features.external_auth import (
    AuthCache,
    CacheTime,
    Destination,
    ExternalAuth,
    Keepalive,
    SignIn,
)
from ingc.ir.features.protocols import OneRequestConnections
from ingc.model.scopes import pass_of
from ingc.prove.effective import InEffect
from ingc.prove.escaped import is_escaped
from ingc.prove.expected import ExpectedRoute, ExpectedUpstream
from ingc.prove.unequal import Unequal
from ingc.prove.upstream_blocks import USUAL_TIMEOUT, UpstreamInEffect
from ingc.prove.values import NoValue, canonical, known_as, milliseconds, read_number, read_text
from ingc.prove.written import REQUEST
from ingc.syntax.text import Text, Variable

Headers = tuple[tuple[str, Text], ...]

_ANSWERS = "upstream_http_"
_SCHEMES = ("http://", "https://")
_REDIRECT = "x-auth-request-redirect"
_PATH = Text((Variable("request_uri"),))
_ESCAPED = Variable("escaped_request_uri")
_UNSENT = Text(("what the client says",))
_URI = REQUEST["request_uri"].decode()
_HOST = REQUEST["host"].decode()
_ADDRESS = REQUEST["remote_addr"].decode()
_USUAL = {
    "content-length": "",
    "proxy": "",
    "x-forwarded-for": _ADDRESS,
    "x-forwarded-host": "",
    "x-forwarded-method": "",
    "x-forwarded-proto": "",
    "x-forwarded-uri": "",
    "x-original-method": "GET",
    "x-original-uri": "",
    "x-original-url": f"http://{_HOST}{_URI}",
    "x-real-ip": _ADDRESS,
    "x-request-id": REQUEST["request_id"].decode(),
    "x-scheme": "",
    "x-sent-from": "nginx-ingress-controller",
}
"""The headers about `REQUEST` that a service gets, and that a client can't set."""
_WITH_METHOD = {"x-original-uri": _URI, "x-scheme": "http"}
_TIME_OUTS = ("proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout")
_BY_OPERATOR = ("x-forwarded-for", "x-real-ip", "x-request-id")
"""Those that the operator may change for every backend."""
_KEY = re.compile(r"[0-9a-f]+ ").match


def read_external_auth(place: InEffect) -> ExternalAuth | None:
    """Return which service decides, and how nginx requests it; ``None``: none does."""
    name = place.argument("auth_request", "off")
    if name == "off":
        return None
    inner = place.exact(name)
    if inner is None:
        raise NoValue("service", "a subrequest for a location that is missing")
    _check_answers(inner)
    method = inner.argument("proxy_method", "")
    redirect = inner.header(_REDIRECT) or _UNSENT
    return ExternalAuth(
        service=destination_of(inner),
        method=method,
        response_headers=_copied(place),
        request_headers=_unusual(inner, method),
        redirect=None if canonical(redirect) == canonical(_PATH) else redirect,
        cache=_cache(inner),
        always_set_cookie=_passes_cookie(place),
        tunings=tuple(_time_outs(inner)),
    )


def _time_outs(inner: InEffect) -> Iterator[tuple[str, tuple[Argument, ...]]]:
    """Yield the time-outs of a subrequest that are not everybody's, by their names."""
    for name in sorted(inner.here.by_name):
        if name in _TIME_OUTS:
            yield name, inner.here.all(name)[0].args


def _check_answers(inner: InEffect) -> None:
    """Raise `NoValue` where anything but the service may let a request pass."""
    if inner.args("proxy_intercept_errors") == ("on",):
        raise NoValue("service", "answers that an error page stands in for")
    if not inner.here.all("error_page"):
        raise NoValue("service", "an inherited error page, whose answer would let requests pass")
    if any(code in ("401", "403") for item in inner.here.all("error_page") for code in item.args):
        raise NoValue("service", "an error page in place of a refusal")
    if inner.args("proxy_pass_request_body") != ("off",):
        raise NoValue("service", "a request with a body")
    if inner.argument("client_max_body_size", "1m") != "0":
        raise NoValue("service", "a request that may be too large")
    kept = inner.evaluated(inner.header("connection") or _UNSENT) == ""
    if kept and inner.argument("proxy_http_version", "1.1") == "1.0":
        raise NoValue("service", "connections that HTTP/1.0 does not keep")


def remembered_by(place: InEffect) -> str | None:
    """Return what begins the key of the answers that a location's service has given.

    ``None``: none are remembered. One key for two locations would let in at one who may pass at the
    other.
    """
    inner = place.exact(place.argument("auth_request", ""))
    own = _KEY(inner.argument("proxy_cache_key", "")) if inner is not None else None
    return own.group() if own is not None else None


def auth_log_differs(place: InEffect, expected: ExpectedRoute) -> Unequal | None:
    """Return the difference where the log has the requests to a service, or has them not."""
    if expected.route.feature(ExternalAuth) is None:
        return None
    inner = place.exact(place.argument("auth_request", ""))
    settings = expected.settings
    wanted = settings.policies.log.auth and settings.access_log != "off"
    if inner is not None and (inner.args("log_subrequest") == ("on",)) != wanted:
        return Unequal("LogFile", "auth", str(wanted), str(not wanted))
    return None


def _copied(place: InEffect) -> tuple[str, ...]:
    """Return the headers of the answer that the backend gets."""
    given = {
        item.args[0].removeprefix("$"): item.args[1].removeprefix("$")
        for item in place.all("auth_request_set")
    }
    variables = {
        name: value.variables[0]
        for name, value in place.sent_headers.items()
        if len(value.parts) == 1 and value.variables
    }
    found = {
        name for name, variable in variables.items()
        if known_as(given.get(variable, "")) == known_as(_ANSWERS + name)
    }  # fmt: skip
    return tuple(sorted(found))


def _passes_cookie(place: InEffect) -> bool:
    """Return whether the service's cookie is passed on whatever the status is."""
    given = {item.args[0]: item.args[1] for item in place.all("auth_request_set")}
    for item in place.all("add_header"):
        if item.args[0] == "Set-Cookie" and given.get(item.args[1]) == f"${_ANSWERS}set_cookie":
            return "always" in item.args[2:]
    raise NoValue("always_set_cookie", "no cookie of the service")


def _unusual(inner: InEffect, method: str) -> Headers:
    """Return the headers that the service gets beside those of every service, by their names."""
    usual = {**_USUAL, **(_WITH_METHOD if method else {})}
    found = dict(inner.sent_headers)
    for name in ("host", _REDIRECT):
        found.pop(name, None)
    for name, value in usual.items():
        if inner.evaluated(found.get(name, _UNSENT)) == value:
            del found[name]
        else:
            found.setdefault(name, _UNSENT)
    return tuple(sorted(found.items()))


def _cache(inner: InEffect) -> AuthCache | None:
    if inner.argument("proxy_cache", "off") == "off":
        return None
    if inner.args("proxy_buffering") == ("off",):
        raise NoValue("cache", "answers that are not buffered, and so not remembered")
    key = inner.argument("proxy_cache_key", "")
    own = _KEY(key)
    if own is None:
        raise NoValue("cache", "a key that other locations may have")
    times = (item.args for item in inner.all("proxy_cache_valid"))
    return AuthCache(
        read_text(key[own.end() :]),
        tuple(
            CacheTime(tuple([read_number(code, "cache") for code in codes]), time)
            for *codes, time in times
        ),
    )


def seen_external_auth(expected: ExpectedRoute) -> ExternalAuth | None:
    """Return what can be seen of the service that decides for a route."""
    own = expected.route.feature(ExternalAuth)
    if own is None:
        return None
    headers = _expected_headers(own, expected)
    redirect = headers.pop(_REDIRECT, own.redirect)
    return replace(
        own,
        service=expected_destination(own.service, expected, headers.pop("host", None)),
        response_headers=tuple(sorted({known_as(name) for name in own.response_headers})),
        request_headers=tuple(sorted(headers.items())),
        redirect=None if redirect is None or canonical(redirect) == canonical(_PATH) else redirect,
    )


def _expected_headers(own: ExternalAuth, expected: ExpectedRoute) -> dict[str, Text]:
    usual = {**_USUAL, **(_WITH_METHOD if own.method else {})}
    kept = kept_connections(
        ExpectedUpstream(expected.upstreams[own.service.upstream], expected.settings)
    )
    keeps = any(
        isinstance(item, Keepalive) for item in expected.upstreams[own.service.upstream].features
    )
    found = {"connection": Text(()) if keeps and kept.connections else Text(("close",))}
    for name, value in expected.settings.policies.request_headers:
        if known_as(name) in _BY_OPERATOR:
            found[known_as(name)] = value
    if not expected.settings.policies.request_id:
        found.setdefault("x-request-id", Text((Variable("ingc_request_id"),)))
    found.update({known_as(name): value for name, value in own.request_headers})
    return {
        name: value
        for name, value in found.items()
        if name not in usual or expected.written.evaluated(value) != usual[name]
    }


def destination_of(inner: InEffect) -> Destination:
    """Return what a subrequest's location requests.

    Its host is sent as Host; in TLS too, unless another name stands behind it.
    """
    if not inner.here.all("internal"):
        raise NoValue("service", "a location that clients can ask for")
    passing = pass_of(inner.here)
    parts = read_text(passing.args[0]).parts if passing is not None else ()
    first = parts[0] if parts and isinstance(parts[0], str) else ""
    scheme, mark, rest = first.partition("://")
    if f"{scheme}{mark}" not in _SCHEMES:
        raise NoValue("service", "a subrequest that nothing is asked by")
    authority, slash, path = rest.partition("/")
    uri = (*((slash + path,) if slash else ()), *parts[1:])
    if not authority and len(parts) > 1 and isinstance(parts[1], Variable):
        authority = inner.assigned.get(parts[1].name, "")
        uri = parts[2:]
    host = canonical(inner.header("host") or _UNSENT)
    sent = inner.args("proxy_ssl_server_name") == ("on",)
    name = inner.argument("proxy_ssl_name", "") if sent else ""
    sent_as = "".join(map(str, host)) if isinstance(host, tuple) else ""
    return Destination(
        "https" if scheme == "https" else "http",
        authority,
        _with_name(sent_as, name if scheme == "https" else sent_as),
        Text(uri),
    )


def expected_destination(
    service: Destination, expected: ExpectedRoute, host: Text | None = None
) -> Destination:
    """Return what can be seen of a service; ``host``: what is sent to it as Host instead."""
    scheme = "http" if expected.settings.echo else service.scheme
    sent_as = service.host if host is None else "".join(map(str, host.parts))
    name = expected.upstreams[service.upstream].service.service
    return Destination(
        "https" if scheme == "https" else "http",
        expected.called(service.upstream),
        _with_name(sent_as, name if scheme == "https" else sent_as),
        service.uri,
    )


def _with_name(host: str, name: str) -> str:
    return host if host == name else f"{host}, in TLS {name or 'nobody'}"


def read_sign_in(place: InEffect) -> SignIn | None:
    """Return where a 401 redirects to; ``None``: nowhere.

    Of the URL one ``?`` or ``&`` at its end is left out where a parameter follows it.
    """
    pages = (item for item in place.all("error_page") if "401" in item.args[:-1])
    inner = next((place.named(page.args[-1]) for page in pages), None)
    answer = inner.here.first("return") if inner is not None else None
    if inner is None or answer is None:
        return None
    if answer.args[0] != "302" or not _has_cookie(inner):
        raise NoValue("url", "an answer that is no redirect with the service's cookie")
    parts = read_text(answer.args[1]).parts
    parameter = ""
    if len(parts) > 2 and _is_site(inner, parts[-2]) and isinstance(parts[-3], str):
        before, joint, parameter = _split(parts[-3])
        has_query = any("?" in part for part in (*parts[:-3], before) if isinstance(part, str))
        if joint != ("&" if has_query else "?") or not parameter.endswith("="):
            raise NoValue("parameter", "the request's URL in no parameter, or in another one's")
        parts = (*parts[:-3], before, parts[-1])
        parameter = parameter[:-1]
        if not is_escaped(inner, parts[-1]):
            raise NoValue("parameter", "a URL that is not encoded")
        parts = parts[:-1]
    url = tuple(_ESCAPED if is_escaped(inner, part) else part for part in parts)
    return SignIn(Text(url), parameter)


def _split(text: str) -> tuple[str, str, str]:
    place = max(text.rfind("?"), text.rfind("&"))
    return text[:place], text[place : place + 1], text[place + 1 :]


def _has_cookie(inner: InEffect) -> bool:
    return any(item.args[0] == "Set-Cookie" for item in inner.here.all("add_header"))


def _is_site(inner: InEffect, part: str | Variable) -> bool:
    return isinstance(part, Variable) and inner.evaluated(Text((part,))) == f"http://{_HOST}"


def seen_sign_in(expected: ExpectedRoute) -> SignIn | None:
    """Return what can be seen of a route's redirect."""
    own = expected.route.feature(SignIn)
    if own is None or not own.parameter:
        return own
    *parts, last = own.url.parts
    if isinstance(last, str) and last[-1:] in ("?", "&"):
        last = last[:-1]
    return SignIn(Text((*parts, last)), own.parameter)


def read_keepalive(block: UpstreamInEffect) -> Keepalive | None:
    """Return how connections are kept; ``None``: none is."""
    if not block.connections:
        return None
    return Keepalive(block.connections, block.requests, _seconds(block.timeout))


def seen_keepalive(expected: ExpectedUpstream) -> Keepalive | None:
    """Return what can be seen of how an upstream keeps connections."""
    kept = kept_connections(expected)
    once = any(isinstance(item, OneRequestConnections) for item in expected.upstream.features)
    return None if once or not kept.connections else kept


def kept_connections(expected: ExpectedUpstream) -> Keepalive:
    """Return how an upstream keeps connections: its own way, else that of all."""
    own = (item for item in expected.upstream.features if isinstance(item, Keepalive))
    found = None if expected.sessions else next(own, None)
    policy = expected.settings.policies.keepalive
    timeout = policy.timeout or USUAL_TIMEOUT
    return found or Keepalive(policy.connections, policy.requests, _seconds(timeout))


def _seconds(time: str) -> int:
    """Return a time in seconds; one that is no whole number becomes negative."""
    found = milliseconds(time)
    return -found if found % 1000 else found // 1000


def check_external_auth(feature: ExternalAuth) -> Iterator[tuple[str, ...]]:
    """Yield which service decides."""
    yield "auth_request", feature.service.upstream


def forward_external_auth(
    feature: ExternalAuth, _host: Host, _route: Route
) -> Iterator[tuple[str, str | None]]:
    """Yield the headers that the service sets, so that no client does."""
    yield from ((name, None) for name in feature.response_headers)


def check_sign_in(_feature: SignIn) -> Iterator[tuple[str, ...]]:
    """Yield that who is not let in is sent elsewhere."""
    yield "error_page", "401", "return", "302"
