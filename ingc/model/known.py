"""Which directives the model knows, or knows to make no difference to where a request goes."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.model.tree import REWRITES, Statement

_MODELLED = REWRITES | frozenset(
    {
        *("server", "location", "upstream", "map", "geo", "split_clients", "types", "listen"),
        *("server_name", "try_files", "root", "alias", "index", "error_page", "allow", "deny"),
        *("satisfy", "auth_basic", "auth_request", "limit_req", "limit_conn", "merge_slashes"),
        *(
            "absolute_redirect",
            "internal",
            "port_in_redirect",
            "server_name_in_redirect",
            "autoindex",
        ),
        *("underscores_in_headers", "ignore_invalid_headers", "recursive_error_pages"),
    }
)
_HARMLESS = frozenset(
    {
        *(
            "access_log",
            "error_log",
            "log_format",
            "log_not_found",
            "log_subrequest",
            "default_type",
        ),
        *("sendfile", "sendfile_max_chunk", "tcp_nodelay", "tcp_nopush", "etag", "expires", "aio"),
        *("add_header", "add_trailer", "server_tokens", "send_timeout", "send_lowat", "directio"),
        *("auth_basic_user_file", "auth_request_set", "auth_delay", "lingering_close", "chunked"),
        *("lingering_time", "lingering_timeout", "reset_timedout_connection", "if_modified_since"),
        *("rewrite_log", "uninitialized_variable_warn", "msie_padding", "msie_refresh", "zone"),
        *(
            "postpone_output",
            "output_buffers",
            "read_ahead",
            "request_pool_size",
            "connection_pool_size",
        ),
        *("max_ranges", "disable_symlinks", "limit_rate", "limit_rate_after", "limit_req_zone"),
        *("limit_req_status", "limit_req_log_level", "limit_req_dry_run", "limit_conn_zone"),
        *("limit_conn_status", "limit_conn_log_level", "limit_conn_dry_run", "http2", "http3"),
        *("large_client_header_buffers", "variables_hash_max_size", "variables_hash_bucket_size"),
        *("server_names_hash_max_size", "server_names_hash_bucket_size", "map_hash_max_size"),
        *("map_hash_bucket_size", "types_hash_max_size", "types_hash_bucket_size", "early_hints"),
        *("source_charset", "override_charset", "userid", "slice", "mirror"),
        *("mirror_request_body", "charset_map", "charset_types", "charset", "real_ip_header"),
        *("set_real_ip_from", "real_ip_recursive", "http2_max_concurrent_streams", "sticky"),
    }
)
_FAMILIES = (
    *("proxy_", "fastcgi_", "uwsgi_", "scgi_", "grpc_", "memcached_", "ssl_", "gzip", "gunzip"),
    *("client_", "keepalive", "open_file_cache", "open_log_file_cache", "autoindex_", "resolver"),
    *("sub_filter", "http2_", "http3_", "quic_", "subrequest_", "brotli", "aio_", "ssi_"),
)
_INCLUDED = ("mime.types", "fastcgi_params", "fastcgi.conf", "uwsgi_params", "scgi_params")
_NOT = frozenset({"ssl_preread", "proxy_protocol"})


def strange(block: Statement) -> Statement | None:
    """Return the first directive of a block that the model does not know."""
    return next(_strange(block), None)


def _strange(block: Statement) -> Iterator[Statement]:
    for item in block.block or ():
        name = item.name
        if name in _MODELLED or name in _HARMLESS:
            continue
        if name.startswith(_FAMILIES) and name not in _NOT:
            continue
        if name == "include" and item.args[0].rpartition("/")[2] in _INCLUDED:
            continue
        yield item
