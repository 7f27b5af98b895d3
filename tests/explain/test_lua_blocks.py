"""Blocks of Lua: whatever they hold, the directives behind them are read as they stand."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.explain import BadConf, asker_of, read_conf, read_question
from ingc.explain.conf.lua import EndlessLua, with_lua_quoted
from tests.strategies import examples

PHASES = (
    *("init", "init_worker", "exit_worker", "set", "rewrite", "access", "content", "balancer"),
    *("header_filter", "body_filter", "log", "ssl_certificate", "ssl_client_hello"),
    *("ssl_session_fetch", "ssl_session_store", "server_rewrite", "precontent"),
    *("preread", "proxy_ssl_certificate", "proxy_ssl_verify"),
)
CODES = (
    "",
    " return 1 ",
    "local a = { b = { c = {} } }",
    'local a = "}"',
    "local a = '{'",
    "local a = '\\'}'",
    'local a = "\\\\"',
    "-- } a comment\n",
    "-- don't {\n",
    "--[[ } ]]",
    "--[==[ } ]] } ]==]",
    "local a = [[ } ]]",
    "local a = [=[ ]] } ]=]",
    "local a = t[t[1]]",
    "local a = b - c -- d }\n local e = -1",
    "local a = #b",
    "local a = {{1}, {2}}",
    "ngx.say('a; b') ; ngx.exit(404)",
)


@pytest.mark.parametrize("space", [" ", "", "\n\t", " # {\n"])
@pytest.mark.parametrize("phase", PHASES)
def test_every_form(tmp_path: Path, phase: str, space: str) -> None:
    argument = " $a" if phase == "set" else ""
    locations = "\n".join(
        f"location /x{number} {{ {phase}_by_lua_block{argument}{space}{{{code}}} }}"
        f"location /{number} {{ return 204; }}"
        for number, code in enumerate(CODES)
    )
    path = tmp_path / "nginx.conf"
    path.write_text(f"http {{ server {{ listen 80; {locations} }} }}", "utf-8")
    conf = read_conf(path)
    for number, code in enumerate(CODES):
        answer = asker_of(conf).ask(read_question(f"http://a.test/{number}"))
        assert (answer.status, answer.unknown) == (204, None), code


@pytest.mark.parametrize(
    "code", ["{", "'", '"', "'\n'}", "[[ }", "--[[ }", "[=[ ]] }", "{ -- }", "\\", "'\\'}"]
)
def test_one_without_an_end_is_named(tmp_path: Path, code: str) -> None:
    path = tmp_path / "nginx.conf"
    path.write_text(f"http {{\n\n access_by_lua_block {{{code}", "utf-8")
    with pytest.raises(BadConf, match=r"the Lua of access_by_lua_block does not end in .*:3\Z"):
        read_conf(path)


@pytest.mark.parametrize(
    "text",
    [
        'log_format a "access_by_lua_block {";',
        "# access_by_lua_block {\n",
        "map $a $b { access_by_lua_block x; }",
        "root a#access_by_lua_block;",
        "set $access_by_lua_block {;",
    ],
)
def test_what_is_no_block_stays(text: str) -> None:
    assert with_lua_quoted(text) == text


def test_lines_stay() -> None:
    text = "a;\ninit_by_lua_block {\n x = [[\n}\n]]\n}\nb;"
    found = with_lua_quoted(text)
    assert found.count("\n") == text.count("\n")
    assert found.split("\n")[-1] == "b;"


@pytest.mark.parametrize(
    "text",
    [
        "init_by_lua_block {" * 50_000,
        "init_by_lua_block { " + "[[" * 500_000,
        "init_by_lua_block { [" + "=" * 500_000,
        "init_by_lua_block { " + "--[[" * 200_000,
        "init_by_lua_block { " + '"' * 300_001,
        "init_by_lua_block { " + "'\\" * 300_000,
        "init_by_lua_block " * 50_000,
        "init_by_lua_block { } " * 50_000,
        "a" * 1_000_000 + "_by_lua_block",
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.monotonic()
    with contextlib.suppress(EndlessLua):
        with_lua_quoted(text)
    assert time.monotonic() - began < 5


PIECES = ("{", "}", "'", '"', "[[", "]]", "--", "\n", "\\", ";", "a_by_lua_block", " ", "#", "=")


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@examples(300)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = with_lua_quoted(f"a_by_lua_block {{{text}")
    except EndlessLua:
        return
    assert found.count("\n") == text.count("\n")
