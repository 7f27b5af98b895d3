"""``sub_filter`` in snippets: what is refused, and what a route then has."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.ir.features.tuning import Tuning
from tests.objects import Object, config_map, ingress, prefix, rule, service

PREFIX = "nginx.ingress.kubernetes.io/"
FILTER = "sub_filter a b;"
WITH: dict[str, Any] = {"allow_snippets": ("*",), "with_module": ("sub",)}
REFUSED = (
    'sub_filter "" b;',
    "sub_filter a;",
    "sub_filter a b c;",
    "sub_filter a b { }",
    'sub_filter "a\nb" c;',
    'sub_filter a "b\nc";',
    'sub_filter a "b\\nc";',
    "sub_filter a $uri;",
    "sub_filter $uri b;",
    "sub_filter a $1;",
    "sub_filter a $nothing;",
    "sub_filter a $;",
    "sub_filter $service_name b;",
    "set $y $uri; sub_filter a $y;",
    "sub_filter_once maybe;",
    "sub_filter_types html;",
    "sub_filter_types;",
    "sub_filter_last_modified;",
    FILTER * 101,
)


def compiled(snippet: str, kind: str = "configuration-snippet", **options: Any) -> ingc.Result:
    return ingc.compile(objects(snippet, kind), ingc.Options(**options))


def objects(snippet: str, kind: str) -> list[Object]:
    annotations = {PREFIX + kind: snippet, PREFIX + "auth-url": "http://10.9.9.9/"}
    made = ingress("web", rule("a.test", prefix("/", "web")), annotations=annotations)
    return [made, service("web", 80)]


def helps(result: ingc.Result) -> set[str]:
    return {item.help for item in result.errors}


def filters(result: ingc.Result) -> list[tuple[str, ...]]:
    assert result.ok, result.diagnostics
    assert result.ir is not None
    routes = (route for host in result.ir.hosts for route in host.routes)
    features = (item for route in routes for item in route.features)
    found = [item for item in features if isinstance(item, Tuning) and item.repeats]
    return [tuple(map(str, args)) for item in found for args in item.each()]


@pytest.mark.parametrize("kind", ["configuration-snippet", "server-snippet"])
@pytest.mark.parametrize(
    "snippet",
    [FILTER, "sub_filter_once on;", "sub_filter_types *;", "sub_filter_last_modified on;"],
)
def test_it_needs_the_module(snippet: str, kind: str) -> None:
    without = compiled(snippet, kind, allow_snippets=("*",))
    assert {item.code for item in without.errors} == {"ING424"}
    (help_text,) = helps(without)
    assert "pass --with-module sub where nginx -V shows --with-http_sub_module" in help_text
    assert compiled(snippet, kind, **WITH).ok


@pytest.mark.parametrize("snippet", REFUSED)
def test_what_nginx_could_not_do_is_refused(snippet: str) -> None:
    for kind in ("configuration-snippet", "server-snippet"):
        result = compiled(snippet, kind, **WITH)
        assert {item.code for item in result.errors} == {"ING425"}, result.diagnostics


def test_it_is_taken_for_locations_and_servers_alone() -> None:
    result = compiled(FILTER, "auth-snippet", **WITH)
    assert {item.code for item in result.errors} == {"ING424"}
    (item,) = result.errors
    assert item.label == "it is not taken for the request to an auth service"
    for key in ("http-snippet", "main-snippet"):
        given = [
            *objects("add_header X 1;", "configuration-snippet"),
            config_map("c", {key: FILTER}),
        ]
        result = ingc.compile(given, ingc.Options(configmap="default/c", **WITH))
        assert {item.code for item in result.errors} == {"ING424"}


def test_each_stays_in_its_order() -> None:
    many = "".join(f"sub_filter t{number} r{number};" for number in range(100, 0, -1))
    found = filters(compiled(many, **WITH))
    assert found == [(f"t{number}", f"r{number}") for number in range(100, 0, -1)]
    twice = "sub_filter a b; sub_filter_once off; sub_filter a b;"
    assert filters(compiled(twice, **WITH)) == [("a", "b"), ("a", "b")]


def test_names_of_the_route_are_written_out() -> None:
    result = compiled("sub_filter $namespace/$ingress_name '$service_name $host';", **WITH)
    assert filters(result) == [("default/web", "web $host")]
