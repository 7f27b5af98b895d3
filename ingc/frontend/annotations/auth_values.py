"""The grammars of values that only external auth has."""

from __future__ import annotations

from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import HEADER, HEADERS, one_of, read_variables
from ingc.ir.features.external_auth import CacheTime
from ingc.syntax.header import LONGEST_NAME

FRAMING = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that decide where a request ends and who it is for; nobody else may set them."""

METHOD = one_of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE")


def settable(name: str) -> str:
    """Return the name of a header that may be set. Raises `BadValue`."""
    name = HEADER.read(name)
    if name.lower() in FRAMING:
        raise BadValue(f"{name} belongs to the connection and can't be set")
    return name


def _headers(tokens: tuple[str, ...]) -> tuple[str, ...]:
    names = {name.lower(): settable(name) for name in HEADERS.make(tokens)}
    long = next((name for name in names.values() if len(name) > LONGEST_NAME), None)
    if long is not None:
        raise BadValue(f"{long} is longer than the {LONGEST_NAME} characters that nginx takes")
    return tuple(names.values())


SETTABLE_HEADERS = Grammar(
    name="header names",
    rule="headers",
    words="names of headers with commas between, none of which belongs to the connection",
    examples=("X-Auth-User", "X-Auth-User, X-Auth-Email"),
    wrong=(
        "",
        "X Name",
        "X-Name;",
        "X-User, Host",
        "Content-Length",
        "transfer-encoding",
        "X-" + "a" * 45,
    ),
    make=_headers,
    write=", ".join,
)


CACHE_KEY = Grammar(
    name="cache key",
    rule="template",
    words="text in which $name is one of the variables that tell of the request",
    examples=("$remote_user$http_authorization", "${cookie_session}"),
    wrong=("", "$document_root", "$", "a;b", '"', "${host"),
    make=lambda tokens: read_variables(tokens[0], decoded=True),
    write=str,
)


def _cache_times(tokens: tuple[str, ...]) -> tuple[CacheTime, ...]:
    return tuple(_cache_time(token) for token in tokens if "," not in token)


def _cache_time(token: str) -> CacheTime:
    *codes, time = token.split()
    numbers = tuple(int(code) for code in codes)
    outside = next((code for code in numbers if not 100 <= code <= 599), None)
    if outside is not None:
        raise BadValue(f"{outside} is no HTTP status")
    return CacheTime(numbers, time)


def _write_times(times: tuple[CacheTime, ...]) -> str:
    return ", ".join(" ".join((*map(str, item.codes), item.time)) for item in times)


CACHE_TIMES = Grammar(
    name="cache times",
    rule="cache_times",
    words="items with commas between, each of HTTP statuses and a time in s, m, h, d, w, M or y",
    examples=("200 202 401 5m", "200 202 10m, 401 5m", "1h"),
    wrong=("", "200", "200 202", "5", "5ms", "200,5m", "999 5m", "any 5m", "200 5m;"),
    make=_cache_times,
    write=_write_times,
)
