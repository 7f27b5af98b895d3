"""The protocols of backends: what a location writes of one, in the words of its nginx module.

Features speak of ``proxy_…`` directives alone. Where the backend speaks gRPC or FastCGI they
are translated, those that nginx's module has; the others have nothing to act on there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from ingc.ir import Host, Proxy, Route, Settings
from ingc.ir.features.protocols import BackendProtocol, Protocol
from ingc.plan.layout import Comment, Directive, Group, Value, directive, plain
from ingc.syntax.text import Variable

Language = Literal["proxy", "grpc", "fastcgi"]

PASS: dict[Protocol, tuple[Language, str]] = {
    "HTTP": ("proxy", "http://"),
    "HTTPS": ("proxy", "https://"),
    "AUTO_HTTP": ("proxy", "://"),
    "GRPC": ("grpc", "grpc://"),
    "GRPCS": ("grpc", "grpcs://"),
    "FCGI": ("fastcgi", ""),
}
"""nginx's module for a protocol, and what stands before the upstream in its pass directive."""
WITH_TLS: frozenset[Protocol] = frozenset({"HTTPS", "AUTO_HTTP", "GRPCS"})

_ALIKE = (
    "buffer_size",
    "connect_timeout",
    "hide_header",
    "intercept_errors",
    "next_upstream",
    "next_upstream_timeout",
    "next_upstream_tries",
    "read_timeout",
    "send_timeout",
)
_WORDS: dict[Language, frozenset[str]] = {
    "proxy": frozenset(),
    "grpc": frozenset(_ALIKE),
    "fastcgi": frozenset(
        (
            *_ALIKE,
            "buffering",
            "buffers",
            "busy_buffers_size",
            "max_temp_file_size",
            "request_buffering",
        )
    ),
}
"""The directives that a module has beside headers and TLS, without its prefix."""
_NOT_OF_FASTCGI = frozenset({"http_502", "http_504"})
_OF_THE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade"})
"""Headers that HTTP/2 forbids and FastCGI has no use for."""

_FASTCGI_PARAMS: tuple[tuple[str, Value], ...] = (
    ("QUERY_STRING", Variable("query_string")),
    ("REQUEST_METHOD", Variable("request_method")),
    ("CONTENT_TYPE", Variable("content_type")),
    ("CONTENT_LENGTH", Variable("content_length")),
    ("SCRIPT_NAME", Variable("fastcgi_script_name")),
    ("REQUEST_URI", Variable("request_uri")),
    ("DOCUMENT_URI", Variable("document_uri")),
    ("DOCUMENT_ROOT", Variable("document_root")),
    ("SERVER_PROTOCOL", Variable("server_protocol")),
    ("REQUEST_SCHEME", Variable("scheme")),
    ("HTTPS", Variable("https")),
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("SERVER_SOFTWARE", "nginx"),
    ("REMOTE_ADDR", Variable("remote_addr")),
    ("REMOTE_PORT", Variable("remote_port")),
    ("SERVER_ADDR", Variable("server_addr")),
    ("SERVER_PORT", Variable("server_port")),
    # nginx's own list has $server_name, which is a regex where the host is a wildcard.
    ("SERVER_NAME", Variable("host")),
    ("REDIRECT_STATUS", 200),
)
_USUAL_PARAMS = tuple(
    directive("fastcgi_param", name, value, *(("if_not_empty",) if name == "HTTPS" else ()))
    for name, value in _FASTCGI_PARAMS
)
"""Those of the file ``fastcgi_params`` that comes with nginx, but for REMOTE_USER: nginx takes it
from what the client sends, whether it has checked the password or not."""


_OTHERS: tuple[tuple[Language, str, tuple[Directive, ...]], ...] = (
    ("grpc", "the same for gRPC", ()),
    ("fastcgi", "the same for FastCGI", _USUAL_PARAMS),
)


def protocol_of(route: Route, settings: Settings) -> Protocol:
    """Return how a route's backend is spoken to; the responder of ``echo`` knows HTTP alone."""
    protocol = route.feature(BackendProtocol)
    return protocol.name if protocol and not settings.echo else "HTTP"


def language_of(route: Route, settings: Settings) -> Language:
    """Return the nginx module that speaks to a route's backend."""
    return PASS[protocol_of(route, settings)][0]


def spoken(directives: Iterable[Directive], language: Language) -> tuple[Directive, ...]:
    """Return the directives of a location in a language.

    nginx inherits params only where a location has none of its own, so one that has repeats all.
    The headers are repeated in ``directives`` already.
    """
    if language == "proxy":
        return tuple(directives)
    written = tuple(_translated(directives, language))
    own = [item for item in written if item.name == "fastcgi_param"]
    if not own:
        return written
    merged = {plain(item.args[0]): item for item in (*_USUAL_PARAMS, *own)}
    first = written.index(own[0])
    rest = (item for item in written[first:] if item.name != "fastcgi_param")
    return (*written[:first], *merged.values(), *rest)


def _translated(directives: Iterable[Directive], language: Language) -> Iterator[Directive]:
    for item in directives:
        if item.block:
            yield Directive(item.name, item.args, block=tuple(_translated(item.block, language)))
        elif item.name == "proxy_set_header":
            yield from _header(*item.args, language=language)
        elif not item.name.startswith("proxy_"):
            yield item
        else:
            name = item.name.removeprefix("proxy_")
            if name in _WORDS[language] or (language == "grpc" and name.startswith("ssl_")):
                yield Directive(f"{language}_{name}", _args(name, item.args, language))


def _args(name: str, args: tuple[Value, ...], language: Language) -> tuple[Value, ...]:
    if name != "next_upstream" or language != "fastcgi":
        return args
    return tuple(arg for arg in args if arg not in _NOT_OF_FASTCGI) or ("off",)


def _header(name: Value, value: Value, *, language: Language) -> Iterator[Directive]:
    text = plain(name)
    if text.lower() in _OF_THE_CONNECTION:
        return
    if language == "grpc":
        yield directive("grpc_set_header", name, value)
    else:
        yield _param("HTTP_" + text.upper().replace("-", "_"), value)


def _param(name: str, value: Value) -> Directive:
    """Make a param that is left out where it is empty, as an empty header is."""
    constant = isinstance(value, int) or (isinstance(value, str) and value)
    return directive("fastcgi_param", name, value, *(() if constant else ("if_not_empty",)))


def inherited(passes: Collection[str], groups: Iterable[Group]) -> Iterator[Group]:
    """Yield the directives of the frame about proxying, for the other modules that are used.

    ``passes`` are the directives by which locations pass requests on.
    """
    frame = [item for group in groups for item in group.directives]
    written = [item for item in frame if item.name.startswith("proxy_")]
    # What the ConfigMap sets for one module alone stands there already.
    own = {item.name for item in frame}
    for module, title, more in _OTHERS:
        if f"{module}_pass" in passes:
            translated = (item for item in _translated(written, module) if item.name not in own)
            yield Group(Comment(title), (*translated, *more))


def speaks_grpc(host: Host, settings: Settings) -> bool:
    """Return whether a host passes requests on to a gRPC backend."""
    return any(
        isinstance(route.action, Proxy) and language_of(route, settings) == "grpc"
        for route in (*host.routes, host.default)
    )
