"""The rules by which nginx does not start, on texts of a few lines; `tests.nginx` asks nginx."""

from __future__ import annotations

import pytest

from ingc.model.starting import Refusal, refusals
from ingc.model.tree import read_statements
from ingc.prove.parsing import RefusedText, parse
from tests.colliding import colliding

LONG = "x" * 47


def found_in(http: str, main: str = "") -> list[Refusal]:
    parsed = parse(f"events {{ worker_connections 2; }}\n{main}\nhttp {{\n{http}\n}}\n")
    assert not isinstance(parsed, RefusedText)
    statements = read_statements(parsed)
    block = next(item for item in statements if item.name == "http")
    return list(refusals(statements, block))


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
