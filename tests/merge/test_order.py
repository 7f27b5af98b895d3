"""Which Ingress wins a conflict, and in which order the routes of a host are matched."""

from __future__ import annotations

import itertools

import pytest

import ingc
from tests.objects import path, rule
from tests.shop import ingress

OLD, NEW = "2024-01-01T00:00:00Z", "2024-06-01T00:00:00Z"
ORDER = [
    # the name that wins first; each pair asks for the same path
    (("shop/z", OLD), ("shop/a", NEW)),
    (("shop/z", OLD), ("shop/a", "")),
    (("shop/a", OLD), ("shop/z", OLD)),
    (("a/z", OLD), ("b/a", OLD)),
    (("shop/a", ""), ("shop/z", "")),
    (("shop/a-b", ""), ("shop/ab", "")),
    (("shop/z", "2024-01-01T01:00:00+02:00"), ("shop/a", "2024-01-01T00:00:00Z")),
    (("shop/a", "2024-01-01T00:00:00Z"), ("shop/z", "2023-12-31T23:00:00-01:00")),
    (("shop/z", "2023-12-31T23:59:59.9Z"), ("shop/a", "2024-01-01T00:00:00Z")),
]


@pytest.mark.parametrize(("winner", "loser"), ORDER)
def test_the_older_wins_then_the_name(winner: tuple[str, str], loser: tuple[str, str]) -> None:
    asked = [
        ingress(name, rule("a.test", path("/", "web")), created=created)
        for name, created in (winner, loser)
    ]
    for objects in (asked, asked[::-1]):
        result = ingc.compile(objects)
        match = result.match("a.test", "/")
        assert match.route is not None
        assert match.route.origin.ingress == winner[0]
        (found,) = [d for d in result.diagnostics if d.code == "ING210"]
        assert winner[0] in found.message
        assert found.object == f"Ingress {loser[0]}"


def test_the_order_of_the_input_changes_nothing() -> None:
    asked = [
        ingress("shop/a", rule("a.test", path("/", "web"), path("/x", "web")), created=NEW),
        ingress("shop/b", rule("a.test", path("/", "other"), path("/y", "web")), created=OLD),
        ingress("shop/c", rule("a.test", path("/", "third")), default="web"),
        ingress("blog/a", rule(None, path("/", "web")), default="web"),
    ]
    compiled = [ingc.compile(order) for order in itertools.permutations(asked)]
    assert len({result.config for result in compiled}) == 1
    assert len({result.ir for result in compiled}) == 1
    assert len({tuple(d.message for d in result.diagnostics) for result in compiled}) == 1


def test_inside_one_ingress_the_first_in_the_document_wins() -> None:
    paths = [path("/a", "first"), path("/a", "second"), path("/a", "third", "Exact")]
    result = ingc.compile([ingress("web", rule("a.test", *paths))])
    taken = result.match("a.test", "/a/b").route
    assert taken is not None
    assert taken.origin.field == "spec.rules[0].http.paths[0]"
    rows = {row.field: row.dead for row in result.routes}
    assert rows["spec.rules[0].http.paths[1]"] == "the same path as shop/web"
    assert rows["spec.rules[0].http.paths[2]"] is None


def test_routes_come_in_the_order_in_which_they_are_matched() -> None:
    paths = [
        path("/", "web"),
        path("/a", "web"),
        path("/a/b/", "web"),
        path("/a/b", "web", "Exact"),
        path("/zzzz", "web"),
        path("/", "web", "Exact"),
        path("/é", "web"),
        path("/ab", "web"),
    ]
    result = ingc.compile([ingress("web", rule("a.test", *paths))])
    assert [(row.path_type, row.path) for row in result.routes] == [
        ("Exact", "/a/b"),
        ("Exact", "/"),
        ("Prefix", "/a/b/"),
        ("Prefix", "/zzzz"),
        ("Prefix", "/ab"),
        ("Prefix", "/é"),  # three bytes
        ("Prefix", "/a"),
        ("Prefix", "/"),
    ]


def test_hosts_are_sorted_and_the_one_without_a_name_is_first() -> None:
    asked = ingress(
        "web",
        rule("b.test", path("/", "web")),
        rule("*.a.test", path("/", "web")),
        rule(None, path("/", "web")),
        rule("a.test", path("/", "web")),
    )
    result = ingc.compile([asked])
    assert [row.host for row in result.routes] == [None, "*.a.test", "a.test", "b.test"]


def test_two_ingresses_share_a_host() -> None:
    result = ingc.compile(
        [
            ingress("shop/a", rule("a.test", path("/a", "web"))),
            ingress("blog/b", rule("a.test", path("/b", "web"))),
        ]
    )
    for target, upstream in (("/a", "shop_web_80"), ("/b/c", "blog_web_80"), ("/", None)):
        assert result.match("a.test", target).upstream == upstream


DEAD = [
    ("/a//b", "/a/b"),
    ("/a/./b", "/a/b"),
    ("/a/../b", "/b"),
    ("/a/%2e%2e/b", "/b"),
    ("/a%2F%2Fb", "/a/b"),
]


@pytest.mark.parametrize(("written", "seen"), DEAD)
def test_a_path_that_nginx_never_sees_is_dead(written: str, seen: str) -> None:
    asked = ingress("web", rule("a.test", path(written, "web", "ImplementationSpecific")))
    result = ingc.compile([asked])
    (row,) = [row for row in result.routes if row.dead]
    assert row.dead == f"nginx sees such requests as {seen}"
    assert row.upstream is None
    assert result.match("a.test", written).status == 404
    assert result.match("a.test", seen).status == 404
    assert "shop_web_80" not in (result.config or "shop_web_80")


def test_of_foo_and_foo_slash_the_longer_takes_all() -> None:
    paths = [path("/foo", "short"), path("/foo/", "long")]
    result = ingc.compile([ingress("web", rule("a.test", *paths))])
    for target in ("/foo", "/foo/", "/foo/bar"):
        assert result.match("a.test", target).upstream == "shop_long_80"
    dead = next(row for row in result.routes if row.dead)
    assert dead.path == "/foo"
    assert "/foo/" in (dead.dead or "")
    assert "shop_short_80" not in (result.config or "shop_short_80")
