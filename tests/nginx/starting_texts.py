"""Random texts of ``http`` blocks, about half of which nginx refuses to start with."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable

from tests.colliding import colliding

_LETTERS = string.ascii_lowercase + string.digits
_LENGTHS = (5, 20, 45, 46, 47, 60, 200, 240)
_MODULES = ("proxy", "grpc", "fastcgi")


def _names(draw: random.Random, most: tuple[int, ...], lengths: tuple[int, ...]) -> list[str]:
    """Return different names, some of one hash, some longer than the usual buckets."""
    count, length = draw.choice(most), draw.choice(lengths)
    alike = draw.choice((0, 0, count // 2, count))
    names: set[str] = set()
    if alike and length >= 2 * alike.bit_length() + 4:
        names.update(colliding(alike, length, before="q"))
    while len(names) < count:
        size = draw.choice((length, draw.randint(2, length)))
        names.add("z" + "".join(draw.choice(_LETTERS) for _ in range(size - 1)))
    found = sorted(names)
    draw.shuffle(found)
    return found


def _sizes(draw: random.Random, table: str) -> str:
    most = draw.choice((32, 64, 100, 512, 1024, 2048, 10001, 20000))
    bucket = draw.choice((32, 64, 128, 256, 1000, 4096, 32768, 65472, 65473))
    lines = (f"{table}_max_size {most};\n", f"{table}_bucket_size {bucket};\n")
    return "".join(line for line in lines if draw.random() < 0.6)


def _server(inner: str = "", names: Iterable[str] = ("a",)) -> str:
    return f"server {{ listen 127.0.0.1:LISTEN; server_name {' '.join(names)};\n{inner} }}\n"


def server_names(draw: random.Random) -> str:
    """Names of two servers."""
    names = _names(draw, (2, 40, 250, 300, 600, 1300), _LENGTHS)
    half = len(names) // 2
    return _sizes(draw, "server_names_hash") + "".join(
        _server(names=some) for some in (names[:half], names[half:])
    )


def wildcards(draw: random.Random) -> str:
    """Names of two servers, wildcards of one to three labels among them."""
    names = _below(draw, _names(draw, (2, 40, 250, 300, 600, 1300), _LENGTHS))
    half = len(names) // 2
    return _sizes(draw, "server_names_hash") + "".join(
        _server(names=some) for some in (names[:half], names[half:])
    )


def keys_of_hosts(draw: random.Random) -> str:
    """The keys of a map that may be wildcards."""
    names = _below(draw, _names(draw, (1, 3, 40, 250, 300, 1300), _LENGTHS))
    keys = "".join(f"{name} 1;\n" for name in names)
    sizes = _sizes(draw, "map_hash")
    return f"{sizes} map $host $x {{ hostnames; {keys} default 0; }}\n{_server()}"


def _below(draw: random.Random, labels: list[str]) -> list[str]:
    """Return names with each of these labels once, at one place or several."""
    forms = draw.choice((("*.{}",), ("*.{}.test",), ("*.{}.a", "*.b.{}", "*.{}", "{}.test")))
    return [draw.choice(forms).format(label) for label in labels]


def map_keys(draw: random.Random) -> str:
    """The keys of a map, seldom one of them twice."""
    names = _names(draw, (1, 3, 40, 250, 300, 1300), _LENGTHS)
    if draw.random() < 0.1:
        names.append(names[0].upper())
    keys = "".join(f"{name} 1;\n" for name in names)
    return f"{_sizes(draw, 'map_hash')} map $uri $x {{ {keys} default 0; }}\n{_server()}"


def variables(draw: random.Random) -> str:
    """Variables that locations set."""
    names = _names(draw, (1, 3, 40, 300, 1000, 1300, 1500), (10, 20, 46, 47, 60))
    lines = "".join(f"set ${name} 1;\n" for name in names)
    return _sizes(draw, "variables_hash") + _server(f"location / {{ {lines} }}")


def headers(draw: random.Random) -> str:
    """Lists of headers in ``http``, in a server, in a location."""
    outer, middle, inner = (_lists(draw) for _ in range(3))
    passed = "proxy_pass http://127.0.0.1:1;"
    locations = f"location / {{ {inner} {passed} }} location /b {{ {passed} }}"
    return f"{outer} {_server(middle + locations)} {_server(names=['b'])}"


def _lists(draw: random.Random) -> str:
    lines = [_sizes(draw, "proxy_headers_hash")] if draw.random() < 0.4 else []
    for module in _MODULES:
        if draw.random() < 0.15:
            lines += (f"{module}_hide_header {name};\n" for name in _headers(draw))
        if draw.random() < 0.15:
            lines += (_told(draw, module, name) for name in _headers(draw))
    return "".join(lines)


def _headers(draw: random.Random) -> list[str]:
    return _names(draw, (1, 3, 40, 130, 250, 1300), _LENGTHS)


def _told(draw: random.Random, module: str, name: str) -> str:
    if module != "fastcgi":
        return f"{module}_set_header {name} v;\n"
    prefix = "HTTP_" if draw.random() < 0.9 else ""
    return f"fastcgi_param {prefix}{name.upper()} v;\n"


def mime_types(draw: random.Random) -> str:
    """Types to compress."""
    names = _names(draw, (1, 3, 40), (5, 20, 40, 44, 45, 46))
    return f"gzip_types {' '.join(f'a/{name}' for name in names)};\n{_server()}"


def buffers(draw: random.Random) -> str:
    """Sizes of buffers in ``http``, in a server, in locations."""
    outer, middle, first, second = (_buffers(draw) for _ in range(4))
    locations = f"location / {{ {first} }} location /b {{ {second} }}"
    other = _server(names=["b"]) if draw.random() < 0.5 else ""
    return f"{outer} {_server(middle + locations)} {other}"


def _buffers(draw: random.Random) -> str:
    if draw.random() < 0.6:
        return ""
    lines = []
    for module in ("proxy", "fastcgi"):
        size, one, busy, file = (
            draw.choice(("1", "1k", "4k", "8k", "16k", "1m", "3000")) for _ in range(4)
        )
        given = (
            f"{module}_buffer_size {size};\n",
            f"{module}_buffers {draw.choice((1, 2, 3, 4, 8))} {one};\n",
            f"{module}_busy_buffers_size {busy};\n",
            f"{module}_max_temp_file_size {draw.choice(('0', file))};\n",
        )
        lines += (line for line in given if draw.random() < 0.3)
    return "".join(lines)


def sockets(draw: random.Random) -> str:
    """Servers on a few sockets, with options that only one may name."""
    servers = []
    for number in range(draw.randint(1, 3)):
        listens = ""
        for _ in range(draw.choice((1, 1, 2))):
            port = draw.choice(("LISTEN", "OTHER"))
            options = draw.choice(("", "", "", "default_server", "reuseport"))
            listens += f"listen 127.0.0.1:{port} {options};\n"
        servers.append(f"server {{ {listens} server_name s{number}; }}\n")
    return "".join(servers)


def hosts(draw: random.Random) -> str:
    """Names of servers that nobody knows, where nginx resolves them and where it does not."""

    def host() -> str:
        known = ("127.0.0.1:80", "[::1]:80", "unix:/none")
        return "no-such-name.invalid" if draw.random() < 0.1 else draw.choice(known)

    def lines(place: str) -> str:
        return draw.choice(_HOSTS).format(place, host(), host())

    inside = f"location /a {{ {lines('/a/')} location /a/b {{ proxy_pass http://b; }} }}"
    return (
        f"upstream b {{ server {host()} max_fails=0; server {host()}; }}\n"
        f"map $uri $m {{ server no-such-name.invalid; proxy_pass 1; }}\n"
        f"{_server(f'set $a no-such-name.invalid; {lines(_ROOT)} {inside}')}"
    )


_ROOT = "/"
_HOSTS = (
    "",
    "location {0} {{ proxy_pass http://{1}; }}",
    "location {0} {{ proxy_pass http://$a; }}",
    "location {0} {{ grpc_pass {1}; }} location {0}c {{ fastcgi_pass {2}; }}",
    "location {0} {{ if ($m) {{ proxy_pass http://{1}; }} }}",
    "resolver 127.0.0.1 no-such-name.invalid;",
    "set_real_ip_from no-such-name.invalid;",
    "set_real_ip_from 10.0.0.0/8; set_real_ip_from ::1/128; set_real_ip_from unix:;",
    "error_log syslog:server=no-such-name.invalid:514,tag=a info;",
    "error_log syslog:server=127.0.0.1 info;",
)


KINDS: dict[str, Callable[[random.Random], str]] = {
    made.__name__: made
    for made in (
        server_names,
        wildcards,
        map_keys,
        keys_of_hosts,
        variables,
        headers,
        mime_types,
        buffers,
        sockets,
        hosts,
    )
}
