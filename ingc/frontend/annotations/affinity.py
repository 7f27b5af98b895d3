"""Sessions that stay on their endpoint by a cookie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from ingc.diagnostics.catalogue.annotations_balance import (
    AffinityIsNearest,
    SessionCookieLifetimesDiffer,
)
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar, as_written
from ingc.frontend.declarations.grammars import BOOL, PATH, integer, one_of
from ingc.frontend.wishes import AffinityWish, Ask
from ingc.ir.features.affinity import SameSite
from ingc.target import STICKY, parse_version

COOKIE_NAME = as_written(
    name="cookie name",
    rule="word",
    words="the name of a cookie: letters, digits, dots, dashes and underscores",
    examples=("route", "my-app_session"),
    wrong=("", "a b", "a=b", "a;b", "$x", "a/b"),
)
COOKIE_DOMAIN = as_written(
    name="cookie domain",
    rule="word",
    words="a domain: letters, digits, dashes and dots",
    examples=("example.com", ".example.com"),
    wrong=("", "a b", "a;b", "http://a", "$host"),
)


def _cookie_path(tokens: tuple[str, ...]) -> str:
    if not tokens[0].startswith("/"):
        raise BadValue('it does not begin with "/"')
    return tokens[0]


COOKIE_PATH = Grammar(
    name="path",
    rule="path",
    words='a path that begins with "/", of letters, digits and -._~/:',
    examples=PATH.examples,
    wrong=("", "app", "/a b", "/a;b", "/$x"),
    make=_cookie_path,
    write=str,
)
_SECONDS = Grammar(
    name="lifetime",
    rule="signed",
    words="whole seconds, without a unit",
    examples=("3600", "0", "-1"),
    wrong=("", "1h", "1.5", "forever", "--1"),
    make=integer(least=-(2**31)).make,
    write=str,
)

AFFINITY = Annotation(
    "affinity",
    "Keep a client on the endpoint that it got first, by a cookie.",
    one_of("cookie"),
    see="sticky",
)
AFFINITY_MODE = Annotation(
    "affinity-mode",
    "Whether sessions move to new endpoints; nginx's sticky never moves them, its hash some.",
    one_of("balanced", "persistent"),
    default="balanced",
    risk=Risk.MEDIUM,
    needs="affinity",
    see="sticky",
)
SESSION_COOKIE_NAME = Annotation(
    "session-cookie-name",
    "The cookie's name.",
    COOKIE_NAME,
    default="INGRESSCOOKIE",
    risk=Risk.MEDIUM,
    needs="affinity",
)
SESSION_COOKIE_PATH = Annotation(
    "session-cookie-path",
    "The cookie's Path; without it that of the rule.",
    COOKIE_PATH,
    risk=Risk.MEDIUM,
    needs="affinity",
)
SESSION_COOKIE_DOMAIN = Annotation(
    "session-cookie-domain",
    "The cookie's Domain.",
    COOKIE_DOMAIN,
    risk=Risk.MEDIUM,
    needs="affinity",
)
SESSION_COOKIE_EXPIRES = Annotation(
    "session-cookie-expires",
    "Seconds after which the cookie is forgotten, sent as Max-Age (with sticky as Expires too).",
    _SECONDS,
    risk=Risk.MEDIUM,
    needs="affinity",
)
SESSION_COOKIE_MAX_AGE = Annotation(
    "session-cookie-max-age",
    "Seconds after which the cookie is forgotten.",
    _SECONDS,
    risk=Risk.MEDIUM,
    needs="affinity",
)
SESSION_COOKIE_SAMESITE = Annotation(
    "session-cookie-samesite",
    "The cookie's SameSite.",
    one_of("None", "Lax", "Strict", caseless=True),
    needs="affinity",
)
SESSION_COOKIE_CONDITIONAL_SAMESITE_NONE = Annotation(
    "session-cookie-conditional-samesite-none",
    "Leave SameSite=None out for browsers that misread it.",
    BOOL,
    default="false",
    needs="affinity",
)
SESSION_COOKIE_SECURE = Annotation(
    "session-cookie-secure",
    "Make the cookie Secure on plain http too; over https it always is.",
    BOOL,
    default="false",
    needs="affinity",
)
SESSION_COOKIE_CHANGE_ON_FAILURE = Annotation(
    "session-cookie-change-on-failure",
    "Move a session when its endpoint fails; nginx always does, for false too.",
    BOOL,
    default="false",
    needs="affinity",
    see="proxy_next_upstream",
)


def build(values: Values) -> Iterator[Ask]:
    """Request affinity."""
    if values.own(AFFINITY) is None:
        return
    _report_differences(values)
    expires, max_age = values.own(SESSION_COOKIE_EXPIRES), values.own(SESSION_COOKIE_MAX_AGE)
    if expires is not None and max_age is not None and expires != max_age:
        entry = SessionCookieLifetimesDiffer(expires=str(expires), max_age=str(max_age))
        values.report(entry, SESSION_COOKIE_EXPIRES)
    yield AffinityWish(
        origin=values.place(AFFINITY),
        name=values.own(SESSION_COOKIE_NAME) or SESSION_COOKIE_NAME.default,
        path=values.own(SESSION_COOKIE_PATH),
        domain=values.own(SESSION_COOKIE_DOMAIN) or "",
        max_age=expires if max_age is None else max_age,
        samesite=cast("SameSite", values.own(SESSION_COOKIE_SAMESITE) or ""),
        conditional=values.own(SESSION_COOKIE_CONDITIONAL_SAMESITE_NONE) is True,
        secure=values.own(SESSION_COOKIE_SECURE) is True,
    )


def _report_differences(values: Values) -> None:
    mode = values.own(AFFINITY_MODE)
    if parse_version(values.options.nginx_version) < STICKY:
        moves = "a change of the endpoints moves some sessions, and one that fails loses its own"
        values.report(
            AffinityIsNearest(method="a consistent hash of the cookie", difference=moves),
            AFFINITY_MODE if mode == "persistent" else AFFINITY,
        )
    elif mode == "balanced":
        stays = "sessions stay on their endpoint; new endpoints get new sessions alone"
        entry = AffinityIsNearest(method="sticky cookie", difference=stays)
        values.report(entry, AFFINITY_MODE)


_ALL: tuple[Annotation[Any], ...] = (
    AFFINITY,
    AFFINITY_MODE,
    SESSION_COOKIE_NAME,
    SESSION_COOKIE_PATH,
    SESSION_COOKIE_DOMAIN,
    SESSION_COOKIE_EXPIRES,
    SESSION_COOKIE_MAX_AGE,
    SESSION_COOKIE_SAMESITE,
    SESSION_COOKIE_CONDITIONAL_SAMESITE_NONE,
    SESSION_COOKIE_SECURE,
    SESSION_COOKIE_CHANGE_ON_FAILURE,
)
FAMILY = Family("Affinity", _ALL, build)
