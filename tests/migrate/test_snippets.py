"""Refused snippets are grouped by what they do."""

from __future__ import annotations

import pytest

from ingc.frontend.annotations.registry import DECLARATIONS
from ingc.frontend.annotations.unsupported import advise
from ingc.migrate.snippets import pieces
from ingc.migrate.weighing import Topic
from tests.migrate.reports import report, shop, web

CASES = [
    ("add_header X y;", ["add_header"]),
    ("more_set_headers 'A: b';\nproxy_read_timeout 5;", ["more_set_headers", "proxy_read_timeout"]),
    ("location /metrics { deny all; }", ["location"]),
    ("if ($http_user_agent ~* bot) { return 403; }", ["if"]),
    ("lua_need_request_body on;", ["lua_need_request_body"]),
    ("proxy_set_header Upgrade $http_upgrade;", ["proxy_set_header for WebSockets"]),
    ("# only a comment\nadd_header A b;", ["add_header"]),
    ('set $a "x; y { z";', ["set"]),
    ("add_header A b; set $a ${b};", ["add_header", "set"]),
    ("}}}{", ["nothing that is known"]),
]


@pytest.mark.parametrize(("snippet", "does"), CASES)
def test_a_snippet_is_what_it_does(snippet: str, does: list[str]) -> None:
    found = list(pieces(snippet, advise(snippet, DECLARATIONS.values())))
    assert [piece.does for piece in found] == does
    assert all(piece.instead for piece in found)


def test_what_takes_the_whole_snippet_is_said_of_each_piece() -> None:
    advice = "for add_header use custom-headers; or pass --take-it"
    assert [piece.instead[-17:] for piece in pieces("add_header A b; set $a b;", advice)] == [
        "; or pass --take-it"[-17:]
    ] * 2


def test_snippets_of_one_kind_are_one_concern() -> None:
    many = [shop(name=f"shop/w{n}", configuration_snippet=f"add_header X-{n} y;") for n in range(3)]
    found = report([*many, web()])
    (item,) = [item for item in found.concerns if item.topic is Topic.SNIPPETS]
    assert (item.title, item.ingresses) == ("Snippets with add_header", 3)
    assert item.change.startswith("use custom-headers")


def test_changes_that_differ_stand_at_their_places() -> None:
    many = [
        shop(name=f"shop/w{n}", server_snippet=f"location /p{n} {{ deny all; }}") for n in range(2)
    ]
    found = report([*many, web()])
    (item,) = [item for item in found.concerns if item.topic is Topic.SNIPPETS]
    assert item.change == ""
    assert ["/p0" in item.spots[0].change, "/p1" in item.spots[1].change] == [True, True]
