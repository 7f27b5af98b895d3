"""The grammars of a Route's annotations, as the router's template takes their values."""

from __future__ import annotations

import re

from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import NETWORKS, Network

_TIME = re.compile(r"([0-9]+)(us|ms|s|m|h|d)?").fullmatch
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LONGEST = 2**31 - 1
"""Milliseconds: more HAProxy does not take, and cuts the value to it."""
_HSTS = re.compile(
    r"(?:(?:includeSubDomains|preload)\s*;\s*)*max-age\s*=\s*(?:\d+|\"\d+\")"
    r"(?:\s*;\s*(?:includeSubDomains|preload))*",
    re.IGNORECASE | re.ASCII,
).fullmatch


def _time(tokens: tuple[str, ...]) -> str:
    found = _TIME(tokens[0])
    if found is None:
        raise BadValue("it is no time")
    number, unit = int(found[1]), found[2] or "ms"
    if unit == "us":
        number, unit = -(-number // 1000), "ms"
    if number * _MILLISECONDS[unit] > _LONGEST:
        return f"{_LONGEST}ms"
    return f"{number}{unit}"


HAPROXY_TIME = Grammar(
    name="HAProxy time",
    rule="haproxy_time",
    words="a time such as 30s, 5m or 1h; without a unit milliseconds",
    examples=("30s", "5m", "5000", "250us"),
    wrong=("", "0s", "1.5s", "1h30m", "5 s", "-1s", "s"),
    make=_time,
    write=str,
)


def _addresses(tokens: tuple[str, ...]) -> tuple[Network, ...]:
    return NETWORKS.make(tuple(token for token in tokens if token.strip()))


ADDRESSES = Grammar(
    name="addresses",
    rule="addresses",
    words="addresses and networks (CIDR) with spaces between",
    examples=("10.0.0.0/8", "192.0.2.1 2001:db8::/32"),
    wrong=("", "10.0.0.0/33", "10.0.0", "example.com", "10.0.0.1,10.0.0.2"),
    make=_addresses,
    write=lambda value: " ".join(map(str, value)),
)


def _hsts(tokens: tuple[str, ...]) -> str:
    if _HSTS(tokens[0]) is None:
        raise BadValue("it is not max-age with includeSubDomains or preload beside it")
    return tokens[0]


HSTS = Grammar(
    name="HSTS",
    rule="hsts",
    words="max-age=SECONDS, with includeSubDomains and preload behind semicolons (RFC 6797, 6.1)",
    examples=("max-age=31536000", "max-age=31536000;includeSubDomains;preload"),
    wrong=("", "includeSubDomains", "max-age", "max-age=1; path=/", "max-age=1\n"),
    make=_hsts,
    write=str,
)


def _cookie(tokens: tuple[str, ...]) -> str:
    if "." in tokens[0]:
        raise BadValue('"." does not belong there')
    return tokens[0]


COOKIE_NAME = Grammar(
    name="cookie name",
    rule="word",
    words="letters, digits, - and _",
    examples=("session", "My-Cookie_1"),
    wrong=("", "a b", "a;b", "a.b", "a=b", "$host"),
    make=_cookie,
    write=str,
)


def _rewrite(tokens: tuple[str, ...]) -> str:
    if not tokens[0].startswith("/"):
        raise BadValue('it does not begin with "/"')
    return tokens[0]


REWRITE = Grammar(
    name="rewrite target",
    rule="path",
    words='a path that begins with "/", of letters, digits and -._~/:',
    examples=("/", "/app"),
    wrong=("", "app", "/a b", "/$1", "/a#b", "/a'b", "/\\1"),
    make=_rewrite,
    write=str,
)
