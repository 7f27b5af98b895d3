"""How requests are passed on: sizes, time-outs, retries, cookies, redirects, protocol version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingc.diagnostics.catalogue.annotations import (
    AnnotationNeedsNewerNginx,
    AnnotationWithoutEffect,
)
from ingc.diagnostics.catalogue.annotations_proxy import (
    ConnectionHeaderInHttp2,
    ProxyRedirectDefaultIdle,
)
from ingc.frontend.annotations import proxy_buffers
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.annotations.redirects import USE_PORT_IN_REDIRECTS
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import (
    KILOBYTES,
    SWITCH,
    URL,
    integer,
    one_of,
    seconds,
    size,
    words,
)
from ingc.frontend.wishes import Ask
from ingc.ir.features.headers import RequestHeader
from ingc.ir.features.tuning import Tuning
from ingc.syntax.text import Text
from ingc.target import PROXY_HTTP_2, format_version, parse_version

RETRY_NON_IDEMPOTENT = "retry-non-idempotent"
"""The ConfigMap's key that adds ``non_idempotent`` to every list of reasons to retry."""


def _pair(tokens: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(token for token in tokens if token.strip())
    if len(found) == 1 and found != ("off",):
        raise BadValue('"off" alone, or two words: what is replaced, and by what')
    if len(found) == 2 and "off" in found:
        raise BadValue('"off" stands alone')
    if any(token.startswith("~") for token in found):
        raise BadValue('a "~" would make it a regex')
    return found


COOKIE_DOMAINS = Grammar(
    name="cookie domains",
    rule="cookie_domains",
    words='"off", or the domain in the backend\'s cookies and the one to put in its place',
    examples=("off", "backend.local shop.example.com", ".a.example b.example"),
    wrong=("", "a.example", "a b c", "off a", "~. a", "$host a", "a;b c", "a,b", ". a"),
    make=_pair,
    write=" ".join,
)
COOKIE_PATHS = Grammar(
    name="cookie paths",
    rule="cookie_paths",
    words='"off", or how the path in the backend\'s cookies begins and what to put in its place',
    examples=("off", "/app/ /", "/ /shop/"),
    wrong=("", "/", "/a /b /c", "/ off", "~/a /b", "/$1 /", "/; /", '/ "/; Secure"'),
    make=_pair,
    write=" ".join,
)


def _no_regex(tokens: tuple[str, ...]) -> str:
    if tokens[0].startswith("~"):
        raise BadValue('a "~" would make it a regex')
    return tokens[0]


REDIRECT_FROM = Grammar(
    name="redirect prefix",
    rule="url",
    words='"off", "default", or how the backend\'s redirects begin',
    examples=("http://", "http://backend.local/app/", "off"),
    wrong=("", "~^http", "http://$host/", "http://a b", "/a;"),
    make=_no_regex,
    write=str,
)
REDIRECT_TO = Grammar(
    name="redirect prefix",
    rule="url",
    words='"off", or what the redirects begin with instead',
    examples=("https://", "https://shop.example.com/", "/"),
    wrong=("", "https://$host/", "https://a b", "/a;"),
    make=URL.make,
    write=str,
)

PROXY_BODY_SIZE = Annotation(
    "proxy-body-size",
    "The largest body of a request; a larger one is answered with 413. 0 is no limit.",
    size("kmg"),
    default="1m",
    risk=Risk.MEDIUM,
    sets="client_max_body_size",
)
CLIENT_BODY_BUFFER_SIZE = Annotation(
    "client-body-buffer-size",
    "How much of a request's body is kept in memory, 16m at most; a larger one goes to a file.",
    proxy_buffers.buffer_size(),
    default="8k",
    rejects=True,
    sets="client_body_buffer_size",
)
PROXY_CONNECT_TIMEOUT = Annotation(
    "proxy-connect-timeout",
    "How long to wait for a connection to the backend.",
    seconds(1),
    default="5",
    sets="proxy_connect_timeout",
)
PROXY_SEND_TIMEOUT = Annotation(
    "proxy-send-timeout",
    "How long the backend may take no byte of the request.",
    seconds(1),
    default="60",
    sets="proxy_send_timeout",
)
PROXY_READ_TIMEOUT = Annotation(
    "proxy-read-timeout",
    "How long the backend may send no byte of its answer, before it is answered with 504.",
    seconds(1),
    default="60",
    sets="proxy_read_timeout",
)
PROXY_BUFFERING = Annotation(
    "proxy-buffering",
    "Take the backend's answer as fast as it comes, whatever the client's speed.",
    SWITCH,
    default="off",
    sets="proxy_buffering",
)
PROXY_REQUEST_BUFFERING = Annotation(
    "proxy-request-buffering",
    "Read the whole body of a request before it is passed on; off: no retry once it is sent.",
    SWITCH,
    default="on",
    sets="proxy_request_buffering",
)
PROXY_HTTP_VERSION = Annotation(
    "proxy-http-version",
    "The version of HTTP in which requests are passed on; 2 needs nginx 1.29.4.",
    one_of("1.0", "1.1", "2"),
    default="1.1",
    sets="proxy_http_version",
)
PROXY_COOKIE_DOMAIN = Annotation(
    "proxy-cookie-domain",
    "Replace the domain of cookies that the backend sets.",
    COOKIE_DOMAINS,
    default="off",
    risk=Risk.MEDIUM,
    sets="proxy_cookie_domain",
)
PROXY_COOKIE_PATH = Annotation(
    "proxy-cookie-path",
    "Replace how the path of cookies begins that the backend sets.",
    COOKIE_PATHS,
    default="off",
    risk=Risk.MEDIUM,
    sets="proxy_cookie_path",
)
PROXY_REDIRECT_FROM = Annotation(
    "proxy-redirect-from",
    "How the Location of the backend's redirects begins where it is to be replaced.",
    REDIRECT_FROM,
    default="off",
    risk=Risk.MEDIUM,
    see="proxy_redirect",
)
PROXY_REDIRECT_TO = Annotation(
    "proxy-redirect-to",
    "What replaces proxy-redirect-from in the backend's redirects.",
    REDIRECT_TO,
    default="off",
    risk=Risk.MEDIUM,
    needs="proxy-redirect-from",
    see="proxy_redirect",
)
PROXY_NEXT_UPSTREAM = Annotation(
    "proxy-next-upstream",
    "When a request is tried again on another endpoint of the Service.",
    words(
        "error",
        "timeout",
        "invalid_header",
        "http_500",
        "http_502",
        "http_503",
        "http_504",
        "http_403",
        "http_404",
        "http_429",
        "non_idempotent",
        "off",
        example="error timeout http_502",
    ),
    default="error timeout",
    risk=Risk.MEDIUM,
    see="proxy_next_upstream",
)
PROXY_NEXT_UPSTREAM_TIMEOUT = Annotation(
    "proxy-next-upstream-timeout",
    "How long endpoints may be tried in all. 0 is no limit.",
    seconds(),
    default="0",
    sets="proxy_next_upstream_timeout",
)
PROXY_NEXT_UPSTREAM_TRIES = Annotation(
    "proxy-next-upstream-tries",
    "How many endpoints are tried at most. 0 is no limit.",
    integer(),
    default="3",
    sets="proxy_next_upstream_tries",
)
CONNECTION_PROXY_HEADER = Annotation(
    "connection-proxy-header",
    "The Connection header that the backend gets; WebSockets stop working.",
    one_of("close", "keep-alive"),
    rejects=True,
    see="proxy_set_header",
)
LIMIT_RATE = Annotation(
    "limit-rate",
    "How many kilobytes of an answer are sent in a second, with proxy-buffering on. 0 is no limit.",
    KILOBYTES,
    default="0",
    sets="limit_rate",
)
LIMIT_RATE_AFTER = Annotation(
    "limit-rate-after",
    "How many kilobytes of an answer limit-rate lets pass first.",
    KILOBYTES,
    default="0",
    needs="limit-rate",
    sets="limit_rate_after",
)


def build(values: Values) -> Iterator[Ask]:
    """Request what takes more than one value."""
    yield from proxy_buffers.build(values)
    _check_body(values)
    yield from _redirect(values)
    yield from _retries(values)
    yield from _connection(values)
    if values.own(LIMIT_RATE) and values.get(PROXY_BUFFERING) != "on":
        # nginx lets what it does not buffer pass at any rate.
        entry = AnnotationWithoutEffect(
            annotation=LIMIT_RATE.name, needs=f'{PROXY_BUFFERING.name} "on"'
        )
        values.report(entry, LIMIT_RATE)


def _check_body(values: Values) -> None:
    """Report a buffer for bodies that takes too much memory."""
    wanted, given = values.own(CLIENT_BODY_BUFFER_SIZE), CLIENT_BODY_BUFFER_SIZE.default
    if wanted is not None:
        given = values.defaults.get(CLIENT_BODY_BUFFER_SIZE.name, given)
        total, everybody = map(proxy_buffers.byte_count, (wanted, given))
        for entry in proxy_buffers.too_much("buffers of bodies", total, everybody):
            values.report(entry, CLIENT_BODY_BUFFER_SIZE)


def _redirect(values: Values) -> Iterator[Ask]:
    if values.own(PROXY_REDIRECT_FROM) is None and values.own(PROXY_REDIRECT_TO) is None:
        return
    before = values.get(PROXY_REDIRECT_FROM)
    after = values.get(PROXY_REDIRECT_TO)
    if before is None or before == "off":
        # Written out, as the ConfigMap may set another for everybody.
        yield Tuning("proxy_redirect", ("off",))
    elif before == "default":
        # nginx's own word is refused beside a variable in proxy_pass, and replaces what no
        # backend sends.
        values.report(
            ProxyRedirectDefaultIdle(annotation=PROXY_REDIRECT_FROM.name), PROXY_REDIRECT_FROM
        )
        yield Tuning("proxy_redirect", ("off",))
    elif after is None or after == "off":
        entry = AnnotationWithoutEffect(
            annotation=PROXY_REDIRECT_FROM.name, needs=PROXY_REDIRECT_TO.name
        )
        values.report(entry, PROXY_REDIRECT_FROM)
    else:
        yield Tuning("proxy_redirect", (before, after))
        if after.startswith("/") and not values.get(USE_PORT_IN_REDIRECTS):
            # nginx completes it to a URL, with its own port unless configured otherwise.
            yield Tuning("port_in_redirect", ("off",))


def _retries(values: Values) -> Iterator[Ask]:
    reasons = values.own(PROXY_NEXT_UPSTREAM)
    if reasons is None:
        return
    if values.defaults.get(RETRY_NON_IDEMPOTENT):
        reasons = tuple(dict.fromkeys((*reasons, "non_idempotent")))
    yield Tuning("proxy_next_upstream", reasons)


def _connection(values: Values) -> Iterator[Ask]:
    header = values.own(CONNECTION_PROXY_HEADER)
    if values.own(PROXY_HTTP_VERSION) == "2":
        target = parse_version(values.options.nginx_version)
        if target < PROXY_HTTP_2:
            entry = AnnotationNeedsNewerNginx(
                annotation=f"{PROXY_HTTP_VERSION.name} 2",
                needed=format_version(PROXY_HTTP_2),
                target=format_version(target),
            )
            values.report(entry, PROXY_HTTP_VERSION)
        # Of one connection, so that HTTP/2 has neither; a backend may refuse a request with them.
        yield RequestHeader("Upgrade", Text(()))
        yield RequestHeader("Connection", Text(()))
        if header is not None:
            values.report(
                ConnectionHeaderInHttp2(annotation=CONNECTION_PROXY_HEADER.name),
                CONNECTION_PROXY_HEADER,
            )
    elif header is not None:
        yield RequestHeader("Connection", Text((header,)))


_ALL: tuple[Annotation[Any], ...] = (
    PROXY_BODY_SIZE,
    CLIENT_BODY_BUFFER_SIZE,
    PROXY_CONNECT_TIMEOUT,
    PROXY_SEND_TIMEOUT,
    PROXY_READ_TIMEOUT,
    PROXY_BUFFERING,
    PROXY_REQUEST_BUFFERING,
    *proxy_buffers.ALL,
    PROXY_HTTP_VERSION,
    PROXY_COOKIE_DOMAIN,
    PROXY_COOKIE_PATH,
    PROXY_REDIRECT_FROM,
    PROXY_REDIRECT_TO,
    PROXY_NEXT_UPSTREAM,
    PROXY_NEXT_UPSTREAM_TIMEOUT,
    PROXY_NEXT_UPSTREAM_TRIES,
    CONNECTION_PROXY_HEADER,
    LIMIT_RATE,
    LIMIT_RATE_AFTER,
)
FAMILY = Family("Proxying", _ALL, build)
