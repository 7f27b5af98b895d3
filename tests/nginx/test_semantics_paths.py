"""Paths: each rule of the Ingress semantics, from objects through the compiler to real nginx."""

from __future__ import annotations

from ingc.nginx import Nginx
from tests.nginx.harness import serving
from tests.objects import Object, exact, ingress, prefix, rule, specific

HOST = "a.test"


def check(nginx: Nginx, paths: list[Object], expected: dict[str, str]) -> None:
    """Serve paths on one host; ``expected`` is target → Service, or what is answered instead."""
    with serving(nginx, [ingress("web", rule(HOST, *paths))]) as site:
        found = {target: site.who(HOST, target) for target in expected}
    assert found == expected


def test_exact_takes_the_equal_path_alone(nginx: Nginx) -> None:
    check(
        nginx,
        [exact("/foo", "foo")],
        {
            "/foo": "foo",
            "/foo?a=b": "foo",
            "/foo/": "404",
            "/foo/bar": "404",
            "/foobar": "404",
            "/fo": "404",
            "/": "404",
        },
    )


def test_prefix_goes_by_elements(nginx: Nginx) -> None:
    check(
        nginx,
        [prefix("/foo", "foo")],
        {
            "/foo": "foo",
            "/foo/": "foo",
            "/foo/bar": "foo",
            "/foo/bar/": "foo",
            "/foobar": "404",
            "/foo.html": "404",
            "/fo": "404",
            "/bar/foo": "404",
            "/": "404",
        },
    )


def test_a_trailing_slash_in_a_prefix_changes_nothing(nginx: Nginx) -> None:
    check(
        nginx,
        [prefix("/aaa/bbb/", "bbb")],
        {
            "/aaa/bbb": "bbb",
            "/aaa/bbb/": "bbb",
            "/aaa/bbb/ccc": "bbb",
            "/aaa/bbbccc": "404",
            "/aaa": "404",
        },
    )


def test_the_root_prefix_takes_all(nginx: Nginx) -> None:
    check(nginx, [prefix("/", "all")], {"/": "all", "/foo": "all", "/foo/bar/": "all"})


def test_the_longest_prefix_wins(nginx: Nginx) -> None:
    check(
        nginx,
        [prefix("/", "root"), prefix("/aaa", "aaa"), prefix("/aaa/bbb", "bbb")],
        {
            "/": "root",
            "/aa": "root",
            "/aaa": "aaa",
            "/aaa/": "aaa",
            "/aaa/b": "aaa",
            "/aaa/bbb": "bbb",
            "/aaa/bbb/": "bbb",
            "/aaa/bbb/x": "bbb",
            "/aaa/bbbb": "aaa",
            "/aaab": "root",
        },
    )


def test_the_order_in_the_document_does_not_count(nginx: Nginx) -> None:
    paths = [prefix("/aaa/bbb", "bbb"), prefix("/", "root"), prefix("/aaa", "aaa")]
    expected = {"/aaa/bbb/x": "bbb", "/aaa/x": "aaa", "/x": "root"}
    check(nginx, paths, expected)
    check(nginx, paths[::-1], expected)


def test_exact_beats_prefix_whatever_the_lengths(nginx: Nginx) -> None:
    check(
        nginx,
        [exact("/foo", "exact"), prefix("/foo", "prefix")],
        {"/foo": "exact", "/foo/": "prefix", "/foo/x": "prefix", "/foobar": "404"},
    )
    check(
        nginx,
        [exact("/foo", "exact"), prefix("/foo/", "prefix"), prefix("/", "root")],
        {"/foo": "exact", "/foo/": "prefix", "/foo/x": "prefix", "/foobar": "root"},
    )


def test_exact_with_a_slash_does_not_take_the_path_without_it(nginx: Nginx) -> None:
    """nginx of itself would answer 301 here."""
    check(nginx, [exact("/foo/", "foo")], {"/foo/": "foo", "/foo": "404", "/foo/x": "404"})
    check(
        nginx,
        [exact("/foo/", "exact"), prefix("/", "root")],
        {"/foo/": "exact", "/foo": "root", "/foo/x": "root"},
    )


def test_exact_with_a_slash_beside_the_same_prefix(nginx: Nginx) -> None:
    check(
        nginx,
        [exact("/foo/", "exact"), prefix("/foo", "prefix")],
        {"/foo/": "exact", "/foo": "prefix", "/foo/x": "prefix"},
    )
    check(
        nginx,
        [exact("/foo/", "slash"), exact("/foo", "plain"), prefix("/foo/", "prefix")],
        {"/foo/": "slash", "/foo": "plain", "/foo/x": "prefix"},
    )


def test_exact_with_a_slash_below_a_shorter_prefix(nginx: Nginx) -> None:
    check(
        nginx,
        [exact("/foo/bar/", "exact"), prefix("/foo", "prefix")],
        {"/foo/bar/": "exact", "/foo/bar": "prefix", "/foo/bar/x": "prefix", "/foo": "prefix"},
    )


def test_of_prefix_with_and_without_slash_the_longer_text_wins(nginx: Nginx) -> None:
    for paths in (
        [prefix("/foo", "dead"), prefix("/foo/", "live")],
        [prefix("/foo/", "live"), prefix("/foo", "dead")],
    ):
        check(nginx, paths, {"/foo": "live", "/foo/": "live", "/foo/x": "live", "/foobar": "404"})


def test_exact_root_beside_prefix_root(nginx: Nginx) -> None:
    check(
        nginx,
        [exact("/", "exact"), prefix("/", "prefix")],
        {"/": "exact", "/?q": "exact", "/bar": "prefix", "//": "exact", "/x/..": "exact"},
    )
    check(nginx, [exact("/", "exact")], {"/": "exact", "/bar": "404"})


def test_case_counts(nginx: Nginx) -> None:
    check(
        nginx,
        [prefix("/Foo", "upper"), exact("/bar", "lower")],
        {"/Foo": "upper", "/foo": "404", "/FOO/x": "404", "/bar": "lower", "/Bar": "404"},
    )


def test_implementation_specific_is_prefix(nginx: Nginx) -> None:
    check(
        nginx,
        [specific("/foo", "foo"), specific("/bar/", "bar")],
        {
            "/foo": "foo",
            "/foo/x": "foo",
            "/foobar": "404",
            "/bar": "bar",
            "/bar/x": "bar",
            "/barx": "404",
        },
    )
    check(nginx, [specific("", "all")], {"/": "all", "/x": "all"})


def test_a_missing_path_is_404(nginx: Nginx) -> None:
    check(nginx, [prefix("/foo", "foo")], {"/": "404", "/index.html": "404", "/../": "400"})


def test_requests_are_matched_in_their_normal_form(nginx: Nginx) -> None:
    check(
        nginx,
        [prefix("/foo", "foo"), exact("/foo/bar", "bar"), prefix("/", "root")],
        {
            "//foo": "foo",
            "/foo//bar": "bar",
            "/foo/./bar": "bar",
            "/x/../foo/bar": "bar",
            "/foo/x/..": "foo",
            "/foo/..": "root",
            "/foo/../bar": "root",
            "/%66oo": "foo",
            "/foo%2Fbar": "bar",
            "/foo/%2e%2e/x": "root",
            "/foo%252Fbar": "root",
            "/foo%3Fbar": "root",
            "/foo#bar": "foo",
            "/foo/bar?x=/../..": "bar",
            "http://a.test/foo/bar": "bar",
            "/foo/../..": "400",
            "/foo%00": "400",
            "/foo%zz": "400",
        },
    )
