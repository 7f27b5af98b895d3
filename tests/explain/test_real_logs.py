"""Access logs that real nginx has written are counted as nginx itself names the routes in them."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial

import pytest

import ingc
from ingc.explain import asker_of
from ingc.explain.log.reading import BadLogLine, Key, NoHost, read_combined, read_json, tally
from ingc.nginx import Nginx
from tests.nginx.harness import serving
from tests.objects import exact, ingress, prefix, rule

RULES = ingress(
    "web", rule("a.test", prefix("/web", "web"), exact("/exact", "exact")), default="rest"
)
ASKED = (
    ("A.test:80", b"/web//x?y"),
    ("a.test", b"/web/%41"),
    ("a.test", b"/exact"),
    ("a.test", b"/exact/"),
    ("b.test", b"/none"),
    ("a.test", b'/web/\xff"\\'),
)


@pytest.mark.parametrize("form", ["json", "combined"])
def test_nginx_and_the_count_name_the_same_routes(nginx: Nginx, form: str) -> None:
    read = read_json if form == "json" else read_combined
    with serving(nginx, [RULES], access_log=form) as site:
        for host, target in ASKED:
            site.ask(host, target)
        lines = site.log(len(ASKED))
    result = ingc.compile([RULES])
    counts = tally(lines, partial(read, host=""), asker_of(result))
    assert (counts.requests, counts.malformed) == (len(ASKED), 0)
    found = Counter({str(row.answer.route): row.count for row in counts.rules.values()})
    found["-"] = sum(row.count for row in counts.unmatched.values())
    assert found == Counter(route_of(line, form) for line in lines)


def route_of(line: bytes, form: str) -> str:
    text = line.decode("latin-1")
    if form == "json":
        return str(json.loads(text)["route"])
    return text.rstrip().removesuffix('"').rpartition('"')[2]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b'{"host": "a", "uri": "/x"}', ("GET", "http", "a", "/x")),
        (
            b'{"host":"a","uri":"/\xff","method":"PUT","scheme":"https"}',
            ("PUT", "https", "a", "/\udcff"),
        ),
    ],
)
def test_a_json_line(line: bytes, key: Key) -> None:
    assert read_json(line) == key


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"{", b"null", b'"x"', b"[" * 100_000, b'{"uri": 1, "host": "a"}', b'{"host": "a"}'),
        *(b'{"host": "", "uri": ""}', b"\xff\xfe", b'{"host": [], "uri": {}}'),
    ],
)
def test_a_json_line_that_is_none(line: bytes) -> None:
    with pytest.raises(BadLogLine):
        read_json(line)


@pytest.mark.parametrize(
    "line",
    [b"", b"x", b'1 - - [] "" 400 0', b'1 - - [x] "\\x16\\x03" 400 0 "-" "-"', b'"' * 50_000],
)
def test_a_combined_line_that_is_none(line: bytes) -> None:
    with pytest.raises(BadLogLine):
        read_combined(line, "a")


def test_a_line_without_a_host() -> None:
    with pytest.raises(NoHost):
        read_json(b'{"uri": "/"}')
    with pytest.raises(NoHost):
        read_combined(b'1.2.3.4 - - [x] "GET / HTTP/1.1" 200 5 "-" "-"')
    assert read_json(b'{"uri": "/"}', "a")[2] == "a"
