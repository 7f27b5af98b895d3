"""Hosts, and the merging of Ingresses: from objects through the compiler to real nginx."""

from __future__ import annotations

from typing import Any

import pytest

from ingc.nginx import Nginx
from tests.nginx.harness import serving
from tests.objects import Object, exact, ingress, prefix, rule, specific

OLD, NEW = "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"


def check(nginx: Nginx, objects: list[Object], expected: dict[str, str], **options: Any) -> None:
    """Serve objects; ``expected`` is Host, or Host and path, → Service or answer."""
    with serving(nginx, objects, **options) as site:
        found = {}
        for asked in expected:
            host, slash, path = asked.partition("/")
            found[asked] = site.who(host, (slash + path) or "/")
    assert found == expected


def test_an_exact_host(nginx: Nginx) -> None:
    check(
        nginx,
        [ingress("web", rule("foo.test", prefix("/", "foo")))],
        {
            "foo.test": "foo",
            "FOO.Test": "foo",
            "foo.test:80": "foo",
            "foo.test:8080": "foo",
            "foo.test:": "foo",
            "foo.test.": "foo",
            "foo.test.:80": "foo",
            "x.foo.test": "404",
            "xfoo.test": "404",
            "test": "404",
            "other.test": "404",
            "127.0.0.1": "404",
            "_": "404",
            "": "400",
            "foo..test": "400",
        },
    )


def test_a_wildcard_takes_exactly_one_label(nginx: Nginx) -> None:
    check(
        nginx,
        [ingress("web", rule("*.foo.test", prefix("/", "wild")))],
        {
            "a.foo.test": "wild",
            "A.FOO.test:80": "wild",
            "a-b.foo.test": "wild",
            "a_b.foo.test": "wild",
            "xn--caf-dma.foo.test": "wild",
            "*.foo.test": "wild",
            "foo.test": "404",
            "a.b.foo.test": "404",
            ".foo.test": "404",
            "afoo.test": "404",
            "a.foo.testx": "404",
            "a.fooxtest": "404",
        },
    )


def test_an_exact_host_beats_the_wildcard_and_never_falls_to_it(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("wild", rule("*.foo.test", prefix("/", "wild"))),
            ingress("exact", rule("a.foo.test", prefix("/only", "exact"))),
        ],
        {
            "a.foo.test/only": "exact",
            "a.foo.test/": "404",
            "a.foo.test/other": "404",
            "b.foo.test/only": "wild",
        },
    )


def test_wildcards_of_several_depths(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("one", rule("*.foo.test", prefix("/", "one"))),
            ingress("two", rule("*.bar.foo.test", prefix("/", "two"))),
            ingress("top", rule("*.test", prefix("/", "top"))),
        ],
        {
            "bar.foo.test": "one",
            "x.bar.foo.test": "two",
            "x.foo.test": "one",
            "foo.test": "top",
            "x.y.bar.foo.test": "404",
            "test": "404",
        },
    )


def test_rules_without_a_host_take_only_hosts_that_nobody_names(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("any", rule(None, prefix("/", "any"), exact("/x", "any-x"))),
            ingress("named", rule("a.test", prefix("/a", "a"))),
            ingress("wild", rule("*.b.test", prefix("/b", "b"))),
            ingress("empty", rule("c.test")),
        ],
        {
            "other.test": "any",
            "other.test/x": "any-x",
            "127.0.0.1/x": "any-x",
            "a.test/a": "a",
            "a.test/x": "404",
            "x.b.test/b": "b",
            "x.b.test/x": "404",
            "x.y.b.test/x": "any-x",
            ".b.test/x": "any-x",
            "b.test/x": "any-x",
            "c.test/x": "404",
        },
    )


def test_an_empty_host_is_no_host(nginx: Nginx) -> None:
    check(
        nginx, [ingress("any", {**rule(None, prefix("/", "any")), "host": ""})], {"x.test": "any"}
    )


def test_two_ingresses_share_a_host(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("one", rule("a.test", prefix("/one", "one")), created=NEW),
            ingress("two", rule("a.test", prefix("/two", "two")), namespace="other"),
            ingress("more", rule("b.test", prefix("/", "b")), rule("a.test", exact("/", "root"))),
        ],
        {"a.test/one": "one", "a.test/two": "two", "a.test/": "root", "a.test/x": "404"},
    )


@pytest.mark.parametrize("made", [exact, prefix, specific])
def test_of_two_ingresses_with_one_path_the_older_wins(nginx: Nginx, made: object) -> None:
    assert callable(made)
    check(
        nginx,
        [
            ingress("a", rule("a.test", made("/foo", "newer")), created=NEW),
            ingress("b", rule("a.test", made("/foo", "older")), created=OLD),
            ingress("c", rule("a.test", made("/foo", "undated"))),
        ],
        {"a.test/foo": "older"},
    )


def test_of_two_without_a_date_the_name_decides(nginx: Nginx) -> None:
    def web(name: str, namespace: str) -> Object:
        return ingress(
            name, rule("a.test", prefix("/", f"{namespace}-{name}")), namespace=namespace
        )

    check(nginx, [web("b", "x"), web("a", "y"), web("c", "x")], {"a.test": "x-b"})


def test_inside_one_ingress_the_first_path_wins(nginx: Nginx) -> None:
    twice = ingress(
        "web",
        rule("a.test", prefix("/foo", "first"), specific("/foo", "second")),
        rule("a.test", prefix("/foo", "third"), exact("/foo", "exact")),
    )
    check(nginx, [twice], {"a.test/foo": "exact", "a.test/foo/": "first"})


def test_an_older_short_path_does_not_beat_a_newer_long_one(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("old", rule("a.test", prefix("/", "old")), created=OLD),
            ingress("new", rule("a.test", prefix("/foo", "new")), created=NEW),
        ],
        {"a.test/foo": "new", "a.test/bar": "old"},
    )


def test_the_longest_host_and_a_wildcard_over_it(nginx: Nginx) -> None:
    suffix = ".".join(["b" * 63, "c" * 63, "d" * 61])
    host = "a" * 63 + "." + suffix
    assert len(host) == 253
    rules = [rule(host, prefix("/", "exact")), rule(f"*.{suffix}", prefix("/", "wild"))]
    check(nginx, [ingress("web", *rules)], {host: "exact", f"x.{suffix}": "wild", suffix: "404"})


def test_many_hosts(nginx: Nginx) -> None:
    numbers = range(700)
    every = ingress("web", *(rule(f"host{n}.test", prefix("/", f"s{n}")) for n in numbers))
    check(nginx, [every], {f"host{n}.test": f"s{n}" for n in numbers if n % 37 == 0})


def test_many_wildcards_and_names_below_them(nginx: Nginx) -> None:
    numbers = range(60)
    rules = [
        made
        for n in numbers
        for made in (
            rule(f"*.h{n}.test", prefix("/", f"w{n}")),
            rule(f"a.h{n}.test", prefix("/", f"a{n}")),
        )
    ]
    expected = {f"a.h{n}.test": f"a{n}" for n in numbers}
    expected |= {f"b.h{n}.test": f"w{n}" for n in numbers}
    expected |= {f"a.b.h{n}.test": "404" for n in numbers}
    check(nginx, [ingress("web", *rules)], expected)


@pytest.mark.parametrize("host", ["localhost", "default", "hostnames", "1a", "0x7f.1", "a--b"])
def test_a_host_whose_name_could_mean_something_to_nginx(nginx: Nginx, host: str) -> None:
    check(nginx, [ingress("web", rule(host, prefix("/", "web")))], {host: "web", "x.test": "404"})
