"""Quoting, read by real nginx: in the name of a location, in a map, in a return."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.nginx import Nginx
from ingc.syntax.token import MAX_TOKEN_BYTES, quote
from ingc.syntax.uri import normalise
from tests.nginx.bare import Talk, bare
from tests.nginx.wire import get
from tests.strategies import NASTY, examples, token_text

SINGLE = [chr(n) for n in range(1, 256)]
PAIRS = ["".join(pair) for pair in itertools.product(NASTY, repeat=2)]

_HASHES = "map_hash_bucket_size 512; map_hash_max_size 65536;"


def misread(nginx: Nginx, texts: Sequence[str]) -> list[str]:
    """Return each text that nginx does not read as it is, with the place where it does not.

    A ``$`` begins a variable in a value, and stands for itself in a name and in a map's key.
    """
    # $uri can't be every text: no empty, ``.`` or ``..`` segment is ever in it.
    names = {n: text for n, text in enumerate(texts) if _is_normal(n, text)}
    values = {n: text for n, text in enumerate(texts) if "$" not in text}
    locations = [
        *(
            f"location = {quote(f'/name/{n}/{text}')} {{ return 200 n{n}; }}"
            for n, text in names.items()
        ),
        *(f"location = /value/{n} {{ return 200 {quote(text)}; }}" for n, text in values.items()),
        "location /key/ { return 200 $key; }",
        "location /mapped/ { return 200 $mapped; }",
    ]
    keys = (f"{quote(f'/key/{n}/{text}')} k{n};" for n, text in names.items())
    mapped = (f"/mapped/{n} {quote(text)};" for n, text in values.items())
    http = "\n".join(
        [
            *(_HASHES, "map $uri $key {", *keys, "}", "map $uri $mapped {", *mapped, "}"),
            *("server { LISTEN server_name _; default_type text/plain;", *locations, "}\n"),
        ]
    )
    wrong = []
    with bare(nginx, http) as address, Talk(address) as talk:
        for place, expected, target in _questions(names, values):
            response = talk.ask(get(target))
            if (response.status, response.body) != (200, expected):
                wrong.append(f"{place} {expected!r}: {response.status} {response.body!r}")
    return wrong


def _questions(names: dict[int, str], values: dict[int, str]) -> list[tuple[str, bytes, str]]:
    """Return for each question the place, the expected body and the target."""
    asked = []
    for n, text in names.items():
        encoded = quote_from_bytes(text.encode(), safe="")
        asked.append((f"name {text!r}", f"n{n}".encode(), f"/name/{n}/{encoded}"))
        asked.append((f"key {text!r}", f"k{n}".encode(), f"/key/{n}/{encoded}"))
    for n, text in values.items():
        asked.append(("return", text.encode(), f"/value/{n}"))
        asked.append(("mapped", text.encode(), f"/mapped/{n}"))
    return asked


def _is_normal(n: int, text: str) -> bool:
    path = f"/{n}/{text}".encode()
    return normalise(quote_from_bytes(path).encode()) == path


def test_every_character(nginx: Nginx) -> None:
    assert misread(nginx, [*SINGLE, *(f"a{char}b" for char in SINGLE)]) == []


def test_every_nasty_pair(nginx: Nginx) -> None:
    assert misread(nginx, PAIRS) == []


@examples(10)
@given(texts=st.lists(token_text, max_size=40))
def test_any_text(nginx: Nginx, texts: list[str]) -> None:
    assert misread(nginx, texts) == []


@pytest.mark.parametrize("before", [0, 1, 4000, 4094])
@pytest.mark.parametrize("char", ["a", " ", '"', "é"])
def test_the_longest_token_wherever_it_begins(nginx: Nginx, char: str, before: int) -> None:
    """nginx reads the file in pieces; a token may be cut anywhere."""
    size = 2 if len(quote(char).encode()) == 1 else len(char.encode())
    text = char * ((MAX_TOKEN_BYTES - len("''")) // size)
    if size == 2 and char == "a":
        text = char * MAX_TOKEN_BYTES
    assert MAX_TOKEN_BYTES - 1 <= len(quote(text).encode()) <= MAX_TOKEN_BYTES
    server = f"server {{ LISTEN {'#' * before}\n return 200 {quote(text)}; }}"
    with bare(nginx, server) as address, Talk(address) as talk:
        assert talk.ask(get("/")).body == text.encode()
