"""``sub_filter`` of snippets on real nginx: answers are as where the snippet is pasted in."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ingc.nginx import Nginx, free_ports
from tests.nginx.backend import Backend
from tests.nginx.bare import bare
from tests.nginx.harness import serving
from tests.nginx.modules import sub_module
from tests.nginx.pasted import NAMESPACE, Trial, by_hand, objects, seen
from tests.objects import config_map

_HTML = "Content-Type: text/html\r\nLast-Modified: Mon, 30 Nov 2026 10:00:00 GMT\r\n"
_CSS = "Content-Type: text/css\r\n"
BODY = "<head>a OLD b old</head>"


@dataclass(frozen=True)
class Filtered:
    """Snippets, and what the client gets of `BODY`."""

    location: str
    body: str
    headers: str = _HTML
    server: str = ""
    target: str = "/"
    status: str = "200 OK"


CASES = {
    "one": Filtered("sub_filter old new;", "<head>a new b old</head>"),
    "two": Filtered(
        'sub_filter old new; sub_filter "</head>" "<x></head>";', "<head>a new b old<x></head>"
    ),
    "two-of-one-beginning": Filtered(
        "sub_filter 'a old' 1; sub_filter a 2; sub_filter_once off;", "<he2d>1 b old</he2d>"
    ),
    "two-the-same": Filtered("sub_filter old 1; sub_filter old 2;", "<head>a 1 b 2</head>"),
    "all": Filtered("sub_filter old new; sub_filter_once off;", "<head>a new b new</head>"),
    "nothing-instead": Filtered('sub_filter " old" "";', "<head>a b old</head>"),
    "variable": Filtered(
        'sub_filter old "$scheme://$arg_a-$service_name/";',
        "<head>a http://7-web/ b old</head>",
        target="/?a=7",
    ),
    "variable-searched": Filtered(
        "sub_filter $arg_a 1;", "<head>a 1 b old</head>", target="/?a=old"
    ),
    "own-variable": Filtered(
        'set $x "<$arg_a>"; sub_filter old $x;',
        "<head>a <7> b old</head>",
        target="/?a=7",
    ),
    "other-type": Filtered("sub_filter old new;", BODY, headers=_CSS),
    "types": Filtered(
        "sub_filter old new; sub_filter_types text/css;", "<head>a new b old</head>", headers=_CSS
    ),
    "every-type": Filtered(
        "sub_filter old new; sub_filter_types *;", "<head>a new b old</head>", headers=_CSS
    ),
    "last-modified": Filtered(
        "sub_filter old new; sub_filter_last_modified on;", "<head>a new b old</head>"
    ),
    "an-error-of-the-backend": Filtered(
        "sub_filter old new;", "<head>a new b old</head>", status="404 Not Found"
    ),
    "server": Filtered("", "<head>a new b old</head>", server="sub_filter old new;"),
    "server-not-inherited": Filtered(
        "sub_filter a 1;", "<he1d>a OLD b old</head>", server="sub_filter old new;"
    ),
    "server-how": Filtered(
        "sub_filter old 1;", "<head>a 1 b 1</head>", server="sub_filter_once off; sub_filter b 2;"
    ),
    "server-location": Filtered(
        "",
        "a new",
        server="location = /x { default_type text/html; sub_filter b new; return 200 'a b'; }",
        target="/x",
    ),
}


def kept(nginx: Nginx, case: Filtered, *, keys: dict[str, str] | None = None) -> bytes:
    """Return the body of an answer, which is the same where the snippets are pasted in.

    ``keys`` are those of the ConfigMap.
    """
    given = keys or {}
    trial = Trial(
        "web",
        case.location,
        case.server,
        every_server=given.get("server-snippet", ""),
        every_location=given.get("location-snippet", ""),
        asks=(case.target, f"HEAD {case.target}"),
    )
    options = {"with_module": sub_module(nginx), "configmap": f"{NAMESPACE}/cfg"}
    with Backend(BODY, headers=case.headers, status=case.status) as backend:
        (port,) = free_ports(1)
        with bare(nginx, by_hand((trial,), {"web": backend.port}, f"127.0.0.1:{port}", 0)):
            at = ("127.0.0.1", port)
            expected = [seen(at, trial, ask, (backend,)) for ask in trial.asks]
        made = [*objects(trial, backend.port), config_map("cfg", given, namespace=NAMESPACE)]
        with serving(nginx, made, echo=False, allow_snippets=("*",), **options) as site:
            found = [seen(site.http, trial, ask, (backend,)) for ask in trial.asks]
            answer = site.ask("web.test", case.target)
            assert (answer.header("Last-Modified") is None) == (
                "_last_modified" not in case.location
            )
    assert found == expected
    return found[0].body


@pytest.mark.parametrize("name", CASES)
def test_text_is_replaced_as_where_the_snippet_is_pasted(nginx: Nginx, name: str) -> None:
    case = CASES[name]
    assert kept(nginx, case) == case.body.encode()


def test_those_of_the_config_map_come_behind(nginx: Nginx) -> None:
    case = Filtered("sub_filter old 1;", "", server="sub_filter b 3;")
    keys = {"location-snippet": "sub_filter old 2; sub_filter head 4;"}
    assert kept(nginx, case, keys=keys) == b"<4>a 1 b 2</head>"


def test_those_of_two_server_snippets_hold_together(nginx: Nginx) -> None:
    case = Filtered("", "", server="sub_filter old 1;")
    keys = {"server-snippet": "sub_filter old 2; sub_filter head 4;"}
    assert kept(nginx, case, keys=keys) == b"<4>a 1 b 2</head>"
