"""Hosts that several namespaces share: what each of them gets."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.diagnostics import Severity
from ingc.tenancy_report import shared_as_text, shared_hosts
from tests.objects import Object, annotated, exact, ingress, prefix, rule, specific
from tests.objects import tls as entry

HOST = "a.test"


def shop(*paths: Object, **more: Any) -> Object:
    return ingress(
        "web",
        rule(HOST, *(paths or (prefix("/", "web"),))),
        namespace="shop",
        created="2024-01-01T00:00:00Z",
        **more,
    )


def blog(*paths: Object, **more: Any) -> Object:
    return ingress(
        "blog",
        rule(HOST, *paths),
        namespace="blog",
        created="2024-01-02T00:00:00Z",
        **more,
    )


def compiled(*objects: Object, on_error: ingc.OnError = "isolate", **options: Any) -> ingc.Result:
    given = {"resolver": ("10.0.0.10",), **options}
    return ingc.compile(objects, ingc.Options(**given), on_error=on_error)


def answers(result: ingc.Result, *targets: str, scheme: str = "http") -> list[str]:
    found = (result.match(HOST, target, scheme=scheme) for target in targets)
    return [item.upstream or f"{item.status}" for item in found]


def codes(result: ingc.Result) -> list[str]:
    return [item.code for item in result.diagnostics]


REGEX = annotated(use_regex="true")


def test_only_the_path_that_is_no_regex_is_closed() -> None:
    result = compiled(shop(), blog(specific("/zz(", "blog"), annotations=REGEX))
    assert answers(result, "/", "/zz(", "/zz", "/x") == ["shop_web_80", "503"] + ["shop_web_80"] * 2
    assert codes(result) == ["ING220"]


def test_other_regexes_of_its_namespace_are_closed_with_it() -> None:
    paths = (specific("/zz(", "blog"), specific("/blog(/|$)", "blog"))
    result = compiled(shop(), blog(*paths, annotations=REGEX))
    assert answers(result, "/blog/a", "/blogs") == ["503", "shop_web_80"]


def test_a_broken_regex_of_the_owner_closes_its_host() -> None:
    broken = shop(specific("/zz(", "web"), annotations=REGEX)
    result = compiled(broken, blog(prefix("/blog", "blog")))
    assert answers(result, "/", "/blog") == ["503", "503"]


def test_a_path_too_long_for_the_target_is_closed_alone() -> None:
    long = "/" + "x" * 300
    result = compiled(shop(), blog(prefix(long, "blog")), nginx_version="1.22")
    assert answers(result, "/", long, long + "/a", long + "x") == [
        "shop_web_80",
        "503",
        "503",
        "shop_web_80",
    ]
    assert codes(result) == ["ING601"]


@pytest.mark.parametrize(
    "asked",
    [
        {"auth_tls_match_cn": "CN=me"},
        {"auth_tls_secret": "blog/nobody"},
        {"auth_tls_secret": "shop/nobody"},
    ],
)
def test_who_does_not_get_client_certificates_is_closed_alone(asked: dict[str, str]) -> None:
    result = compiled(shop(), blog(prefix("/blog", "blog"), annotations=annotated(**asked)))
    assert answers(result, "/", "/blog") == ["shop_web_80", "503"]
    assert [item.severity for item in result.diagnostics] == [Severity.ERROR]


def test_certificates_that_the_owner_asks_for_as_well_do_not_serve_another() -> None:
    mine = annotated(auth_tls_secret="shop/ca")  # noqa: S106 - a name
    closed = annotated(auth_tls_match_cn="CN=me")
    result = compiled(
        shop(annotations=mine),
        blog(prefix("/blog", "blog"), annotations=closed),
        secret_files=False,
    )
    route = result.match(HOST, "/blog").route
    assert route is None or route.action == ingc.ir.StatusAnswer(503)


def test_tls_of_another_namespace_has_no_effect() -> None:
    theirs = blog(prefix("/blog", "blog"), tls=[entry(HOST, by="nobody")])
    result = compiled(shop(), theirs)
    assert answers(result, "/", "/blog") == ["shop_web_80", "blog_blog_80"]
    assert codes(result) == ["ING241"]
    assert [item.code for item in compiled(shop(), theirs, strict=True).errors] == ["ING241"]
    assert answers(compiled(shop(), theirs, trust_namespaces=True), "/") == ["308"]


def test_a_default_backend_of_another_namespace_has_no_effect() -> None:
    mine, theirs = shop(prefix("/a", "web")), blog(prefix("/blog", "blog"), default="lost")
    assert answers(compiled(mine, theirs), "/x") == ["404"]
    given = compiled(mine, theirs, host_owner={HOST: "blog"})
    assert answers(given, "/x") == ["blog_lost_80"]


def test_regexes_take_nothing_of_the_owners_longer_paths() -> None:
    mine = shop(prefix("/", "web"), prefix("/blog/admin", "admin"), exact("/blog", "one"))
    theirs = blog(specific("/blog.*", "blog"), specific("/(zz)?.*", "all"), annotations=REGEX)
    result = compiled(mine, theirs)
    asked = ("/blog", "/blog/", "/blog/a", "/blog/admin/x", "/BLOG/a", "/blogs", "/zz")
    assert answers(result, *asked) == [
        "shop_one_80",
        *["blog_blog_80"] * 2,
        "shop_admin_80",
        *["shop_web_80"] * 3,
    ]


def test_a_third_namespace_moves_nobody() -> None:
    mine = shop(specific("/(a|b)/x/(.*)", "long"), specific("/a", "short"), annotations=REGEX)
    theirs = blog(prefix("/a/b", "plain"), exact("/a", "one"))
    third = ingress(
        "third",
        rule(HOST, specific("/a/b/c.*", "third")),
        namespace="third",
        created="2025-01-01T00:00:00Z",
        annotations=REGEX,
    )
    asked = ("/a", "/a/b", "/a/b/x", "/b/x/1", "/A", "/ab", "/a/x/1", "/c")
    before = answers(compiled(mine, theirs), *asked)
    after = answers(compiled(mine, theirs, third), *asked)
    assert after == before
    assert answers(compiled(mine, theirs, third), "/a/b/c") == ["third_third_80"]


def test_a_canary_belongs_to_the_path_of_its_own_namespace() -> None:
    mine = shop(specific("/a/", "web"), annotations=REGEX)
    theirs = blog(prefix("/a/", "blog"))
    canary = ingress(
        "canary",
        rule(HOST, specific("/a/", "new")),
        namespace="shop",
        annotations=annotated(canary="true", canary_weight="100"),
    )
    with_canary = compiled(mine, canary)
    assert answers(with_canary, "/A/") == ["shop_new_80"]
    assert answers(compiled(mine, theirs, canary), "/A/", "/a") == ["shop_new_80", "blog_blog_80"]


@pytest.mark.parametrize("older", [True, False])
def test_paths_too_long_beside_regexes(older: bool) -> None:
    """As a regex a path of 2,000 dots is longer than nginx reads: what came later is refused."""
    long = "/" + "." + "..." * 700
    mine = shop(prefix("/", "web"), *([prefix(long, "long")] if older else []))
    theirs = blog(specific("/blog.*", "blog"), annotations=REGEX)
    third = ingress(
        "third",
        rule(HOST, prefix(long, "third"), prefix("/third", "third")),
        namespace="third",
        created="2025-01-01T00:00:00Z",
    )
    result = compiled(mine, theirs, *([] if older else [third]))
    assert codes(result) == (["ING208", "ING213"] if older else ["ING244", "ING208"])
    expected = ["shop_web_80", "shop_long_80"] if older else ["blog_blog_80", "shop_web_80"]
    assert answers(result, "/blog/a", long) == expected
    assert older or answers(result, "/third/x") == ["503"]


def test_what_changes_is_listed() -> None:
    theirs = blog(
        specific("/blog.*", "blog"),
        annotations=annotated(use_regex="true", app_root="/blog"),
        default="lost",
    )
    plain = ingress(
        "third", rule(HOST, prefix("/c", "c")), namespace="third", created="2025-01-01T00:00:00Z"
    )
    alone = ingress("own", rule("b.test", prefix("/", "b")), namespace="third")
    config = compiled(shop(), theirs, plain, alone).ir
    assert config is not None
    assert shared_as_text(shared_hosts(config)).splitlines() == [
        "a.test  belongs to shop, shared with blog, third",
        "  blog/blog: app-root has no effect",
        "  blog/blog: spec.defaultBackend has no effect",
        "  blog/blog: regex /blog.* takes only what is below /blog",
        "  third: 1 path stays Exact and Prefix beside the regexes of blog",
        "  shop: 1 path stays Exact and Prefix beside the regexes of blog",
    ]
    alone_config = compiled(alone).ir
    assert alone_config is not None
    assert shared_as_text(shared_hosts(alone_config)).startswith("no host is shared")
