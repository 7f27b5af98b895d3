"""Read line by line, a block is what crossplane makes of it as a whole, whatever its lines are."""

from __future__ import annotations

import random
from functools import cache

import pytest
from crossplane.lexer import EXTERNAL_LEXERS

from ingc.model.tree import Statement
from ingc.prove import line_shapes
from ingc.prove.blocks import split
from ingc.prove.line_shapes import read_lines
from ingc.prove.parsing import parse_block
from tests.golden.case import all_cases
from tests.strategies import deep

MANY = 200_000
SIGNS = "ab0/.-_%$~*@:;{}#'\"\\ \t\n\r\0\x1c\x85\xa0é()"
"""Each sign that some lexer might take for another one, and some that none does."""
WORDS = (
    "if ($x) {",
    "if ( $a = b ) {",
    "set $x",
    "content_by_lua_block {",
    "ingc_seam;",
    "gzip on;",
    "gzip no;",
    "include x;",
    "server {",
    "location /x {",
    '"a b" c;',
    '"#" c;',
    "# x",
    "}",
    "{",
    ";",
    "${",
    "r0-",
    "r1-;",
    "%s",
    "%",
)


@cache
def blocks() -> tuple[str, ...]:
    texts = [case.result.config or "" for case in all_cases()]
    found = dict.fromkeys(block.text for text in texts for block in split(text).blocks)
    return tuple(found)


def placed(statement: Statement | None) -> object:
    """Return all that a statement is, with the lines."""
    if statement is None:
        return None
    inner = None if statement.block is None else tuple(map(placed, statement.block))
    return statement.name, statement.args, statement.line, inner


def mutated(text: str, chosen: random.Random) -> str:
    """Return a text with one to three faults in it."""
    for _ in range(chosen.randint(1, 3)):
        at = chosen.randrange(len(text))
        end = at + chosen.choice((0, 0, 1, 1, 2, 40))
        put = chosen.choice(("", chosen.choice(SIGNS), chosen.choice(WORDS)))
        if chosen.random() < 0.2:
            lines = text.split("\n")
            put = "\n" + chosen.choice(lines) + "\n"
        text = text[:at] + put + text[end:]
    return text


def test_the_fast_way_is_taken_for_what_we_write() -> None:
    slow = [text for text in blocks() if read_lines(text) is None]
    assert len(blocks()) > 500
    assert slow == []


def test_blocks_of_goldens_are_read_as_by_crossplane() -> None:
    for text in blocks():
        whole = parse_block(text)
        assert isinstance(whole, Statement)
        assert placed(read_lines(text)) == placed(whole), text


def test_mutated_blocks_are_read_as_by_crossplane() -> None:
    chosen = random.Random(None if deep() else 7)  # noqa: S311
    many = MANY if deep() else MANY // 10
    read = 0
    for _ in range(many):
        text = mutated(chosen.choice(blocks()), chosen)
        by_lines = read_lines(text)
        if by_lines is None:
            continue
        read += 1
        whole = parse_block(text)
        assert isinstance(whole, Statement), (text, whole)
        assert placed(by_lines) == placed(whole), text
    assert read > many // 10


@pytest.mark.parametrize(
    "text",
    [
        "server {\n}#x",
        "server {\n}\\\n",
        "server {\n}\n}\n",
        "server {\n}\nserver {\n}\n",
        "server {\n",
        "server {\nlisten 80;",
        'server {\nset $x "a\nb";\n}\n',
        "server {\nset $x\na;\n}\n",
        "server {\nset $x a; set $y b;\n}\n",
        "server {\nset $x a; # why\n}\n",
        "server {\nset $x a\\\n;\n}\n",
        "server {\nsecure_link_md5;\n}\n",
        "server {\nproxy_pass;\n}\n",
        "server {\nunknown_thing x;\n}\n",
        "server {\nserver {\n}\n}\n",
        "map $a $b {\ncontent_by_lua_block x;\n}\n",
        "server {\nset $x a }\n",
    ],
)
def test_other_blocks_are_left_to_crossplane(text: str) -> None:
    assert read_lines(text) is None


def test_names_that_change_the_lexer_are_known() -> None:
    assert all("_by_lua" in name for name in EXTERNAL_LEXERS)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_shapes, "_REMEMBERED", 10)
    monkeypatch.setattr(line_shapes, "_lines", lines := {})
    monkeypatch.setattr(line_shapes, "_shapes", shapes := {})
    for text in blocks()[:200]:
        assert placed(read_lines(text)) == placed(parse_block(text))  # type: ignore[arg-type]
        assert len(lines) <= 10
        assert len(shapes) <= 10


def test_exchanged_runs_keep_their_places() -> None:
    first = read_lines('server {\n    server_name a.test b.test;\n    set $x "%s 1";\n}\n')
    again = read_lines('server {\n    server_name c-d.test e_f;\n    set $x "%s /2/";\n}\n')
    assert first is not None
    assert again is not None
    assert [item.args for item in first.block or ()] == [("a.test", "b.test"), ("$x", "%s 1")]
    assert [item.args for item in again.block or ()] == [("c-d.test", "e_f"), ("$x", "%s /2/")]


def test_a_flag_is_on_or_off() -> None:
    text = "server {{\n    uninitialized_variable_warn {};\n}}\n"
    assert read_lines(text.format("on")) is not None
    assert read_lines(text.format("off")) is not None
    assert read_lines(text.format("maybe")) is None


@pytest.mark.parametrize("first, second", [("a\\nb", "a\\tb"), ('"a\\"b"', '"c\\\\b"')])
def test_escapes_are_no_part_of_a_shape(first: str, second: str) -> None:
    for arg in (first, second):
        text = f"server {{\n    set $x {arg};\n}}\n"
        assert placed(read_lines(text)) == placed(parse_block(text))  # type: ignore[arg-type]
