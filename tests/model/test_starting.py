"""The rules by which nginx does not start, on texts of a few lines; `tests.nginx` asks nginx."""

from __future__ import annotations

from collections.abc import Container

import pytest

from ingc.model.starting import Refusal, refusals
from ingc.model.tree import read_statements
from ingc.prove.parsing import RefusedText, parse
from tests.colliding import colliding

LONG = "x" * 47


def found_in(http: str, main: str = "", allowed: Container[str] = ()) -> list[Refusal]:
    parsed = parse(f"events {{ worker_connections 2; }}\n{main}\nhttp {{\n{http}\n}}\n")
    assert not isinstance(parsed, RefusedText)
    statements = read_statements(parsed)
    block = next(item for item in statements if item.name == "http")
    return list(refusals(statements, block, allowed))


def server(inner: str = "", listen: str = "80", name: str = "a.test") -> str:
    return f"server {{ listen {listen}; server_name {name}; {inner} }}\n"


def params(names: list[str]) -> str:
    return "".join(f"fastcgi_param HTTP_{name} v;" for name in names)


REFUSED = {
    "a long server name": server() + server(name=f"{LONG}.test"),
    "a bucket of names that is too large": "server_names_hash_bucket_size 65473;" + server(),
    "a key of a map twice": "map $uri $x { /a 1; /A 2; }" + server(),
    "a long key of a map": f"map $uri $x {{ {LONG} 1; }}" + server(),
    "a long variable": server(f"set ${LONG} 1;"),
    "a long header": server(f"proxy_set_header {LONG} v;"),
    "a long header in http": f"grpc_set_header {LONG} v;" + server(),
    "a long header that is hidden": server(f"location / {{ fastcgi_hide_header {LONG}; }}"),
    "a long param that is a header": server(params([LONG])),
    "many params of one hash": server(params(colliding(1200, 46))),
    "a long MIME type": f"gzip_types a/{LONG};" + server(),
    "a single buffer": server("proxy_buffers 1 4k;"),
    "two buffers of which both are busy": server("proxy_buffers 2 4k;"),
    "few busy buffers": server("location / { proxy_busy_buffers_size 1k; }"),
    "small temporary files": server("fastcgi_max_temp_file_size 1k;"),
    "a socket twice": server(listen="80; listen 80"),
    "a socket twice, in two forms": server(listen="[::1]:80; listen [0::1]:80"),
    "every address twice": server(listen="80; listen 0.0.0.0:80"),
    "two default servers": server(listen="80 default_server") + server(listen="80 default_server"),
    "options twice": server(listen="80 reuseport") + server(listen="80 reuseport"),
    "few connections": server(listen="80; listen 81"),
}
TAKEN = {
    "a name that just fits": server() + server(name="x" * 46),
    "more room for names": "server_names_hash_bucket_size 128;" + server(name=f"{LONG}.test"),
    "keys that differ": r"map $uri $x { /a 1; \/b 2; ~A 3; default 4; }" + server(),
    "more room for keys": f"map_hash_bucket_size 128; map $uri $x {{ {LONG} 1; }}" + server(),
    "more room for variables": f"variables_hash_bucket_size 128;{server(f'set ${LONG} 1;')}",
    "more room for headers": server(
        f"location / {{ proxy_headers_hash_bucket_size 128; proxy_set_header {LONG} v; }}"
    ),
    "a long param that is no header": server(f"fastcgi_param {LONG} v;"),
    "what no server inherits": f"proxy_set_header {LONG} v;" + server("proxy_set_header X v;"),
    "buffers that no server inherits": "proxy_buffers 1 4k;" + server("proxy_buffers 4 4k;"),
    "three buffers": server("proxy_buffers 3 4k;"),
    "no temporary files": server("fastcgi_max_temp_file_size 0;"),
    "one socket": server(listen="80 default_server reuseport") + server(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nginx_would_not_start(name: str) -> None:
    assert len(found_in(REFUSED[name])) == 1


@pytest.mark.parametrize("name", TAKEN)
def test_nginx_would_start(name: str) -> None:
    assert found_in(TAKEN[name]) == []


def test_a_refusal_names_what_has_a_part_in_it() -> None:
    (refusal,) = found_in(server(f"location /a {{ proxy_set_header {LONG} v; }}"))
    assert refusal.table == "proxy_headers_hash"
    ((name, ((block, location),)),) = refusal.parts
    assert (name, block.name) == (LONG, "server")
    assert location is not None
    assert location.args == ("/a",)


def test_keys_of_stream_are_checked_too() -> None:
    stream = f"stream {{ map $ssl_preread_server_name $x {{ hostnames; {LONG} 1; }} }}"
    (refusal,) = found_in(server(), main=stream)
    assert refusal.table == "map_hash"


UPSTREAM = "upstream b {{ zone b 64k; server {}; }}"
NAMED = {
    "a server of an upstream": UPSTREAM.format("a.example:80 max_fails=0") + server(),
    "one of two servers": UPSTREAM.format("10.0.0.1; server a.example") + server(),
    "an address to the system alone": UPSTREAM.format("127.1:80") + server(),
    "a server that is asked": server("location / { proxy_pass http://a.example:80/x; }"),
    "no upstream, but for its name's case": (
        UPSTREAM.format("10.0.0.1") + server("location / { proxy_pass http://B.example; }")
    ),
    "in a location of a location": server("location / { location /a { grpc_pass a.example; } }"),
    "in an if": server("location / { if ($uri) { fastcgi_pass a.example:9000; } }"),
    "a server of grpc with TLS": server("location / { grpc_pass grpcs://a.example:443; }"),
    "a DNS server": "resolver 10.0.0.1 a.example:53 ipv6=off;" + server(),
    "a DNS server of a location": server("location / { resolver a.example; }"),
    "a DNS server of an upstream": (
        UPSTREAM.format("a.test:80 resolve; resolver a.example:53") + server()
    ),
    "a syslog server": "access_log syslog:server=a.example:514 combined;" + server(),
    "a syslog server for errors": server("error_log syslog:facility=user,server=a.example info;"),
    "who is believed": server("set_real_ip_from a.example;"),
}
UNNAMED = {
    "addresses": UPSTREAM.format("10.0.0.1:80; server [fd00::1]:80; server 10.0.0.2") + server(),
    "a socket": UPSTREAM.format("unix:/run/a.sock") + server("location / { grpc_pass unix:/a; }"),
    "a socket that is asked": server("location / { proxy_pass http://unix:/a.sock:/; }"),
    "an upstream": (
        UPSTREAM.format("10.0.0.1")
        + server("location / { proxy_pass http://b; } location /a { grpc_pass grpc://b; }")
        + server("location / { proxy_pass https://b/x; fastcgi_pass b; }")
    ),
    "at run time": UPSTREAM.format("a.example:80 max_fails=0 resolve") + server(),
    "a variable": server("location / { set $a a.example; proxy_pass http://$a; }"),
    "networks": "set_real_ip_from 10.0.0.0/8; set_real_ip_from 2001:db8::/32;" + server(),
    "who is believed by sockets": "set_real_ip_from unix:;" + server(),
    "logs": "access_log logs/a.example combined; error_log stderr;" + server(),
    "a syslog of this machine": "error_log syslog:server=unix:/dev/log;" + server(),
    "keys of a map": "map $uri $x { server a.example; resolver a.example; }" + server(),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_name_that_nothing_allows_is_refused(name: str) -> None:
    (refusal,) = found_in(NAMED[name])
    assert "host not found" in refusal.why
    assert refusal.parts
    allowed = {"a.example", "127.1", "b.example"}
    assert found_in(NAMED[name], allowed=allowed) == found_in(NAMED[name], allowed={"*"}) == []


@pytest.mark.parametrize("name", UNNAMED)
def test_what_is_no_name_is_taken(name: str) -> None:
    assert found_in(UNNAMED[name]) == []


def test_names_of_stream_and_beside_all_blocks_are_found_too() -> None:
    stream = "stream {{ {} server {{ listen 80; proxy_pass {}; }} }}"
    for main in (
        stream.format("upstream b { server a.example:80; }", "b"),
        stream.format("", "a.example:80"),
        stream.format("resolver a.example;", "10.0.0.1:80"),
        "error_log syslog:server=a.example;",
    ):
        assert len(found_in(server(), main=main)) == 1
        assert found_in(server(), main=main, allowed={"a.example"}) == []
    assert found_in(server(), main=stream.format("upstream b { server 10.0.0.1:80; }", "b")) == []
    # An upstream of http is none of stream.
    http = UPSTREAM.format("10.0.0.1") + server()
    assert len(found_in(http, main=stream.format("", "b:80"))) == 1
