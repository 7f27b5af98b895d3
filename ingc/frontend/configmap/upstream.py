"""Backends: connections to them, time-outs, buffers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingc.diagnostics import Entry
from ingc.diagnostics.catalogue.configmap import ConfigMapValueNotUsed
from ingc.frontend.configmap.declare import Key, KeyGroup, KeyValues, Setting, meaningless
from ingc.frontend.configmap.grammars import OFF_OR_TWO, limited_size
from ingc.frontend.declarations.grammars import (
    BOOL,
    MOST_MEMORY,
    SWITCH,
    TIME,
    integer,
    one_of,
    seconds,
    size,
    words,
)
from ingc.frontend.declarations.grammars import URL as TEXT
from ingc.ir.policies import KeepalivePolicy
from ingc.syntax.size import bytes_of

CONNECTIONS = Key(
    "upstream-keepalive-connections",
    "How many idle connections each worker keeps to each Service; 0 for none. Where it is not "
    "given, 32 beyond 100 Services: nginx reserves memory for each.",
    integer(0, 1 << 20),
    default="64",
    see="keepalive",
)
CONNECTION_TIME = Key(
    "upstream-keepalive-time",
    "How long one connection may be used.",
    TIME,
    default="1h",
    see="keepalive_time",
)
IDLE = Key(
    "upstream-keepalive-timeout",
    "How long an idle connection is kept.",
    seconds(),
    default="60",
    see="keepalive_timeout",
)
REQUESTS = Key(
    "upstream-keepalive-requests",
    "How many requests one connection may carry.",
    integer(1),
    default="10000",
    see="keepalive_requests",
)
NON_IDEMPOTENT = Key(
    "retry-non-idempotent",
    "Try another endpoint also for POST, LOCK and PATCH.",
    BOOL,
    default="false",
    see="proxy_next_upstream",
)
NEXT = Key(
    "proxy-next-upstream",
    "When another endpoint is tried.",
    words(
        *("error", "timeout", "invalid_header", "http_500", "http_502", "http_503", "http_504"),
        *("http_403", "http_404", "http_429", "non_idempotent", "off"),
        example="error timeout",
    ),
    default="error timeout",
    annotation="proxy-next-upstream",
    see="proxy_next_upstream",
)
_FEWEST = 2
_BUFFER = limited_size("1k", "64m")
BUFFERS_NUMBER = Key(
    "proxy-buffers-number",
    "How many buffers hold a backend's answer.",
    integer(_FEWEST, 1 << 16),
    default="4",
    annotation="proxy-buffers-number",
    see="proxy_buffers",
)
BUFFER_SIZE = Key(
    "proxy-buffer-size",
    "The buffer for the header of a backend's answer, and each of the others.",
    _BUFFER,
    default="4k",
    annotation="proxy-buffer-size",
    see="proxy_buffer_size",
)
BUSY_SIZE = Key(
    "proxy-busy-buffers-size",
    "How much of the buffers may be on its way to the client.",
    _BUFFER,
    annotation="proxy-busy-buffers-size",
    see="proxy_busy_buffers_size",
)
TEMP_SIZE = Key(
    "proxy-max-temp-file-size",
    "How much of an answer may be put on disk; 0 for nothing.",
    limited_size("1k", "4000m", or_zero=True),
    default="1024m",
    annotation="proxy-max-temp-file-size",
    see="proxy_max_temp_file_size",
)
REDIRECT_FROM = Key(
    "proxy-redirect-from",
    "What to replace in a backend's Location; off, or default.",
    TEXT,
    default="off",
    annotation="proxy-redirect-from",
    see="proxy_redirect",
)
REDIRECT_TO = Key(
    "proxy-redirect-to",
    "By what to replace it.",
    TEXT,
    default="off",
    annotation="proxy-redirect-to",
    see="proxy_redirect",
)
GRPC_BUFFER = Key(
    "grpc-buffer-size-kb",
    "The buffer for a gRPC backend's answer, in kB; 0 for nginx's own.",
    integer(0, 1 << 20),
    default="0",
    see="grpc_buffer_size",
)


def settings(values: KeyValues) -> Iterator[Setting]:
    """Yield directives of several keys."""
    yield from _buffers(values)
    cases = values.get(NEXT)
    if cases is not None or values.value(NON_IDEMPOTENT):
        more = ("non_idempotent",) if values.value(NON_IDEMPOTENT) else ()
        yield "proxy_next_upstream", tuple(dict.fromkeys((*values.value(NEXT), *more)))
    replaced, by = values.get(REDIRECT_FROM), values.get(REDIRECT_TO)
    if replaced == "off":
        yield "proxy_redirect", ("off",)
    elif replaced == "default":
        values.report(
            _unused(REDIRECT_FROM, replaced, "it stands for a name that no backend knows"),
            REDIRECT_FROM,
        )
    elif replaced and by and by != "off":
        yield "proxy_redirect", (replaced, by)
    kilobytes = values.get(GRPC_BUFFER)
    if kilobytes:
        yield "grpc_buffer_size", (f"{kilobytes}k",)


def _buffers(values: KeyValues) -> Iterator[Setting]:
    """Yield the buffers, as far as nginx takes them together."""
    number, room = values.get(BUFFERS_NUMBER), values.get(BUFFER_SIZE)
    count, one = values.value(BUFFERS_NUMBER), bytes_of(values.value(BUFFER_SIZE))
    if count * one > MOST_MEMORY:
        why = f"with {values.value(BUFFER_SIZE)} each, a request takes more than 1024m of memory"
        values.report(_unused(BUFFERS_NUMBER, str(count), why), BUFFERS_NUMBER)
        count = int(BUFFERS_NUMBER.default)
    if number is not None or room is not None:
        yield "proxy_buffers", (count, values.value(BUFFER_SIZE))
    if room is not None:
        yield "proxy_buffer_size", (room,)
    busy, temporary = values.get(BUSY_SIZE), values.get(TEMP_SIZE)
    if busy is not None:
        most = (count - 1) * one
        if one <= bytes_of(busy) <= most:
            yield "proxy_busy_buffers_size", (busy,)
        else:
            why = f"it must hold one buffer, and at most all but one: from {one} to {most} bytes"
            values.report(_unused(BUSY_SIZE, busy, why, (str(one), str(most))), BUSY_SIZE)
    elif count == _FEWEST:
        # nginx's own default, two buffers, leaves none to read into.
        yield "proxy_busy_buffers_size", (values.value(BUFFER_SIZE),)
    if temporary is not None:
        if not 0 < bytes_of(temporary) < 2 * one:
            yield "proxy_max_temp_file_size", (temporary,)
        else:
            why = f"it is less than two buffers, {2 * one} bytes"
            values.report(_unused(TEMP_SIZE, temporary, why, (str(2 * one), "0")), TEMP_SIZE)


def _unused(key: Key[Any], value: str, why: str, examples: tuple[str, ...] = ()) -> Entry:
    return ConfigMapValueNotUsed(
        key=key.name,
        value=value,
        why=why,
        words=key.grammar.words,
        examples=examples or key.grammar.examples,
        default="its default holds",
    )


def keepalive(values: KeyValues) -> KeepalivePolicy:
    """Return how connections to backends are kept."""
    idle = values.get(IDLE)
    return KeepalivePolicy(
        connections=values.value(CONNECTIONS),
        sized=values.get(CONNECTIONS) is None,
        requests=values.value(REQUESTS),
        timeout="" if idle is None else f"{idle}s",
        time=values.get(CONNECTION_TIME) or "",
    )


_SUBSET = "subsets of endpoints are chosen by code that stock nginx does not have"
_OWN = "only the annotation of the name has an effect, in ingress-nginx too"

GROUP = KeyGroup(
    "Backends",
    (
        Key(
            "load-balance",
            "How an endpoint is chosen.",
            one_of("round_robin", "ewma"),
            default="round_robin",
            annotation="load-balance",
        ),
        CONNECTIONS,
        CONNECTION_TIME,
        IDLE,
        REQUESTS,
        meaningless("upstream-hash-by", _OWN),
        meaningless("upstream-hash-by-subset", _SUBSET, "false"),
        meaningless("upstream-hash-by-subset-size", _SUBSET, "0", "3"),
        Key(
            "service-upstream",
            "Pass requests to the Service's own address, not to its endpoints.",
            BOOL,
            default="false",
            annotation="service-upstream",
        ),
        NON_IDEMPOTENT,
        Key(
            "proxy-body-size",
            "The largest body of a request; 0 for any.",
            size("kmg"),
            default="1m",
            sets="client_max_body_size",
            annotation="proxy-body-size",
            rejects=True,
        ),
        Key(
            "proxy-connect-timeout",
            "How long a connection to a backend may take.",
            seconds(1),
            default="5",
            sets="proxy_connect_timeout",
            annotation="proxy-connect-timeout",
        ),
        Key(
            "proxy-read-timeout",
            "How long a backend may pause.",
            seconds(1),
            default="60",
            sets="proxy_read_timeout",
            annotation="proxy-read-timeout",
        ),
        Key(
            "proxy-send-timeout",
            "How long a backend may take nothing.",
            seconds(1),
            default="60",
            sets="proxy_send_timeout",
            annotation="proxy-send-timeout",
        ),
        BUFFERS_NUMBER,
        BUFFER_SIZE,
        BUSY_SIZE,
        Key(
            "proxy-buffering",
            "Take a backend's answer faster than the client does.",
            SWITCH,
            default="off",
            sets="proxy_buffering",
            annotation="proxy-buffering",
        ),
        Key(
            "proxy-request-buffering",
            "Take the whole body of a request before it is passed on.",
            SWITCH,
            default="on",
            sets="proxy_request_buffering",
            annotation="proxy-request-buffering",
        ),
        TEMP_SIZE,
        Key(
            "proxy-http-version",
            "The version of HTTP that backends are spoken to in.",
            one_of("1.0", "1.1"),
            default="1.1",
            sets="proxy_http_version",
            annotation="proxy-http-version",
        ),
        Key(
            "proxy-cookie-domain",
            "Replace the domain of backends' cookies.",
            OFF_OR_TWO,
            default="off",
            sets="proxy_cookie_domain",
            annotation="proxy-cookie-domain",
        ),
        Key(
            "proxy-cookie-path",
            "Replace the path of backends' cookies.",
            OFF_OR_TWO,
            default="off",
            sets="proxy_cookie_path",
            annotation="proxy-cookie-path",
        ),
        NEXT,
        Key(
            "proxy-next-upstream-timeout",
            "For how long another endpoint is tried; 0 for ever.",
            seconds(),
            default="0",
            sets="proxy_next_upstream_timeout",
            annotation="proxy-next-upstream-timeout",
        ),
        Key(
            "proxy-next-upstream-tries",
            "How many endpoints are tried; 0 for all.",
            integer(),
            default="3",
            sets="proxy_next_upstream_tries",
            annotation="proxy-next-upstream-tries",
        ),
        REDIRECT_FROM,
        REDIRECT_TO,
        meaningless("proxy-ssl-location-only", "proxy_ssl_* stands in locations alone", "true"),
        GRPC_BUFFER,
        meaningless("app-root", _OWN),
    ),
    settings,
)
