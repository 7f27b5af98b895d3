"""How a backend is spoken to, what FastCGI is given, and connections for one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from ingc.ir.features.access import SatisfyAny
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.external_auth import Keepalive
from ingc.ir.features.protocols import (
    BackendProtocol,
    FastCgi,
    OneRequestConnections,
    Protocol,
)
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute, ExpectedUpstream
from ingc.prove.features.external_auth import kept_connections
from ingc.prove.upstream_blocks import UpstreamInEffect
from ingc.prove.values import NoValue, canonical, read_text
from ingc.syntax.text import Text

_SPOKEN: Mapping[Protocol, BackendProtocol] = {
    name: BackendProtocol(name) for name in get_args(Protocol)
}
_PASSES: Mapping[tuple[str, str], BackendProtocol] = {
    ("proxy", "http"): _SPOKEN["HTTP"],
    ("proxy", "https"): _SPOKEN["HTTPS"],
    ("proxy", "$scheme"): _SPOKEN["AUTO_HTTP"],
    ("grpc", "grpc"): _SPOKEN["GRPC"],
    ("grpc", "grpcs"): _SPOKEN["GRPCS"],
    ("fastcgi", ""): _SPOKEN["FCGI"],
}
"""The protocols, by nginx's module and the scheme in its pass directive."""
_OF_HEADERS = "HTTP_"
_USUAL = {
    name: read_text(value)
    for name, value in (
        ("QUERY_STRING", "$query_string"),
        ("REQUEST_METHOD", "$request_method"),
        ("CONTENT_TYPE", "$content_type"),
        ("CONTENT_LENGTH", "$content_length"),
        ("SCRIPT_NAME", "$fastcgi_script_name"),
        ("REQUEST_URI", "$request_uri"),
        ("DOCUMENT_URI", "$document_uri"),
        ("DOCUMENT_ROOT", "$document_root"),
        ("SERVER_PROTOCOL", "$server_protocol"),
        ("REQUEST_SCHEME", "$scheme"),
        ("HTTPS", "$https if_not_empty"),
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("SERVER_SOFTWARE", "nginx"),
        ("REMOTE_ADDR", "$remote_addr"),
        ("REMOTE_PORT", "$remote_port"),
        ("SERVER_ADDR", "$server_addr"),
        ("SERVER_PORT", "$server_port"),
        ("SERVER_NAME", "$host"),
        ("REDIRECT_STATUS", "200"),
    )
}
"""What every FastCGI backend is given: CGI's meta-variables (RFC 3875), as nginx's own file
``fastcgi_params`` has them, but for the host's name. A flag stands behind the value."""
_MISSING = Text(("none",))
_USER, _USER_NAME = "REMOTE_USER", read_text("$remote_user")
"""Whose password nginx has checked."""


def read_backend_protocol(place: InEffect) -> BackendProtocol | None:
    """Return how the backend is spoken to; ``None``: there is none."""
    if place.passing is None:
        return None
    scheme = place.passing.args[0].rpartition("://")[0]
    found = _PASSES.get((place.module, scheme))
    if found is None:
        raise NoValue("name", f"{place.passing.name} {place.passing.args[0]}")
    return found


def seen_backend_protocol(expected: ExpectedRoute) -> BackendProtocol | None:
    """Return what can be seen of how a route's backend is spoken to."""
    protocol = expected.protocol
    return _SPOKEN[protocol] if protocol is not None else None


def read_fast_cgi(place: InEffect) -> FastCgi | None:
    """Return what a FastCGI backend is given beside `_USUAL` and headers, by the params' names.

    A usual one that is missing has the value ``none``.
    """
    if place.module != "fastcgi":
        return None
    listed = place.all("fastcgi_param")
    given = {item.args[0]: read_text(" ".join(item.args[1:])) for item in listed}
    params = {name: given.get(name, _MISSING) for name in (*_USUAL, *given)}
    index = place.argument("fastcgi_index", "")
    return FastCgi(index, _unusual(params))


def _unusual(params: dict[str, Text]) -> tuple[tuple[str, Text], ...]:
    return tuple(
        (name, value)
        for name, value in sorted(params.items())
        if not name.startswith(_OF_HEADERS)
        and (name not in _USUAL or canonical(value) != canonical(_USUAL[name]))
    )


def seen_fast_cgi(expected: ExpectedRoute) -> FastCgi | None:
    """Return what can be seen of what a route gives its backend."""
    if expected.module != "fastcgi":
        return None
    own = expected.route.feature(FastCgi) or FastCgi("", ())
    params = dict(own.params)
    if _is_checked(expected):
        params.setdefault(_USER, _USER_NAME)
    return FastCgi(own.index, _unusual(params))


def _is_checked(expected: ExpectedRoute) -> bool:
    """Return whether nobody comes in whose name has not been checked."""
    either = expected.route.feature(SatisfyAny) is not None
    return expected.route.feature(BasicAuth) is not None and not either


def read_one_request_connections(block: UpstreamInEffect) -> OneRequestConnections | None:
    """Return it where no connection is kept after a request."""
    return None if block.connections else OneRequestConnections()


def seen_one_request_connections(expected: ExpectedUpstream) -> OneRequestConnections | None:
    """Return it where an upstream has it, or where it keeps no connection."""
    once = any(isinstance(item, OneRequestConnections) for item in expected.upstream.features)
    kept: Keepalive = kept_connections(expected)
    return OneRequestConnections() if once or not kept.connections else None
