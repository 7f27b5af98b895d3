"""The nginx that a configuration is for: its version, and the directives that we may print.

Sources: the "Syntax", "Context" and "This directive appeared in" lines of nginx's documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

Version = tuple[int, int, int]

OLDEST: Version = (1, 22, 0)
DEFAULT = "1.26"

HTTP2_DIRECTIVE: Version = (1, 25, 1)
"""``http2 on``; before, a parameter of ``listen``."""
UPSTREAM_RESOLVE: Version = (1, 27, 3)
"""``server … resolve`` in open-source nginx; before, a variable in ``proxy_pass``."""
PROXY_HTTP_2: Version = (1, 29, 4)
"""``proxy_http_version 2``."""
STICKY: Version = (1, 29, 6)
"""``sticky cookie``; before, the hash of a cookie."""
LEAST_TIME: Version = (1, 31, 0)
"""``least_time``; before, ``random two least_conn``."""
TLS13_BY_DEFAULT: Version = (1, 23, 4)
"""Before, nginx offers TLS 1.0 to 1.2 unless configured otherwise."""
KEEPALIVE_BY_DEFAULT: Version = (1, 29, 7)
"""Before, connections to upstreams are closed after a request unless configured otherwise."""
KEEPALIVE_MIN_TIMEOUT: Version = (1, 27, 4)
"""``keepalive_min_timeout``; before, a reload closes the idle connections of clients at once."""
LONG_LOCATIONS: Version = (1, 23, 4)
"""Before, nginx keeps the length of a location's name modulo 256."""


class BadVersion(ValueError):
    """Not a version that can be compiled for; the text gives the reason."""


def parse_version(text: str) -> Version:
    """Read ``1.N`` (means 1.N.0) or ``1.N.P``. Raises `BadVersion` below 1.22.0 or otherwise."""
    match = re.fullmatch(r"1\.(\d{1,3})(?:\.(\d{1,3}))?", text)
    if match is None:
        raise BadVersion(f'"{text}" is not an nginx version; write it like 1.26 or 1.26.3')
    version = (1, int(match.group(1)), int(match.group(2) or 0))
    if version < OLDEST:
        raise BadVersion(f"nginx {text} is older than 1.22.0, the oldest that is supported")
    return version


def format_version(version: Version) -> str:
    """Write a version as ``1.26.3``."""
    return ".".join(map(str, version))


@dataclass(frozen=True, slots=True)
class DirectiveSpec:
    """A directive that may be printed: where, with how many arguments, since which nginx."""

    contexts: frozenset[str]
    """``main``, ``events``, ``http``, ``upstream``, ``server``, ``location``, ``if``; ``stream``,
    ``stream_upstream``, ``stream_server``."""
    at_least: int
    at_most: int
    block: bool
    since: Version
    repeats: bool = False
    """True where it may stand more than once in a block; nginx refuses most of the others."""


_MANY = 64
_HTTP_SERVER_LOCATION = "http server location"
_STREAM_SERVER = "stream stream_server"

