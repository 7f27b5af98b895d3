"""Aliases that are regexes take nothing that an older namespace has."""

from __future__ import annotations

import pytest

import ingc
from tests.objects import Object, annotated, ingress, prefix, rule

BOTH = "~^b[0-9]+[.]test$"


def of(namespace: str, year: int, *rules: Object, alias: str = "") -> Object:
    return ingress(
        f"made-{year}",
        *rules,
        namespace=namespace,
        created=f"{year}-01-01T00:00:00Z",
        annotations=annotated(server_alias=alias) if alias else {},
    )


def on(host: str, namespace: str) -> Object:
    return rule(host, prefix("/", namespace))


def taken(name: str, *objects: Object, **options: bool) -> str | None:
    result = ingc.compile(objects, ingc.Options(resolver=("10.0.0.10",), **options))
    assert result.ok
    return result.match(name, "/").upstream


UNNAMED = of("shop", 2024, rule(None, prefix("/", "shop")))
REGEX = of("shop", 2024, on("shop.test", "shop"), alias=BOTH)


@pytest.mark.parametrize("alias", ["~.", BOTH, "own.test, ~^b1"])
def test_a_younger_regex_takes_no_name_from_rules_without_a_host(alias: str) -> None:
    blog = of("blog", 2025, on("blog.test", "blog"), alias=alias)
    assert taken("b1.test", UNNAMED, blog) == "shop_shop_80"
    assert taken("b1.test", UNNAMED, blog, trust_namespaces=True) == "blog_blog_80"


def test_an_exact_alias_takes_its_name_and_an_older_regex_its_own() -> None:
    blog = of("blog", 2025, on("blog.test", "blog"), alias="~., own.test")
    assert taken("own.test", UNNAMED, blog) == "blog_blog_80"
    blog = of("blog", 2023, on("blog.test", "blog"), alias="~.")
    assert taken("b1.test", UNNAMED, blog) == "blog_blog_80"


def test_the_regexes_of_the_namespace_that_takes_unnamed_hosts_stay() -> None:
    more = of("shop", 2025, on("more.test", "more"), alias=BOTH)
    assert taken("b1.test", UNNAMED, more) == "shop_more_80"


@pytest.mark.parametrize(
    ("host", "alias"), [("*.blog.test", "~^b1"), ("blog.test", "*.blog.test, ~^b1")]
)
def test_a_younger_regex_beside_a_wildcard_does_not_come_first(host: str, alias: str) -> None:
    blog = of("blog", 2025, on(host, "blog"), alias=alias)
    assert taken("b1.test", REGEX, blog) == "shop_shop_80"
    assert taken("x.blog.test", REGEX, blog) == "blog_blog_80"


def test_a_wildcard_with_a_regex_is_not_taken_by_an_older_regex() -> None:
    old = of("old", 2023, on("*.old.test", "old"), alias="~.")
    shop = of("shop", 2024, on("*.shop.test", "shop"), alias="~^b1")
    assert taken("x.shop.test", old, shop) == "shop_shop_80"
    assert taken("b1.test", old, shop) == "old_old_80"


def test_an_older_regex_beside_a_wildcard_stays() -> None:
    blog = of("blog", 2023, on("*.blog.test", "blog"), alias="~^b1")
    assert taken("b1.test", REGEX, blog) == "blog_blog_80"
    assert taken("b2.test", REGEX, blog) == "shop_shop_80"


def lost(*objects: Object) -> set[str]:
    result = ingc.compile(objects, ingc.Options(resolver=("10.0.0.10",)))
    return {item.message for item in result.diagnostics if item.code == "ING242"}


def test_names_that_another_namespace_loses_are_reported() -> None:
    shop = of("shop", 2024, on("*.shop.test", "shop"), rule(None, prefix("/", "shop")))
    alias = "x.shop.test, *.y.test, z.test"
    assert lost(shop, of("blog", 2025, on("blog.test", "blog"), alias=alias)) == {
        "blog.test no longer goes to the rules without a host of namespace shop",
        "x.shop.test no longer goes to *.shop.test of namespace shop",
        "*.y.test, z.test no longer goes to the rules without a host of namespace shop",
    }
    assert not lost(shop, of("shop", 2025, on("blog.test", "shop"), alias=alias))
    assert not lost(shop, of("blog", 2023, on("blog.test", "blog"), alias=alias))


def test_a_wildcard_rule_and_a_twin_are_reported_too() -> None:
    twin = of("blog", 2025, on("y.test", "blog"))
    twin["metadata"]["annotations"] = annotated(from_to_www_redirect="true")
    assert lost(UNNAMED, twin, of("blog", 2026, on("*.z.test", "blog"))) == {
        "y.test, *.z.test no longer goes to the rules without a host of namespace shop",
        "www.y.test no longer goes to the rules without a host of namespace shop",
    }
