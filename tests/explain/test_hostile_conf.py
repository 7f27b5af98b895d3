"""A foreign nginx.conf may hold anything: it is refused by a place and a reason, or answered.

Each of these once ended in a traceback, or took all the memory.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from ingc.explain import BadConf, Conf, asker_of, read_conf, read_question
from ingc.explain.api import teller_of
from ingc.explain.conf.including import NotJoined, joined
from ingc.explain.text import story_as_text
from ingc.routetest.record import record

QUESTION = read_question("http://a.test/some/path")
DEEP = 2000


def conf_of(folder: Path, http: str, server: str = "") -> Conf:
    path = folder / "nginx.conf"
    path.write_text(f"http {{ {http} server {{ listen 80; {server} }} }}", "utf-8")
    return read_conf(path)


def unknown(conf: Conf) -> str:
    return asker_of(conf).ask(QUESTION).unknown or ""


SQUARES = [f"$v{number}$v{number}" for number in range(60)]
SETS = "".join(f"set $v{n + 1} {text};" for n, text in enumerate(SQUARES))
MAPS = "".join(f'map $uri $v{n + 1} {{ default "{text}"; }}' for n, text in enumerate(SQUARES))
EMPTY = "".join(f'map "{text}" $v{n + 1} {{ volatile; }}' for n, text in enumerate(SQUARES))
CHANCES = "".join(
    f"split_clients $uri $v{n} {{ {''.join(f'5% {i};' for i in range(19))} * x; }}"
    for n in range(60)
)
ALL = "".join(f"$v{number}" for number in range(60))
LONG = "of more than a megabyte"


@pytest.mark.parametrize(
    ("http", "server", "words"),
    [
        ("", f"set $v0 x; {SETS} return 301 /$v60;", LONG),
        ("", f"set $v0 x; {SETS} rewrite ^ /x?$v60 permanent;", LONG),
        ("", "rewrite ^/(.*)$ /$1$1;" * 60, LONG),
        ("", f"rewrite ^/(.*)$ /?{'$1' * 200_000} permanent;", LONG),
        (f"map $uri $v0 {{ default x; }} {MAPS}", "return 301 /$v60;", "takes too long"),
        (EMPTY, "set $v0 x; return 301 /$v60;", "takes too long"),
        ("map $a $a { default $a; }", "return 301 /$a;", "takes too long"),
        ("map $a $b { default $a; } map $b $a { default $b; }", "return 301 /$a;", "too long"),
        (CHANCES, f"return 301 /{ALL};", "one of many chances"),
        ("", "location / { alias $request_filename; }", "$request_filename"),
        ("", f"try_files {' '.join(f'$uri/{n}' for n in range(2000))} /;", "depends on files"),
    ],
)
def test_values_without_end(tmp_path: Path, http: str, server: str, words: str) -> None:
    started = time.monotonic()
    assert words in unknown(conf_of(tmp_path, http, server))
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "text",
    [
        *("location { }", "location / { return; }", "listen;", "server_name;", "set $a;"),
        *("rewrite ^;", "error_page 404;", "try_files $uri;", "location / { proxy_pass; }"),
        *("allow;", "add_header X;", "location / { geo { server { location { } } } }"),
    ],
)
def test_too_few_arguments(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadConf, match=r"nginx\.conf:1: [a-z_]+ lacks arguments"):
        conf_of(tmp_path, "", text)


@pytest.mark.parametrize("text", ["upstream { }", "upstream u { server; }", "map { }", "if { }"])
def test_too_few_arguments_beside_servers(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadConf, match=r"lacks arguments|not in nginx's syntax"):
        conf_of(tmp_path, text)


def test_a_key_of_a_map_is_no_location(tmp_path: Path) -> None:
    conf = conf_of(tmp_path, "map $uri $a { location x; listen y; }", "location /b { return 200; }")
    assert [ref.path for ref in conf.refs()] == ["/b"]


@pytest.mark.parametrize("block", ["location /a", 'if ($a = "")'])
@pytest.mark.parametrize("depth", [90, 110, 300, DEEP])
def test_blocks_in_blocks(tmp_path: Path, block: str, depth: int) -> None:
    text = f"location / {{ {f'{block} {{ ' * depth} return 200; {'}' * depth} }}"
    try:
        asker_of(conf_of(tmp_path, "", text)).ask(QUESTION)
    except BadConf as error:
        assert depth > 90
        assert "nested" in str(error)
    else:
        assert depth == 90


@pytest.mark.parametrize("held", ["", "add_header X y;"])
def test_files_that_include_the_next_one_twice(tmp_path: Path, held: str) -> None:
    for number in range(40):
        text = f"include {number + 1}.inc;" * 2
        (tmp_path / f"{number}.inc").write_text(text, "utf-8")
    (tmp_path / "40.inc").write_text(held, "utf-8")
    with pytest.raises(BadConf, match="repeat more than a million directives"):
        conf_of(tmp_path, "", "include 0.inc;")


def test_blocks_and_includes_in_turn() -> None:
    """Each file has blocks in blocks, the innermost with the next file."""

    def file(number: int) -> dict[str, object]:
        item: dict[str, object] = {"directive": "include", "args": [], "includes": [number + 1]}
        for _ in range(80):
            item = {"directive": "location", "args": ["/"], "block": [item]}
        return {"file": f"{number}.conf", "parsed": [item]}

    last = {"file": "last.conf", "parsed": []}
    with pytest.raises(NotJoined, match="nested"):
        joined([*map(file, range(60)), last])


BLOCKS = ("location", "if", "map", "geo", "split_clients", "upstream", "server", "types")
NAMES = (
    *BLOCKS,
    *("listen", "server_name", "return", "rewrite", "set", "proxy_pass", "root", "alias", "allow"),
    *("try_files", "error_page", "add_header", "satisfy", "auth_basic", "limit_req", "limit_conn"),
    *("internal", "break", "mirror", "include", "default", "hostnames", "volatile", "ssl_preread"),
)
ARGUMENTS = (
    *("80", "443", "ssl", "a.test", "*.a.test", "~^(?<x>.+)$", '""', "/", "/a", "=", "~", "^~"),
    *("@n", "$uri", "$a", "$1", "200", "301", "=404", "-1", "http://u/", "$request_filename", "u"),
    *("last", "on", "off", "10.0.0.0/8", "unix:", "50%", "zone=z", "always", '"^/(.*)$"', '"("'),
)


def _block(rand: random.Random, depth: int = 0) -> str:
    return " ".join(_directive(rand, depth) for _ in range(rand.randrange(5)))


def _directive(rand: random.Random, depth: int) -> str:
    name = rand.choice(NAMES)
    arguments = " ".join(rand.choices(ARGUMENTS, k=rand.choice((0, 1, 1, 1, 2, 2, 3))))
    text = f"{name} ({arguments})" if name == "if" else f"{name} {arguments}"
    inner = f" {{ {_block(rand, depth + 1)} }}" if name in BLOCKS and depth < 4 else ";"
    return text + inner


@pytest.mark.parametrize("seed", range(20))
def test_any_text_is_refused_or_answered(tmp_path: Path, seed: int) -> None:
    rand = random.Random(seed)  # noqa: S311 - no secrets
    for _ in range(25):
        server = f"{_block(rand)} location / {{ {_block(rand)} }}"
        try:
            conf = conf_of(tmp_path, _block(rand), server)
        except BadConf:
            continue
        assert story_as_text(teller_of(conf).tell(QUESTION), color=False)
        record(conf)
        list(conf.refs())
