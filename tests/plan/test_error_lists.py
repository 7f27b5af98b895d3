"""Error pages of a server that differ in a few values repeat no list of headers."""

from __future__ import annotations

import re
from collections import Counter

import ingc
from ingc.plan.error_lists import hands_on, share_lists
from ingc.plan.hoisting import hoist
from ingc.plan.layout import Comment, Directive, Literal, Location, Server, directive
from ingc.plan.pieces import InnerNames
from ingc.syntax.text import Variable
from tests.objects import annotated, ingress, prefix, rule, service

PASS = directive("proxy_pass", "http://errors")
ROOT = directive("rewrite", Literal("^"), "/", "break")


def page(status: int, of: str, *more: Directive, headers: int = 5) -> Location:
    """Return an error page with a list of headers."""
    same = (directive("proxy_set_header", f"X-{n}", "same") for n in range(headers))
    code = directive("proxy_set_header", "X-Code", status)
    return Location(
        Comment("a page"),
        "",
        Literal(f"@ingc/error-{status}/{of}"),
        (*same, code, *more, ROOT, PASS),
    )


def test_pages_that_differ_in_values_have_one_list() -> None:
    first, second = page(404, "a/web"), page(503, "a/web")
    one, other, shared = share_lists((first, second), InnerNames())
    hand = directive("try_files", "", Literal("@ingc/errors/a/web"))
    assert shared.name == "@ingc/errors/a/web"
    assert [item.name for item in (one, other)] == [first.name, second.name]
    assert [(len(item.directives), item.directives[-1]) for item in (one, other)] == [(2, hand)] * 2
    code = Variable("ingc_error_x_code")
    assert [item.directives[0].args for item in (one, other)] == [(code, 404), (code, 503)]
    assert directive("proxy_set_header", "X-Code", code) in shared.directives
    assert len(shared.directives) == len(first.directives)


def test_what_differs_in_more_stays_apart() -> None:
    limit = directive("client_max_body_size", "1k")
    alone = (page(404, "a/web"), page(404, "b/web", limit), page(404, "c/web", headers=6))
    assert share_lists(alone, InnerNames()) == alone


def test_other_locations_stay_as_they_are() -> None:
    content = (directive("proxy_set_header", "X", 1), PASS)
    others = [
        Location(Comment("other"), modifier, Literal(name), content)
        for modifier, name in (("=", "//ingc/auth/a"), ("=", "//ingc/auth/b"), ("", "@ingc/x/a"))
    ]
    assert share_lists(others, InnerNames()) == tuple(others)


def test_where_a_request_may_be_led_on_each_keeps_its_list() -> None:
    pages = (page(404, "a/web"), page(503, "a/web"))
    assert share_lists(pages, InnerNames(guarded=True)) == pages


def test_what_is_moved_up_leaves_pages_that_hand_on_as_they_are() -> None:
    added = tuple(directive("add_header", f"X-{n}", "1", "always") for n in range(30))
    routes = [Location(Comment("a rule"), "", Literal(f"/{n}"), (*added, PASS)) for n in range(2)]
    pages = share_lists((page(404, "a", *added), page(503, "a", *added)), InnerNames())
    server = hoist(Server(Comment("a.test"), (), (*routes, *pages)), ())
    assert server.directives == added
    kept = [item for item in server.locations if hands_on(item)]
    assert tuple(kept) == pages[:2]


def test_no_server_repeats_what_an_error_backend_is_sent() -> None:
    """Of 12 pages for two kinds of requests, those with a body and those without, two have it."""
    names = ("web", "cart", "pay")
    pages = annotated(custom_http_errors="404,413,500,503", default_backend="errors")
    result = ingc.compile(
        [
            *(service(name, 80, clusterIP="10.0.0.1") for name in (*names, "errors")),
            *(
                ingress(name, rule("a.test", prefix(f"/{name}", name)), annotations=pages)
                for name in names
            ),
        ]
    )
    assert result.config is not None
    blocks = re.findall(r"location (@ingc/\S+) \{\n(.*?)\n +\}", result.config, re.DOTALL)
    lines = {name: inner.count("proxy_set_header") for name, inner in blocks}
    of_pages = {name: len(inner.split("\n")) for name, inner in blocks if not lines[name]}
    assert len(of_pages) == 12
    assert max(of_pages.values()) == 4
    assert Counter(lines.values()) == {0: 12, 21: 1, 22: 1}
