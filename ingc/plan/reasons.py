"""What people read above a map: what it decides, and for whom. nginx does not read it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from ingc.ir.features.snippets import SNIPPET_VARIABLES
from ingc.plan.layout import Comment, Map

_OURS = "ingc_"
_CLIENT = "who the client is, as the proxy in front reports it"
_TLS = "TLS: who opens it, by the name in it"
_SESSION = "sessions: a client's cookie, or a new one, chooses its endpoint"
_COOKIE = "sessions: the cookie that a client without one gets"
_SIDE = "canary: a client stays on the side that its cookie names"
_TAKES = "canary: which requests it takes, by header, cookie or share"
_SIGN_IN = "sign-in pages: the URL to come back to, percent-encoded, some characters at a time"
_LOGGED = "access log: parts of the names of route and upstream"
_BLOCKED = "clients that are refused everywhere"
_LIMITS = "limits: whose requests are counted together; an empty key counts nobody"
_DEBUG = "the route's name in parts, for listed clients"
_REASONS: Mapping[str, str] = {
    "address": _CLIENT,
    "answered": "Set-Cookie in answers of backends alone, not in nginx's own",
    "asked_site": "sign-in pages: scheme and host to come back to, where they need no encoding",
    "blocked": _BLOCKED,
    "by": _TAKES,
    "client_port": _CLIENT,
    "connection": "Connection to the backend: upgrade, where the client requests one",
    "cookie": "a cookie with a name that no variable has",
    "cors": "CORS: for an allowed origin alone",
    "debug": _DEBUG,
    "debugged": _DEBUG,
    "dollar": "a dollar sign, which would begin a variable",
    "escaped_uri": _SIGN_IN,
    "first_side": "canary: a client with a session belongs to the primary",
    "forwarded_for": _CLIENT,
    "forwarded_port": "the port that backends get: over TLS the usual one",
    "header": "request headers that some location sets: their values everywhere else",
    "host": "the host with its port as sent, if it is the one that chose the server",
    "hsts": "Strict-Transport-Security: over https alone",
    "ingress": _LOGGED,
    "kept": "headers that the client may set: its own, else the usual value",
    "limit": _LIMITS,
    "limited": _LIMITS,
    "logged": "access log: what is left out is 0",
    "names": "names of routes, where one location stands for several of them",
    "namespace": _LOGGED,
    "origin": "CORS: the origin of a request, if it is allowed",
    "otel": "tracing: which requests are sampled",
    "own": _CLIENT,
    "parts_of_route": _DEBUG,
    "prefix": "X-Forwarded-Prefix, without control characters",
    "preflight": "CORS: a preflight, of an allowed origin",
    "primary_cookie": _COOKIE,
    "redirect_host": "redirects: the host without what a Location must not hold",
    "redirect_port": "redirects: the port that the client uses",
    "redirect_uri": "redirects: path and query as sent, without one slash at the end",
    "request_id": "X-Request-ID: the client's, or a new one",
    "route": "the route in the log, where no location names one",
    "samesite": "SameSite None, but for browsers that misread it",
    "scheme": _CLIENT,
    "scheme_port": "redirects: the port that the client uses",
    "secure": "sessions: Secure over https alone",
    "sent_scheme": _CLIENT,
    "service": _LOGGED,
    "session": _SESSION,
    "set_cookie": _COOKIE,
    "set_side": _SIDE,
    "share": _TAKES,
    "side": _SIDE,
    "sticky": "sessions: over https the cookie is Secure",
    "subject": "client certificates: 1 where the subject is accepted",
    "tls": _TLS,
    "upstream": "canary: the upstream of each side",
    "uri": _SIGN_IN,
    "vouched": "client certificates: the subject, if an authority vouches for it",
}
"""By the first words of the variable's name."""
_OF_SNIPPETS = "variables of the http-snippet"


def explained(maps: Iterable[Map]) -> Iterator[Map]:
    """Yield maps with what they are there for; of several in a row for one reason the first."""
    before: str | None = None
    for item in maps:
        reason = reason_of(item.variable.name)
        if reason is None or reason == before:
            yield item
        else:
            yield dataclasses.replace(item, why=Comment(reason))
        before = reason


def reason_of(name: str) -> str | None:
    """Return what a variable's map is there for, by the longest beginning of its name."""
    if name.startswith(SNIPPET_VARIABLES):
        return _OF_SNIPPETS
    stem = name.removeprefix(_OURS)
    while stem and stem not in _REASONS:
        stem = stem.rpartition("_")[0]
    return _REASONS.get(stem)