_ROWS: tuple[tuple[str, str, int, int], ...] = (
    ("load_module", "main", 1, 1),
    ("worker_processes", "main", 1, 1),
    ("worker_rlimit_nofile", "main", 1, 1),
    ("worker_shutdown_timeout", "main", 1, 1),
    ("pid", "main", 1, 1),
    ("error_log", "main http server location", 1, 2),
    ("worker_connections", "events", 1, 1),
    ("access_log", _HTTP_SERVER_LOCATION, 1, _MANY),
    ("absolute_redirect", _HTTP_SERVER_LOCATION, 1, 1),
    ("add_header", _HTTP_SERVER_LOCATION, 2, 3),
    ("allow", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, 1),
    ("auth_basic", _HTTP_SERVER_LOCATION, 1, 1),
    ("auth_basic_user_file", _HTTP_SERVER_LOCATION, 1, 1),
    ("auth_request", _HTTP_SERVER_LOCATION, 1, 1),
    ("auth_request_set", _HTTP_SERVER_LOCATION, 2, 2),
    ("client_body_buffer_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("client_max_body_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("client_body_temp_path", _HTTP_SERVER_LOCATION, 1, 4),
    ("deny", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, 1),
    ("error_page", "http server location if", 2, _MANY),
    ("fastcgi_temp_path", _HTTP_SERVER_LOCATION, 1, 4),
    ("hash", "upstream", 1, 2),
    ("fastcgi_buffer_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_buffering", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_buffers", _HTTP_SERVER_LOCATION, 2, 2),
    ("fastcgi_busy_buffers_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_connect_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_hide_header", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_index", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_intercept_errors", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_max_temp_file_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_next_upstream", _HTTP_SERVER_LOCATION, 1, _MANY),
    ("fastcgi_next_upstream_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_next_upstream_tries", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_param", _HTTP_SERVER_LOCATION, 2, 3),
    ("fastcgi_pass", "location", 1, 1),
    ("fastcgi_read_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_request_buffering", _HTTP_SERVER_LOCATION, 1, 1),
    ("fastcgi_send_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_buffer_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_connect_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_hide_header", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_intercept_errors", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_next_upstream", _HTTP_SERVER_LOCATION, 1, _MANY),
    ("grpc_next_upstream_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_next_upstream_tries", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_pass", "location", 1, 1),
    ("grpc_read_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_send_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_set_header", _HTTP_SERVER_LOCATION, 2, 2),
    ("grpc_ssl_certificate", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_ssl_certificate_key", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_ssl_ciphers", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_ssl_name", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_ssl_protocols", _HTTP_SERVER_LOCATION, 1, 6),
    ("grpc_ssl_server_name", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_ssl_trusted_certificate", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_ssl_verify", _HTTP_SERVER_LOCATION, 1, 1),
    ("grpc_ssl_verify_depth", _HTTP_SERVER_LOCATION, 1, 1),
    ("http2", "http server", 1, 1),
    ("internal", "location", 0, 0),
    ("keepalive", "upstream", 1, 1),
    ("keepalive_min_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("keepalive_requests", "http server location upstream", 1, 1),
    ("limit_rate", _HTTP_SERVER_LOCATION, 1, 1),
    ("limit_rate_after", _HTTP_SERVER_LOCATION, 1, 1),
    ("least_conn", "upstream", 0, 0),
    ("least_time", "upstream", 1, 2),
    ("limit_conn", _HTTP_SERVER_LOCATION, 2, 2),
    ("limit_conn_zone", "http", 2, 2),
    ("limit_req", _HTTP_SERVER_LOCATION, 1, 3),
    ("limit_req_zone", "http", 3, 4),
    ("keepalive_timeout", "http server location upstream", 1, 2),
    ("listen", "server stream_server", 1, _MANY),
    ("log_format", "http", 2, _MANY),
    ("log_subrequest", _HTTP_SERVER_LOCATION, 1, 1),
    ("mirror", _HTTP_SERVER_LOCATION, 1, 1),
    ("mirror_request_body", _HTTP_SERVER_LOCATION, 1, 1),
    ("port_in_redirect", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_buffer_size", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, 1),
    ("proxy_buffering", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_buffers", _HTTP_SERVER_LOCATION, 2, 2),
    ("proxy_busy_buffers_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_connect_timeout", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, 1),
    ("proxy_cookie_domain", _HTTP_SERVER_LOCATION, 1, 2),
    ("proxy_cookie_path", _HTTP_SERVER_LOCATION, 1, 2),
    ("proxy_hide_header", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_http_version", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_max_temp_file_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_next_upstream_timeout", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, 1),
    ("proxy_next_upstream_tries", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, 1),
    ("proxy_pass", "location stream_server", 1, 1),
    ("proxy_read_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_intercept_errors", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_cache", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_cache_key", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_cache_path", "http", 2, _MANY),
    ("proxy_cache_valid", _HTTP_SERVER_LOCATION, 1, _MANY),
    ("proxy_headers_hash_bucket_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_method", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_pass_request_body", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_redirect", _HTTP_SERVER_LOCATION, 1, 2),
    ("proxy_request_buffering", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_send_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_set_header", _HTTP_SERVER_LOCATION, 2, 2),
    ("proxy_ssl_certificate", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_ssl_certificate_key", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_ssl_ciphers", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_ssl_name", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_ssl_protocols", _HTTP_SERVER_LOCATION, 1, 6),
    ("proxy_ssl_server_name", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_ssl_trusted_certificate", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_ssl_verify", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_ssl_verify_depth", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_temp_path", _HTTP_SERVER_LOCATION, 1, 4),
    ("random", "upstream", 0, 2),
    ("resolver", "http server location upstream stream", 1, _MANY),
    ("return", "server location if stream_server", 1, 2),
    ("rewrite", "server location if", 2, 3),
    ("rewrite_log", "http server location if", 1, 1),
    ("satisfy", _HTTP_SERVER_LOCATION, 1, 1),
    ("scgi_temp_path", _HTTP_SERVER_LOCATION, 1, 4),
    ("server_name", "server", 1, _MANY),
    ("server_names_hash_bucket_size", "http", 1, 1),
    ("server_names_hash_max_size", "http", 1, 1),
    ("server_tokens", _HTTP_SERVER_LOCATION, 1, 1),
    ("set", "server location if stream_server", 2, 2),
    ("break", "server location if", 0, 0),
    ("charset", "http server location if", 1, 1),
    ("chunked_transfer_encoding", _HTTP_SERVER_LOCATION, 1, 1),
    ("etag", _HTTP_SERVER_LOCATION, 1, 1),
    ("expires", "http server location if", 1, 2),
    ("if_modified_since", _HTTP_SERVER_LOCATION, 1, 1),
    ("lingering_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("log_not_found", _HTTP_SERVER_LOCATION, 1, 1),
    ("max_ranges", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_ignore_client_abort", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_socket_keepalive", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, 1),
    ("reset_timedout_connection", _HTTP_SERVER_LOCATION, 1, 1),
    ("send_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("tcp_nodelay", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, 1),
    ("ssl_certificate", "http server", 1, 1),
    ("ssl_certificate_key", "http server", 1, 1),
    ("ssl_ciphers", "http server", 1, 1),
    ("ssl_client_certificate", "http server", 1, 1),
    ("ssl_crl", "http server", 1, 1),
    ("ssl_prefer_server_ciphers", "http server", 1, 1),
    ("ssl_protocols", "http server", 1, 6),
    ("ssl_reject_handshake", "http server", 1, 1),
    ("ssl_session_cache", "http server", 1, 2),
    ("ssl_session_ticket_key", "http server", 1, 1),
    ("ssl_session_tickets", "http server", 1, 1),
    ("ssl_session_timeout", "http server", 1, 1),
    ("sticky", "upstream", 1, _MANY),
    ("ssl_stapling", "http server", 1, 1),
    ("ssl_verify_client", "http server", 1, 1),
    ("ssl_verify_depth", "http server", 1, 1),
    ("try_files", "location", 2, 2),
    ("uwsgi_temp_path", _HTTP_SERVER_LOCATION, 1, 4),
    ("variables_hash_bucket_size", "http", 1, 1),
    ("variables_hash_max_size", "http", 1, 1),
    ("zone", "upstream stream_upstream", 1, 2),
)
_CONFIGURED_ROWS: tuple[tuple[str, str, int, int], ...] = (
    ("aio", _HTTP_SERVER_LOCATION, 1, 1),
    ("aio_write", _HTTP_SERVER_LOCATION, 1, 1),
    ("client_body_timeout", _HTTP_SERVER_LOCATION, 1, 1),
    ("client_header_buffer_size", "http server", 1, 1),
    ("client_header_timeout", "http server", 1, 1),
    ("default_type", _HTTP_SERVER_LOCATION, 1, 1),
    ("gzip", "http server location if", 1, 1),
    ("gzip_comp_level", _HTTP_SERVER_LOCATION, 1, 1),
    ("gzip_disable", _HTTP_SERVER_LOCATION, 1, _MANY),
    ("gzip_http_version", _HTTP_SERVER_LOCATION, 1, 1),
    ("gzip_min_length", _HTTP_SERVER_LOCATION, 1, 1),
    ("gzip_proxied", _HTTP_SERVER_LOCATION, 1, _MANY),
    ("gzip_types", _HTTP_SERVER_LOCATION, 1, _MANY),
    ("gzip_vary", _HTTP_SERVER_LOCATION, 1, 1),
    ("http2_max_concurrent_streams", "http server", 1, 1),
    ("ignore_invalid_headers", "http server", 1, 1),
    ("keepalive_time", "http server location upstream", 1, 1),
    ("large_client_header_buffers", "http server", 2, 2),
    ("limit_conn_status", _HTTP_SERVER_LOCATION, 1, 1),
    ("limit_req_status", _HTTP_SERVER_LOCATION, 1, 1),
    ("map_hash_bucket_size", "http stream", 1, 1),
    ("multi_accept", "events", 1, 1),
    ("proxy_headers_hash_max_size", _HTTP_SERVER_LOCATION, 1, 1),
    ("proxy_next_upstream", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, _MANY),
    ("proxy_pass_header", _HTTP_SERVER_LOCATION, 1, 1),
    ("real_ip_header", _HTTP_SERVER_LOCATION, 1, 1),
    ("real_ip_recursive", _HTTP_SERVER_LOCATION, 1, 1),
    ("set_real_ip_from", f"{_HTTP_SERVER_LOCATION} {_STREAM_SERVER}", 1, 1),
    ("ssl_buffer_size", "http server", 1, 1),
    ("ssl_dhparam", "http server", 1, 1),
    ("ssl_early_data", "http server", 1, 1),
    ("ssl_ecdh_curve", "http server", 1, 1),
    ("underscores_in_headers", "http server", 1, 1),
    ("worker_cpu_affinity", "main", 1, _MANY),
)
"""What a ConfigMap may set for everybody."""
_MODULE_ROWS: tuple[tuple[str, str, int, int], ...] = (
    ("brotli", "http server location if", 1, 1),
    ("brotli_comp_level", _HTTP_SERVER_LOCATION, 1, 1),
    ("brotli_min_length", _HTTP_SERVER_LOCATION, 1, 1),
    ("brotli_types", _HTTP_SERVER_LOCATION, 1, _MANY),
    ("modsecurity", _HTTP_SERVER_LOCATION, 1, 1),
    ("modsecurity_rules", _HTTP_SERVER_LOCATION, 1, 1),
    ("modsecurity_rules_file", _HTTP_SERVER_LOCATION, 1, 1),
    ("modsecurity_transaction_id", _HTTP_SERVER_LOCATION, 1, 1),
    ("more_clear_headers", "http server location if", 1, _MANY),
    ("otel_service_name", "http", 1, 1),
    ("otel_span_name", _HTTP_SERVER_LOCATION, 1, 1),
    ("otel_trace", _HTTP_SERVER_LOCATION, 1, 1),
    ("otel_trace_context", _HTTP_SERVER_LOCATION, 1, 1),
    ("sub_filter", "server location", 2, 2),
    ("sub_filter_last_modified", "server location", 1, 1),
    ("sub_filter_once", "server location", 1, 1),
    ("sub_filter_types", "server location", 1, _MANY),
)
"""What modules beyond stock have; printed only where the operator says that nginx has them."""
_STREAM_ROWS: tuple[tuple[str, str, int, int], ...] = (
    ("map_hash_max_size", "http stream", 1, 1),
    ("proxy_protocol", _STREAM_SERVER, 1, 1),
    ("proxy_responses", _STREAM_SERVER, 1, 1),
    ("preread_buffer_size", _STREAM_SERVER, 1, 1),
    ("preread_timeout", _STREAM_SERVER, 1, 1),
    ("proxy_download_rate", _STREAM_SERVER, 1, 1),
    ("proxy_protocol_timeout", _STREAM_SERVER, 1, 1),
    ("proxy_requests", _STREAM_SERVER, 1, 1),
    ("proxy_timeout", _STREAM_SERVER, 1, 1),
    ("proxy_upload_rate", _STREAM_SERVER, 1, 1),
    ("ssl_preread", _STREAM_SERVER, 1, 1),
)
"""What stands in a stream block alone."""
_BLOCKS: tuple[tuple[str, str, int, int], ...] = (
    ("events", "main", 0, 0),
    ("http", "main", 0, 0),
    ("stream", "main", 0, 0),
    ("map", "http stream", 2, 2),
    ("server", "http stream", 0, 0),
    ("location", "server location", 1, 2),
    ("upstream", "http stream", 1, 1),
    ("geo", "http", 1, 2),
    ("split_clients", "http", 2, 2),
    ("if", "server location", 1, 3),
    ("geoip2", "http", 1, 1),
    ("otel_exporter", "http", 0, 0),
    ("types", "http", 0, 0),
)
_SEVERAL = """
    access_log add_header allow auth_request_set deny error_page fastcgi_hide_header fastcgi_param
    geo geoip2 grpc_hide_header grpc_set_header if limit_conn limit_conn_zone limit_req
    limit_req_zone listen load_module location map modsecurity_rules modsecurity_rules_file
    proxy_cache_valid proxy_cookie_domain proxy_cookie_path proxy_hide_header proxy_set_header
    return rewrite break server server_name set set_real_ip_from split_clients sub_filter upstream
"""
_REPEATED = frozenset(_SEVERAL.split())
"""What may stand more than once in a block, each time with something else."""
_UPSTREAMS = frozenset({"upstream", "stream_upstream"})
_UPSTREAM_SERVER = DirectiveSpec(_UPSTREAMS, 1, _MANY, False, OLDEST, True)
_SINCE: dict[str, Version] = {
    "http2": HTTP2_DIRECTIVE,
    "keepalive_min_timeout": KEEPALIVE_MIN_TIMEOUT,
    "least_time": LEAST_TIME,
    "sticky": STICKY,
}


def _table() -> dict[str, DirectiveSpec]:
    table: dict[str, DirectiveSpec] = {}
    for rows, block in (
        (_CONFIGURED_ROWS, False),
        (_ROWS, False),
        (_STREAM_ROWS, False),
        (_MODULE_ROWS, False),
        (_BLOCKS, True),
    ):
        for name, contexts, at_least, at_most in rows:
            since = _SINCE.get(name, OLDEST)
            repeats = name in _REPEATED
            table[name] = DirectiveSpec(
                frozenset(contexts.split()), at_least, at_most, block, since, repeats
            )
    return table


DIRECTIVES = MappingProxyType(_table())
"""Every directive that may be printed, by name; `server` here is the block."""


def specification(name: str, context: str) -> DirectiveSpec | None:
    """Return what may be printed under a name in a context; ``None``: nothing may.

    ``server`` is a block in ``http`` and ``stream``, and a line in ``upstream``. Entries of a
    ``map`` are not directives and are checked where the map is.
    """
    if name == "server" and context in _UPSTREAMS:
        return _UPSTREAM_SERVER
    spec = DIRECTIVES.get(name)
    return spec if spec and context in spec.contexts else None


def inner_context(name: str, context: str) -> str:
    """Return the context inside of a block; servers and upstreams of ``stream`` have their own."""
    return f"stream_{name}" if context == "stream" and name in ("server", "upstream") else name
