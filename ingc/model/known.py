"""Which directives the model knows, or knows to make no difference to where a request goes."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.model.tree import ASIDE, LATE, REWRITES, Statement

_MODELLED = """
    absolute_redirect alias allow auth_basic auth_request autoindex deny error_page geo
    ignore_invalid_headers index internal limit_conn limit_req listen location map
    merge_slashes more_clear_headers more_set_headers port_in_redirect recursive_error_pages
    root satisfy server server_name split_clients try_files types underscores_in_headers upstream
"""
_HARMLESS = """
    access_log add_header add_trailer aio auth_basic_user_file auth_delay auth_request_set
    charset charset_map charset_types chunked chunked_transfer_encoding connection_pool_size
    default_type directio
    disable_symlinks early_hints error_log etag expires http2 http2_max_concurrent_streams
    http3 if_modified_since large_client_header_buffers limit_conn_dry_run
    limit_conn_log_level limit_conn_status limit_conn_zone limit_rate limit_rate_after
    limit_req_dry_run limit_req_log_level limit_req_status limit_req_zone lingering_close
    lingering_time lingering_timeout log_format log_not_found log_subrequest
    map_hash_bucket_size map_hash_max_size max_ranges mirror mirror_request_body
    msie_padding msie_refresh output_buffers override_charset postpone_output read_ahead
    real_ip_header real_ip_recursive request_pool_size reset_timedout_connection rewrite_log
    send_lowat send_timeout sendfile sendfile_max_chunk server_names_hash_bucket_size
    server_names_hash_max_size server_tokens set_real_ip_from slice source_charset sticky
    tcp_nodelay tcp_nopush types_hash_bucket_size types_hash_max_size
    uninitialized_variable_warn userid variables_hash_bucket_size variables_hash_max_size
    zone
"""
_FAMILIES = """
    aio_ autoindex_ brotli client_ fastcgi_ geoip2 grpc_ gunzip gzip http2_ http3_ keepalive
    memcached_ modsecurity more_clear_ more_set_headers open_file_cache open_log_file_cache
    otel_ proxy_ quic_ resolver scgi_ ssi_ ssl_ sub_filter subrequest_ uwsgi_
"""
_KNOWN = REWRITES | {LATE, ASIDE} | frozenset(f"{_MODELLED} {_HARMLESS}".split())
_BEGINNINGS = tuple(_FAMILIES.split())
_OFF = frozenset({"server_name_in_redirect"})
"""Those that mean nothing as long as they are off."""
INCLUDED = ("mime.types", "fastcgi_params", "fastcgi.conf", "uwsgi_params", "scgi_params")
_NOT = frozenset({"ssl_preread", "proxy_protocol"})


def strange(block: Statement) -> Statement | None:
    """Return the first directive of a block that the model does not know."""
    return next(_strange(block), None)


def _strange(block: Statement) -> Iterator[Statement]:
    for item in block.block or ():
        name = item.name
        if name in _KNOWN or (name.startswith(_BEGINNINGS) and name not in _NOT):
            continue
        if name == "include" and item.args[0].rpartition("/")[2] in INCLUDED:
            continue
        if name in _OFF and item.args == ("off",):
            continue
        yield item
