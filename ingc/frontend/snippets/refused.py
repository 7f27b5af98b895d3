"""What no snippet may do: by the names of directives, the reason and what to do instead."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DirectiveRefusal:
    """Why directives are refused whatever their arguments are."""

    what: str
    """For the page: what they do."""
    names: str
    """A regex for their names."""
    why: str
    instead: str


REFUSALS: tuple[DirectiveRefusal, ...] = (
    DirectiveRefusal(
        "include",
        r"include",
        "it reads a file, which could hold anything",
        "write the directives into the snippet",
    ),
    DirectiveRefusal(
        "Lua, njs, Perl",
        r".*_by_lua(?:_block|_file|_no_postpone)?|lua_.*|js_.*|perl.*",
        "it runs a program, which nothing can prove",
        "do it in the application, or in a service that auth-url names",
    ),
    DirectiveRefusal(
        "modules",
        r"load_module|modsecurity.*|brotli.*|geoip.*|opentelemetry.*|otel_.*|vts_.*|pagespeed.*",
        "it needs a module that stock nginx does not have",
        "remove it",
    ),
    DirectiveRefusal(
        "files that are served or written",
        r"root|alias|try_files|index|autoindex.*|error_log|proxy_store.*|.*_temp_path|dav_.*"
        r"|create_full_put_path|random_index|open_file_cache.*|disable_symlinks|aio.*|directio.*"
        r"|xslt_.*|image_filter.*|flv|mp4.*|gzip_static|ssi.*|client_body_in_file_only"
        r"|client_body_in_single_buffer|proxy_cache.*|fastcgi_cache.*|slice",
        "it reads or writes files of nginx's machine",
        "serve files by a Service of the cluster",
    ),
    DirectiveRefusal(
        "keys and certificates",
        r"ssl_(?:certificate.*|password_file|client_certificate|trusted_certificate|crl|dhparam"
        r"|session_ticket_key|stapling.*|ocsp.*|verify_.*|engine)"
        r"|(?:proxy|grpc)_ssl_(?:certificate.*|password_file|trusted_certificate|crl)"
        r"|auth_basic_user_file|auth_jwt.*",
        "it names files with keys, certificates or passwords",
        "use tls, auth-tls-secret, auth-secret or proxy-ssl-secret, which name a Secret",
    ),
    DirectiveRefusal(
        "sockets and backends",
        r"listen|proxy_pass|grpc_pass|fastcgi_pass|uwsgi_pass|scgi_pass|memcached_pass|upstream"
        r"|resolver.*|mirror|proxy_bind|.*_bind|proxy_method|post_action|auth_request",
        "it names an address, and could reach what no Service offers",
        "write a rule with a Service; auth-url and mirror-target name other services",
    ),
    DirectiveRefusal(
        "sockets and backends",
        r"auth_request_set",
        "it belongs to an auth_request, which is ours",
        "use auth-response-headers for headers of the auth service's answer",
    ),
    DirectiveRefusal(
        "the frame",
        r"server|http|events|stream|types|server_name.*|internal|variables_hash.*|map_hash.*"
        r"|worker_.*|user|pid|daemon|master_process|env|lock_file|thread_pool|ssl_engine"
        r"|merge_slashes|underscores_in_headers|ignore_invalid_headers|large_client_header_buffers"
        r"|client_header_.*|set_real_ip_from|real_ip_.*|.*_hash_max_size|.*_hash_bucket_size",
        "it holds for more than this Ingress",
        "set the ConfigMap key of that name, where there is one",
    ),
    DirectiveRefusal(
        "limits",
        r"limit_(?:req|conn)(?:_.*)?",
        "its zone would be shared with whoever names it",
        "use limit-rps, limit-rpm and limit-connections",
    ),
    DirectiveRefusal(
        "replacing text",
        r"sub_filter.*",
        "nginx's sub module is not in every nginx",
        "pass --with-module sub where nginx -V shows --with-http_sub_module",
    ),
    DirectiveRefusal(
        "adding text",
        r"addition_types|add_(?:before|after)_body",
        "nginx's addition module is not in every nginx",
        "add it in the application",
    ),
    DirectiveRefusal(
        "blocks about methods",
        r"limit_except",
        "methods that it does not name get another location's settings",
        "write if ($request_method = METHOD) { return 405; }",
    ),
    DirectiveRefusal(
        "parts of requests",
        r"proxy_set_body|proxy_pass_request_(?:body|headers)|proxy_ignore_headers|proxy_redirect"
        r"|proxy_cookie_.*|add_trailer|proxy_pass_header|proxy_force_ranges|proxy_headers_hash.*",
        "no annotation's proof knows it from a snippet",
        "use the annotation of that name, where there is one",
    ),
    DirectiveRefusal(
        "cookies and the like",
        r"userid.*|secure_link.*|valid_referers|referer_hash.*|split_clients|geo|empty_gif"
        r"|stub_status|status|nginx_status",
        "the model does not know what it does",
        "do it in the application",
    ),
)
_OTHER = DirectiveRefusal(
    "all else",
    r".*",
    "it is not among the directives that are taken from snippets",
    "docs/snippets.md lists them",
)


def refusal_of(name: str) -> DirectiveRefusal:
    """Return why a directive is refused."""
    return next((item for item in REFUSALS if re.fullmatch(item.names, name)), _OTHER)
