"""The proof of hosts that several namespaces share, of whose paths some are regexes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

import ingc
from ingc import compiler, ir
from ingc.plan import Layout, plan
from ingc.plan.layout import Literal, Location, directive
from tests.objects import annotated, exact, ingress, prefix, rule, specific

OBJECTS = [
    ingress(
        "web",
        rule("a.test", prefix("/", "web"), prefix("/b/x", "x"), exact("/e.e", "e")),
        namespace="shop",
        created="2024-01-01T00:00:00Z",
    ),
    ingress(
        "blog",
        rule("a.test", specific("/b(/|$)(.*)", "blog"), specific("/c[0-9]", "c")),
        namespace="blog",
        created="2024-01-02T00:00:00Z",
        annotations=annotated(use_regex="true"),
    ),
]
Locations = tuple[Location, ...]


def broken(change: Callable[[Locations], Locations]) -> Callable[[ir.Config], Layout]:
    """Return a planner that changes the locations of the host."""

    def planned(config: ir.Config) -> Layout:
        layout = plan(config)
        servers = tuple(
            dataclasses.replace(server, locations=change(server.locations))
            if server.title == "a.test"
            else server
            for server in layout.servers
        )
        return dataclasses.replace(layout, servers=servers)

    return planned


def renamed(old: str, new: str, modifier: str = "~") -> Callable[[Locations], Locations]:
    """Return what gives another name to a location."""

    def change(locations: Locations) -> Locations:
        assert any(item.name == old for item in locations)
        name = Literal(new)
        return tuple(
            dataclasses.replace(item, modifier=modifier, name=name) if item.name == old else item
            for item in locations
        )

    return change


def swapped(one: int, other: int) -> Callable[[Locations], Locations]:
    """Return what swaps two locations."""

    def change(locations: Locations) -> Locations:
        order = list(range(len(locations)))
        order[one], order[other] = order[other], order[one]
        return tuple(locations[place] for place in order)

    return change


BOUNDED = "^(?=/b(?:/|\\z))(?i:/b(/|$)(.*))"


@pytest.mark.parametrize(
    "change",
    [
        swapped(1, 2),
        swapped(2, 4),
        swapped(0, 4),
        renamed(BOUNDED, "^/b(/|$)(.*)", "~*"),
        renamed(BOUNDED, "^(?i:/b(/|$)(.*))"),
        renamed(BOUNDED, "^(?=/b(?:/|\\z))(?:/b(/|$)(.+))"),
        renamed(BOUNDED, BOUNDED, "~*"),
        renamed("^/b/x(?:/|\\z)", "^/b/x"),
        renamed("^/b/x(?:/|\\z)", "^/b/x(?:/|\\z)", "~*"),
        renamed("^/e\\.e\\z", "^/e.e\\z"),
        renamed("^/e\\.e\\z", "^/e\\.e"),
        renamed("^(?:/|\\z)", "^/b"),
    ],
)
def test_another_order_or_another_regex_is_not_proved(
    change: Callable[[Locations], Locations], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ingc.compile(OBJECTS, ingc.Options(resolver=("10.0.0.10",))).ok
    monkeypatch.setattr(compiler, "plan", broken(change))
    result = ingc.compile(OBJECTS, ingc.Options(resolver=("10.0.0.10",)))
    assert [item.code for item in result.errors] == ["ING901"]


def test_what_is_wrong_with_others_does_not_cost_the_owners_paths(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrong(locations: Locations) -> Locations:
        return tuple(
            dataclasses.replace(item, directives=(directive("return", 418),))
            if str(item.origin).startswith("blog/")
            else item
            for item in locations
        )

    monkeypatch.setattr(compiler, "plan", broken(wrong))
    result = ingc.compile(OBJECTS, ingc.Options(resolver=("10.0.0.10",)), on_error="isolate")
    assert {item.code for item in result.errors} == {"ING902"}
    assert result.ok
    assert result.match("a.test", "/z").upstream == "shop_web_80"
    assert result.match("a.test", "/b/x").upstream == "shop_x_80"
    assert result.match("a.test", "/b/y").upstream == "shop_web_80"


def test_where_the_owners_paths_are_wrong_nobody_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "plan", broken(lambda found: found[1:]))
    result = ingc.compile(OBJECTS, ingc.Options(resolver=("10.0.0.10",)), on_error="isolate")
    assert result.match("a.test", "/z").status == 503
