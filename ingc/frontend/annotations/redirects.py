"""Redirects: to https, to another URL, from a host's root."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ingc.diagnostics.catalogue.annotations import RedirectTargetUnusable
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Scope, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL, PATH, read_variables, redirect_status
from ingc.frontend.declarations.values import GivenValues
from ingc.frontend.wishes import Ask, HostSetting, HttpsPolicy, RedirectWish
from ingc.ir.features.redirects import AppRoot
from ingc.ir.features.tuning import Tuning
from ingc.syntax.text import Text

_WITH_LOCATION = (301, 302, 303, 307, 308)


def _absolute_path() -> Grammar[str]:
    def make(tokens: tuple[str, ...]) -> str:
        path = PATH.make(tokens)
        if not path.startswith("/"):
            raise BadValue('it does not begin with "/"')
        return path

    words = 'a path that begins with "/", of letters, digits and -._~/:'
    return Grammar("path", "path", words, ("/app",), ("app", "", "/a b", "/$x"), make, str)


_KNOWN = frozenset({"scheme", "host", "request_uri", "args", "query_string", "is_args"})
_WHOLE = ("http://", "https://", "$scheme://")
_GROUP = re.compile(r"\$\{?[1-9]")


def _location(tokens: tuple[str, ...]) -> Text:
    if _GROUP.search(tokens[0]):
        raise BadValue("groups of the path stand in rewrite-target, which redirects to it (302)")
    text = read_variables(tokens[0])
    other = next((name for name in text.variables if name not in _KNOWN), None)
    if other is not None:
        raise BadValue(f'the variable "${other}" may not be used')
    if text.variables and not str(text).startswith((*_WHOLE, "/")):
        raise BadValue('with variables it has to begin with "http://", "https://" or "/"')
    return text


_WORDS = (
    "in which $request_uri is the path and query of the request; $scheme, $host, $args and "
    "$is_args may stand there too"
)
_URLS = ("https://example.com/a?b=c", "https://www.example.com$request_uri")
LOCATION = Grammar(
    name="redirect target",
    rule="location",
    words=f"a URL or a path, {_WORDS}",
    examples=(*_URLS, "/login"),
    wrong=(
        "",
        "https://example.com/$1",
        "https://example.com$uri",
        "$request_uri",
        "https://a b",
        'https://a"',
        "https://a;b",
    ),
    make=_location,
    write=str,
)
URL_LOCATION = replace(LOCATION, words=f"a URL, {_WORDS}", examples=_URLS)
SSL_REDIRECT = Annotation(
    "ssl-redirect",
    "Redirect http to https where the host has a tls entry.",
    BOOL,
    default="true",
    see="return",
)
FORCE_SSL_REDIRECT = Annotation(
    "force-ssl-redirect",
    "Redirect http to https also where the host has no tls entry.",
    BOOL,
    default="false",
    risk=Risk.MEDIUM,
    rejects=True,
    see="return",
)
PRESERVE_TRAILING_SLASH = Annotation(
    "preserve-trailing-slash",
    "Keep the slash at the end of the path in the redirect to https.",
    BOOL,
    default="false",
    risk=Risk.MEDIUM,
)
USE_PORT_IN_REDIRECTS = Annotation(
    "use-port-in-redirects",
    "Name the port in redirects.",
    BOOL,
    default="false",
    see="port_in_redirect",
)
PERMANENT_REDIRECT = Annotation(
    "permanent-redirect",
    "Answer every request of the paths with a redirect to this URL.",
    LOCATION,
    risk=Risk.MEDIUM,
    rejects=True,
    see="return",
)
PERMANENT_REDIRECT_CODE = Annotation(
    "permanent-redirect-code",
    "The status of permanent-redirect.",
    redirect_status(*_WITH_LOCATION),
    default="301",
    needs="permanent-redirect",
)
TEMPORAL_REDIRECT = Annotation(
    "temporal-redirect",
    "Answer every request of the paths with a temporary redirect to this URL.",
    URL_LOCATION,
    risk=Risk.MEDIUM,
    rejects=True,
    see="return",
)
TEMPORAL_REDIRECT_CODE = Annotation(
    "temporal-redirect-code",
    "The status of temporal-redirect.",
    redirect_status(*_WITH_LOCATION[:-1]),
    default="302",
    needs="temporal-redirect",
)
RELATIVE_REDIRECTS = Annotation(
    "relative-redirects",
    "Leave scheme and host out of redirects that nginx itself makes.",
    BOOL,
    default="false",
    see="absolute_redirect",
)
APP_ROOT = Annotation(
    "app-root",
    "Redirect a request for exactly / to this path.",
    _absolute_path(),
    scope=Scope.HOST,
    risk=Risk.MEDIUM,
    see="return",
)


def build(values: Values) -> Iterator[Ask]:
    """Request redirects."""
    policy = https_policy(values)
    if policy != HttpsPolicy():
        yield policy
    redirect = _redirect(values)
    if redirect is not None:
        yield redirect
    if values.get(RELATIVE_REDIRECTS):
        yield Tuning("absolute_redirect", ("off",))
    if redirect is not None and values.get(USE_PORT_IN_REDIRECTS):
        yield Tuning("port_in_redirect", ("on",))
    root = values.own(APP_ROOT)
    if root:
        yield HostSetting(APP_ROOT.name, AppRoot(root), values.place(APP_ROOT))


def https_policy(values: GivenValues) -> HttpsPolicy:
    """Return when plain http is redirected, by what an Ingress or the ConfigMap alone sets."""
    usual = HttpsPolicy()
    return HttpsPolicy(
        where_tls=values.get(SSL_REDIRECT) is not False,
        always=values.get(FORCE_SSL_REDIRECT) is True,
        keep_slash=values.get(PRESERVE_TRAILING_SLASH) is True,
        with_port=values.get(USE_PORT_IN_REDIRECTS) is True,
        status=values.defaults.get("http-redirect-code", usual.status),
        exempt=values.defaults.get("no-tls-redirect-locations", usual.exempt),
    )


def _redirect(values: Values) -> RedirectWish | None:
    """A temporary redirect beats a permanent one."""
    both: tuple[tuple[Annotation[Text], Annotation[int], int], ...] = (
        (TEMPORAL_REDIRECT, TEMPORAL_REDIRECT_CODE, 302),
        (PERMANENT_REDIRECT, PERMANENT_REDIRECT_CODE, 301),
    )
    for target, code, status in both:
        url = values.own(target)
        if url is None:
            continue
        if target is TEMPORAL_REDIRECT and not str(url).startswith(_WHOLE):
            entry = RedirectTargetUnusable(annotation=target.name, value=str(url))
            values.report(entry, target)
        return RedirectWish(values.own(code) or status, url)
    return None


_ALL: tuple[Annotation[Any], ...] = (
    SSL_REDIRECT,
    FORCE_SSL_REDIRECT,
    PRESERVE_TRAILING_SLASH,
    USE_PORT_IN_REDIRECTS,
    PERMANENT_REDIRECT,
    PERMANENT_REDIRECT_CODE,
    TEMPORAL_REDIRECT,
    TEMPORAL_REDIRECT_CODE,
    RELATIVE_REDIRECTS,
    APP_ROOT,
)
FAMILY = Family("Redirects", _ALL, build)
