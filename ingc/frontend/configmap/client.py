"""The client's side: buffers, time-outs, connections, sockets."""

from __future__ import annotations

from ingc.frontend.configmap.declare import Key, KeyGroup, meaningless
from ingc.frontend.configmap.grammars import BUFFERS, items
from ingc.frontend.configmap.headers import PROXY_PROTOCOL
from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.declarations.grammars import BOOL, integer, seconds, size
from ingc.option_values import listened


def _address(item: str) -> str:
    try:
        return listened(item)
    except ValueError as error:
        raise BadValue(f'"{item}" is no address') from error


ADDRESSES = items(
    "addresses",
    "addresses with commas between",
    ("10.0.0.1", "10.0.0.1,::1"),
    ("", "10.0.0.0/8", "localhost", "10.0.0.1:80"),
    _address,
)
HTTP2 = Key("use-http2", "Speak HTTP/2 on https.", BOOL, default="true", see="http2")
BIND_ADDRESS = Key(
    "bind-address",
    "The addresses to listen on; --listen-address comes first.",
    ADDRESSES,
    rejects=True,
    see="listen",
)
DISABLE_IPV6_DNS = Key(
    "disable-ipv6-dns",
    "Look up no IPv6 addresses of upstreams' names.",
    BOOL,
    default="false",
    see="resolver",
)
REUSE_PORT = Key(
    "reuse-port",
    "Give each worker a socket of its own.",
    BOOL,
    default="false",
    see="listen",
)
_OLD_HTTP2 = "nginx has no such directive any more"

GROUP = KeyGroup(
    "Clients",
    (
        Key(
            "client-header-buffer-size",
            "The buffer for a request's header.",
            size(),
            default="1k",
            sets="client_header_buffer_size",
        ),
        Key(
            "client-header-timeout",
            "How long a request's header may take.",
            seconds(),
            default="60",
            sets="client_header_timeout",
        ),
        Key(
            "client-body-buffer-size",
            "The buffer for a request's body.",
            size(),
            default="8k",
            sets="client_body_buffer_size",
            annotation="client-body-buffer-size",
        ),
        Key(
            "client-body-timeout",
            "How long a client may pause in a body.",
            seconds(),
            default="60",
            sets="client_body_timeout",
        ),
        Key(
            "large-client-header-buffers",
            "Number and size of the buffers for long headers.",
            BUFFERS,
            default="4 8k",
            sets="large_client_header_buffers",
        ),
        Key(
            "keep-alive",
            "How long an idle connection of a client is kept.",
            seconds(),
            default="75",
            sets="keepalive_timeout",
        ),
        Key(
            "keep-alive-requests",
            "How many requests one connection may bring.",
            integer(1),
            default="1000",
            sets="keepalive_requests",
        ),
        HTTP2,
        Key(
            "http2-max-concurrent-streams",
            "How many requests one HTTP/2 connection may have open.",
            integer(1),
            default="128",
            sets="http2_max_concurrent_streams",
        ),
        meaningless("http2-max-field-size", _OLD_HTTP2),
        meaningless("http2-max-header-size", _OLD_HTTP2),
        meaningless("http2-max-requests", "keep-alive-requests counts them", "0"),
        PROXY_PROTOCOL,
        meaningless(
            "proxy-protocol-header-timeout", "nginx waits as long as client-header-timeout says"
        ),
        BIND_ADDRESS,
        meaningless(
            "disable-ipv6", "IPv6 is listened on only where an address asks for it", "true", "false"
        ),
        DISABLE_IPV6_DNS,
        REUSE_PORT,
    ),
)
