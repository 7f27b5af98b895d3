"""Snippets that mean harm: each is refused, or becomes what the list allows, and nothing else.

A neighbour on the same host, of another namespace, is answered as without them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

import ingc
from ingc.frontend.snippets.allowed import ALLOWED
from ingc.target import DIRECTIVES
from tests.hostile.corpus import payloads
from tests.hostile.outcome import compiled
from tests.hostile.tree import tree_of
from tests.objects import Object, config_map, ingress, prefix, rule, service

PREFIX = "nginx.ingress.kubernetes.io/"
OPTIONS = ingc.Options(allow_snippets=("*",), host_owner={"a.test": "shop"})
REFUSING = {"ING423", "ING424", "ING425", "ING005"}
KINDS = ("configuration-snippet", "server-snippet", "auth-snippet", "stream-snippet")

REFUSED = (
    # what closes or leaves open
    "}",
    "} location /admin { allow all;",
    "add_header X 1; } } server { listen 81; location / {",
    "add_header X 1; }\n}\nhttp {",
    "location /x {",
    'add_header X "open;',
    "add_header X 'open;\nreturn 200;",
    "add_header X 1",
    "if ($http_a = b) { return 403; ",
    ";;",
    "{ return 200; }",
    "add_header X 1; # }\n}",
    '"} location / {" x;}',
    # files
    "include /etc/nginx/nginx.conf;",
    "include /var/run/secrets/kubernetes.io/serviceaccount/*;",
    '"include" /etc/passwd;',
    "inc\\lude /etc/passwd;",
    "root /;",
    "alias /etc/;",
    "try_files /etc/passwd =404;",
    "index passwd;",
    "autoindex on;",
    "access_log /tmp/x;",
    "access_log off; access_log /tmp/x combined;",
    "access_log syslog:server=10.0.0.1;",
    "error_log /tmp/x debug;",
    "client_body_temp_path /tmp/x;",
    "proxy_store on;",
    "proxy_store /tmp/x;",
    "dav_methods PUT;",
    "auth_basic_user_file /etc/passwd;",
    "auth_basic 'realm';",
    "ssl_certificate_key /etc/ssl/key.pem;",
    "ssl_trusted_certificate /var/run/secrets/x;",
    "proxy_ssl_certificate_key /etc/ssl/key.pem;",
    "ssl_session_ticket_key /etc/x;",
    "gzip_static always;",
    "ssi on;",
    "xslt_stylesheet /etc/x;",
    "open_log_file_cache max=10;",
    # programs and modules
    "load_module modules/x.so;",
    'content_by_lua_block { os.execute("id") }',
    "access_by_lua_file /tmp/x.lua;",
    "rewrite_by_lua 'ngx.exit(200)';",
    "set_by_lua_block $x { return 1 }",
    "js_content x.y;",
    "perl 'sub { }';",
    "modsecurity off;",
    "lua_need_request_body on;",
    # sockets
    "proxy_pass http://169.254.169.254/;",
    "proxy_pass http://unix:/var/run/docker.sock;",
    "grpc_pass grpc://10.0.0.1;",
    "fastcgi_pass unix:/x;",
    "mirror /x;",
    "auth_request /x;",
    "auth_request off;",
    "auth_request_set $x $upstream_http_y;",
    "proxy_bind 10.0.0.1;",
    "resolver 10.0.0.1;",
    "listen 8080;",
    "server { listen 1; }",
    "upstream x { server 10.0.0.1; }",
    "post_action /x;",
    "error_page 404 = @x;",
    # what holds for others
    "server_name other.test;",
    "server_names_hash_max_size 1;",
    "limit_req zone=other;",
    "limit_req_zone $host zone=x:10g rate=1r/s;",
    "proxy_cache x;",
    "underscores_in_headers on;",
    "merge_slashes off;",
    "large_client_header_buffers 1000 1m;",
    "set_real_ip_from 0.0.0.0/0;",
    "real_ip_header X-Me;",
    "internal;",
    "worker_processes 1;",
    "user root;",
    "env SECRET;",
    "daemon off;",
    "types { text/html html; }",
    "limit_except GET { deny all; }",
    "map $host $x { default 1; }",
    "geo $x { default 1; }",
    "split_clients $host $x { * 1; }",
    # variables
    "add_header X $document_root;",
    "add_header X $ssl_certificate;",
    "add_header X $nothing;",
    "add_header X $;",
    "add_header X ${;",
    "add_header X ${host;",
    "add_header X $uri;",
    "add_header X $1;",
    "return 301 https://x.test$uri;",
    "return 302 $arg_to;",
    "return 302 $http_referer;",
    "set $y $uri; add_header X $y;",
    "set $host x;",
    "set $http_host x;",
    "set $ingc_route x;",
    "set $ingc_header_host x;",
    "set $sn_x 1;",
    "set $request_method GET;",
    "set $proxy_upstream_name x;",
    "set $remote_addr 127.0.0.1;",
    "set $x-y 1;",
    "set x 1;",
    "proxy_set_header X-Y $secret;",
    "proxy_set_header Content-Length 5;",
    "proxy_set_header Transfer-Encoding chunked;",
    "proxy_set_header 'X-Y: a' b;",
    'proxy_set_header X-Y "a\\r\\nX-Z: b";',
    'add_header X "a\nX-Z: b";',
    'more_set_headers "X: a\\nY: b";',
    'more_set_headers "Server: x";',
    'more_set_headers -s 404 "X: y";',
    "more_clear_headers 'X-*';",
    'add_header "X: y" z;',
    "add_header X-Ingc-Route x;",
    # ifs
    "if (-f /etc/passwd) { return 200; }",
    "if (!-e $request_filename) { return 404; }",
    "if ($host) { proxy_pass http://10.0.0.1; }",
    "if ($host) { root /etc; }",
    "if ($host) { include x; }",
    "if ($host) { if ($host) { return 200; } }",
    "if ($host ~ (a+)+$) { return 403; }",
    "if ($host ~ '(?<ingc_route>.*)') { return 403; }",
    "if ($host ~ '(*UTF)x') { return 403; }",
    "if ($host ~ '[') { return 403; }",
    "if ($request_body = x) { return 403; }",
    "if ($ssl_client_verify != SUCCESS) { return 403; }",
    "if $host { return 403; }",
    "if ($host = ) { return 403; }",
    "if ('$host' ~ 'a' b) { return 403; }",
    "if (x = y) { return 403; }",
    "rewrite (.*)(.*)(.*)x /y;",
    "rewrite ^ ;",
    "rewrite ^ $arg_to redirect;",
    "rewrite ^/(.*) $1 redirect;",
    "rewrite ^ x last;",
    "rewrite ^ /x whatever;",
    "return 99;",
    "return 444;",
    "return abc;",
    "return 301;",
    "return 204 text;",
    # values
    "gzip on off;",
    "gzip;",
    "proxy_read_timeout -1;",
    "proxy_read_timeout 99999999999999999999;",
    "proxy_buffers 1000000 1g;",
    "proxy_buffer_size 1g;",
    "client_max_body_size lots;",
    "allow 10.0.0.0/99;",
    "deny unix:;",
    "deny example.com;",
    "satisfy none;",
    "expires never;",
    "default_type 'text/html; charset=x';",
    "charset 'a b';",
    "gzip_types 'a b';",
    "\x00",
    "add_header X \x07;",
)
SERVER_REFUSED = (
    "location / { }",
    "location /x { proxy_pass http://10.0.0.1; }",
    "location /x { root /etc; }",
    "location /x { allow all; }",
    "location @x { return 200; }",
    "location ~ (a+)+$ { return 200; }",
    "location ~ '(?<x>a)' { return 200; }",
    "location /../x { return 200; }",
    "location relative { return 200; }",
    "location = / x { return 200; }",
    "location ! / { return 200; }",
    "location /x { location /x/y { return 200; } }",
    "location /x { internal; return 200; }",
    "location / { return 200; }",
    "set $service_name x; add_header X $service_name;",
    "if ($service_name = web) { return 403; }",
)


def site(snippet: str, kind: str = "configuration-snippet", *, shared: bool = True) -> list[Object]:
    annotations = {PREFIX + kind: snippet}
    if kind == "auth-snippet":
        annotations[PREFIX + "auth-url"] = "http://auth.shop.svc.cluster.local/"
    made = [
        ingress(
            "web", rule("a.test", prefix("/", "web")), namespace="shop", annotations=annotations
        ),
        service("web", 80, namespace="shop"),
        service("auth", 80, namespace="shop"),
        service("web", 80, namespace="blog"),
        ingress("web", rule("b.test", prefix("/", "web")), namespace="blog"),
    ]
    if shared:
        made.append(ingress("own", rule("a.test", prefix("/blog", "web")), namespace="blog"))
    return made


def neighbours(text: str | None) -> list[str]:
    """Return the locations of the other namespace."""
    assert text is not None
    return re.findall(r"# blog/.*?\n        }\n", text, re.DOTALL)


def codes(result: ingc.Result) -> set[str]:
    return {item.code for item in result.errors}


@cache
def undisturbed() -> list[str]:
    return neighbours(compiled(site(""), OPTIONS, isolate=True).config)


@pytest.mark.parametrize("snippet", REFUSED)
def test_it_is_refused_where_it_stands(snippet: str) -> None:
    result = compiled(site(snippet), OPTIONS, isolate=True)
    assert codes(result) & REFUSING, result.diagnostics
    assert neighbours(result.config) == undisturbed()
    for kind in KINDS[1:]:
        objects = site(snippet, kind, shared=False)
        result = compiled(objects, ingc.Options(allow_snippets=("shop",)), isolate=False)
        assert result.config is None
        assert codes(result) & REFUSING, (kind, result.diagnostics)


@pytest.mark.parametrize("snippet", (*SERVER_REFUSED, *REFUSED[:12]))
def test_it_is_refused_for_a_server(snippet: str) -> None:
    result = compiled(site(snippet, "server-snippet", shared=False), OPTIONS, isolate=True)
    assert codes(result) & REFUSING, result.diagnostics


@pytest.mark.parametrize(
    "snippet", ["deny all;", "return 403;", "add_header X 1;", "rewrite ^ /y;"]
)
def test_a_server_of_several_namespaces_takes_no_snippet(snippet: str) -> None:
    objects = site(snippet, "server-snippet")
    result = compiled(objects, OPTIONS, isolate=True)
    assert codes(result) == {"ING427"}
    bare = compiled(site("", "server-snippet"), OPTIONS, isolate=True)
    assert neighbours(result.config) == neighbours(bare.config)
    trusting = ingc.Options(allow_snippets=("*",), trust_namespaces=True)
    assert not compiled(objects, trusting, isolate=False).errors


@pytest.mark.parametrize("snippet", REFUSED)
def test_the_operators_own_are_refused_too(snippet: str) -> None:
    allowed = ("worker_processes", "map $host", "underscores")
    for key in ("http-snippet", "server-snippet", "location-snippet", "main-snippet"):
        if snippet.startswith(allowed):
            continue
        given = config_map("cfg", {key: snippet}, namespace="ops")
        options = ingc.Options(allow_snippets=("none",), configmap="ops/cfg")
        result = compiled([*site(""), given], options, isolate=True)
        assert codes(result) & REFUSING, (key, result.diagnostics)


PIECES = (
    *(
        "add_header X-A",
        "set $x",
        "return",
        "return 200",
        "rewrite",
        "if",
        "allow",
        "deny",
        "}",
        "{",
    ),
    *(";", " ; ", "\n", '"', "'", "\\", "#", "$", "${", "}", "(", ")", "~", "~*", "=", "!=", "-f"),
    *("$host", "$http_x", "$x", "$uri", "$1", "$request_uri", "https://x.test", "/a", "^/(.*)$"),
    *("last", "break", "redirect", "200", "301", "403", "all", "10.0.0.0/8", "on", "off", "5s"),
    *("proxy_set_header X-B", "more_set_headers", '"X: y"', "location", "= /x", "gzip", "always"),
    *("($arg_a = b)", "{ return 403; }", "if ($http_a) { return 403; }", "add_header X-C 1;"),
    *(
        "set $x a;",
        "rewrite ^/b /c break;",
        "root /etc;",
        "include x;",
        "proxy_pass",
        "expires 1h;",
    ),
)


def made_up(number: int) -> Iterator[str]:
    chance = random.Random(20261130)  # noqa: S311 - the same snippets every time
    for _ in range(number):
        yield " ".join(chance.choice(PIECES) for _ in range(chance.randint(1, 12)))


def test_made_up_snippets_keep_to_the_list() -> None:
    printed = {*ALLOWED, *DIRECTIVES}
    for number, snippet in enumerate(made_up(300)):
        kind = KINDS[number % 2]
        result = compiled(site(snippet, kind, shared=False), OPTIONS, isolate=True)
        assert result.config is not None, snippet
        assert not [code for code in codes(result) if code.startswith("ING9")], snippet
        names = set(re.findall(r"^\s*([a-z_0-9]+)[ ;]", result.config, re.MULTILINE))
        assert "root" not in names and "include" not in names, snippet
        used = {way.rpartition("/")[2] for way in tree_of(result.config)}
        assert used <= printed | {"default", "geo", "server"} | used, snippet


@pytest.mark.parametrize("kind", KINDS[:3])
def test_hostile_texts_are_values_or_refused(kind: str) -> None:
    for text in payloads().values():
        for snippet in (
            text,
            f"add_header X-A {text};",
            f'return 200 "{text}";',
            f"set $x '{text}';",
        ):
            result = compiled(site(snippet, kind, shared=False), OPTIONS, isolate=True)
            assert result.config is not None
            assert not [code for code in codes(result) if code.startswith("ING9")], snippet


def test_hostile_texts_to_replace_are_values_or_refused() -> None:
    given = replace(OPTIONS, with_module=("sub",))
    for text in payloads().values():
        for snippet in (f"sub_filter {text} b;", f"sub_filter a '{text}';"):
            for kind in KINDS[:2]:
                result = compiled(site(snippet, kind, shared=False), given, isolate=True)
                assert result.config is not None
                assert not [code for code in codes(result) if code.startswith("ING9")], snippet
