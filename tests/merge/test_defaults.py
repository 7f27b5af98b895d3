"""Who serves what no rule takes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import ingc
from tests.objects import Object, path, rule
from tests.shop import ingress, service, slice_of

BY_NAME = ingc.Options(partial=True, resolver=("10.0.0.53",))
"""Services need not be in the input."""
OPTIONS = dataclasses.replace(BY_NAME, default_backend_service="shop/global:80")
GLOBAL = service("global", clusterIP="10.96.0.7")

OWN = ingress("own", rule("own.test", path("/a", "web")), default="own")
BARE = ingress("bare", rule("bare.test", path("/a", "web")))
RULELESS = ingress("ruleless", default="ruleless")
HOSTLESS = ingress("hostless", rule(None, path("/any", "web")))
HOSTLESS_OWN = ingress("hostless", rule(None, path("/any", "web")), default="own")
WITHOUT_HTTP = ingress("no-http", rule("own.test"), default="own")

CASES: list[tuple[list[Object], str, str, str | int]] = [
    # objects, host, path, the upstream or the status
    ([BARE], "bare.test", "/a", "shop_web_80"),
    ([BARE], "bare.test", "/b", 404),
    ([BARE], "unknown.test", "/a", 404),
    ([OWN], "own.test", "/a", "shop_web_80"),
    ([OWN], "own.test", "/b", "shop_own_80"),
    ([OWN], "unknown.test", "/", 404),  # it serves only hosts that its Ingress names
    ([WITHOUT_HTTP], "own.test", "/", "shop_own_80"),
    ([RULELESS], "unknown.test", "/", "shop_ruleless_80"),
    ([RULELESS, BARE], "unknown.test", "/", "shop_ruleless_80"),
    ([RULELESS, BARE], "bare.test", "/b", 404),  # only hosts that nobody names
    ([RULELESS, BARE], "bare.test", "/a", "shop_web_80"),
    ([RULELESS, OWN], "own.test", "/b", "shop_own_80"),
    ([HOSTLESS], "unknown.test", "/any", "shop_web_80"),
    ([HOSTLESS], "unknown.test", "/b", 404),
    ([HOSTLESS, BARE], "bare.test", "/any", 404),  # the host is chosen first
    ([HOSTLESS_OWN], "unknown.test", "/b", "shop_own_80"),
    ([HOSTLESS_OWN, BARE], "bare.test", "/b", 404),
    ([RULELESS, HOSTLESS], "unknown.test", "/any", "shop_web_80"),  # never ahead of a rule
    ([RULELESS, HOSTLESS], "unknown.test", "/b", "shop_ruleless_80"),
    (
        [RULELESS, ingress("all", rule(None, path("/", "web")))],
        "unknown.test",
        "/b",
        "shop_web_80",
    ),
]


@pytest.mark.parametrize(("objects", "host", "target", "outcome"), CASES)
def test_without_a_global_default(
    objects: list[Object], host: str, target: str, outcome: str | int
) -> None:
    match = ingc.compile(objects, BY_NAME).match(host, target)
    assert (match.upstream or match.status) == outcome


@pytest.mark.parametrize(("objects", "host", "target", "outcome"), CASES)
def test_the_global_default_takes_what_would_be_404(
    objects: list[Object], host: str, target: str, outcome: str | int
) -> None:
    match = ingc.compile([*objects, GLOBAL], OPTIONS).match(host, target)
    expected = "shop_global_80" if outcome == 404 else outcome
    assert (match.upstream or match.status) == expected


def test_of_several_ingresses_the_first_that_has_a_default_decides() -> None:
    objects = [
        ingress("a", rule("a.test", path("/a", "web"))),
        ingress("c", rule("a.test", path("/c", "web")), default="third"),
        ingress("b", rule("a.test", path("/b", "web")), default="second"),
    ]
    result = ingc.compile(objects, BY_NAME)
    assert result.match("a.test", "/x").upstream == "shop_second_80"
    (found,) = [d for d in result.diagnostics if d.code == "ING215"]
    assert found.object == "Ingress shop/c"
    assert [also.origin.object and also.origin.object.name for also in found.also] == ["b"]


def test_the_default_of_an_older_ingress_wins() -> None:
    objects = [
        ingress("a", default="new", created="2024-02-01T00:00:00Z"),
        ingress("b", default="old", created="2024-01-01T00:00:00Z"),
    ]
    assert ingc.compile(objects, BY_NAME).match("x.test", "/").upstream == "shop_old_80"


def test_a_default_backend_serves_every_host_of_its_ingress_and_wildcards_too() -> None:
    asked = ingress("web", rule("*.a.test", path("/a", "web")), rule("b.test"), default="own")
    result = ingc.compile([asked], BY_NAME)
    for host in ("x.a.test", "b.test"):
        assert result.match(host, "/zzz").upstream == "shop_own_80"
    assert result.match("a.test", "/zzz").status == 404
    assert result.match("x.y.a.test", "/zzz").status == 404


def test_the_note_about_misses_names_the_hosts() -> None:
    result = ingc.compile([RULELESS, BARE, OWN], BY_NAME)
    (note,) = [d for d in result.diagnostics if d.code == "ING214"]
    assert "bare.test" in note.message
    assert "own.test" not in note.message
    assert note.object == "Ingress shop/ruleless"


def test_an_exact_host_does_not_fall_to_its_wildcard() -> None:
    asked = ingress(
        "web",
        rule("x.a.test", path("/only", "exact")),
        rule("*.a.test", path("/", "wild")),
    )
    result = ingc.compile([asked], BY_NAME)
    assert result.match("x.a.test", "/").status == 404
    assert result.match("y.a.test", "/").upstream == "shop_wild_80"


GLOBALS: list[tuple[str, list[Object], str | None, list[str]]] = [
    ("shop/global", [GLOBAL], "shop_global_80", []),
    ("shop/global:80", [GLOBAL], "shop_global_80", []),
    ("shop/global:http", [service("global", {"name": "http", "port": 81})], "shop_global_81", []),
    ("shop/global:81", [GLOBAL], None, ["ING330"]),
    ("shop/global", [], None, ["ING330"]),
    ("shop/global:80", [], "shop_global_80", []),  # by its DNS name
    ("shop/global:http", [], None, ["ING330"]),
    ("other/global", [GLOBAL], None, ["ING330"]),
    ("shop/global", [service("global", {"port": 53, "protocol": "UDP"})], None, ["ING330"]),
]


@pytest.mark.parametrize(("value", "objects", "upstream", "codes"), GLOBALS)
def test_the_service_of_the_global_default(
    value: str, objects: list[Object], upstream: str | None, codes: list[str]
) -> None:
    options = dataclasses.replace(BY_NAME, default_backend_service=value)
    result = ingc.compile([BARE, *objects], options)
    assert result.ok
    assert [d.code for d in result.diagnostics] == codes
    match = result.match("unknown.test", "/")
    assert match.upstream == upstream
    assert match.status == (None if upstream else 404)


def test_a_global_default_without_endpoints_answers_404() -> None:
    result = ingc.compile([BARE, GLOBAL, slice_of("global")], OPTIONS)
    assert result.match("unknown.test", "/").status == 404
    assert "ING330" in {d.code for d in result.diagnostics}


def test_a_broken_global_default_answers_404() -> None:
    broken: Any = service("global", clusterIP="nowhere")
    result = ingc.compile([BARE, broken], OPTIONS, on_error="isolate")
    assert result.match("unknown.test", "/").status == 404
