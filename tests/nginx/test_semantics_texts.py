"""Any text as a path: metacharacters, escapes, forms that nginx never sees, great lengths."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from ingc.nginx import Nginx
from ingc.target import LONG_LOCATIONS
from tests.nginx.test_semantics_paths import check
from tests.objects import exact, prefix, specific


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/caf%C3%A9", "/café"),
        ("/café", "/café"),
        ("/a%20b", "/a b"),
        ("/a b", "/a b"),
        ("/f%6Fo", "/foo"),
        ("/100%", "/100%"),
        ("/100%25", "/100%"),
        ("/%2541", "/%41"),
        ("/a%23b", "/a#b"),
        ("/a%3Fb", "/a?b"),
        ("/a%0Ab", "/a\nb"),
        ("/{x}", "/{x}"),
        ("/a;b", "/a;b"),
        ("/$x", "/$x"),
        ("/${host}", "/${host}"),
        ('/"', '/"'),
        ("/'", "/'"),
        ("/\"'", "/\"'"),
        ("/\\", "/\\"),
        ("/\\n", "/\\n"),
        ("/a}", "/a}"),
        ("/a { return 200 x; }", "/a { return 200 x; }"),
        ("/a.b+(c)[d]*", "/a.b+(c)[d]*"),
        ("/~x", "/~x"),
        ("/@x", "/@x"),
        ("/=", "/="),
        ("/*", "/*"),
        ("/日本", "/日本"),
        ("/x\r\n", "/x\r\n"),
        ("/\tx", "/\tx"),
    ],
)
def test_any_text_as_a_path(nginx: Nginx, path: str, text: str) -> None:
    """What a rule's path means is the path with its escapes decoded once, as plain text."""
    target = quote(text)
    paths = [exact(f"{path}/exact", "exact"), prefix(path, "prefix")]
    expected = {
        target: "prefix",
        target + "/": "prefix",
        target + "/x": "prefix",
        target + "x": "404",
        quote(text[:-1]): "404",
        target + "/exact": "exact",
        target + "/exact/": "prefix",
    }
    check(nginx, paths, expected)


def test_a_regex_is_plain_text_without_an_annotation_that_says_so(nginx: Nginx) -> None:
    check(
        nginx,
        [prefix("/id/[0-9]+", "regex"), exact("/a.c", "dot")],
        {"/id/7": "404", "/id/%5B0-9%5D+": "regex", "/abc": "404", "/a.c": "dot"},
    )


@pytest.mark.parametrize("dead", ["//", "/./foo", "/x/../foo", "/foo//", "/%2e%2e/x", "/.."])
def test_a_path_that_nginx_never_sees_takes_nothing(nginx: Nginx, dead: str) -> None:
    check(
        nginx,
        [specific(dead, "dead"), prefix("/foo", "foo")],
        {"/foo": "foo", "/foo/": "foo", "/": "404", "/x": "404", "/x/../foo": "foo"},
    )


def test_long_paths(nginx: Nginx) -> None:
    """nginx before 1.23.4 keeps 8 bits of a name's length; 255 is the longest that works."""
    long = "/" + "a" * 253
    check(
        nginx,
        [prefix(long, "prefix"), exact(long + "b", "exact"), prefix("/", "root")],
        {
            long: "prefix",
            long + "/": "prefix",
            long + "/x": "prefix",
            long + "b": "exact",
            long + "c": "root",
            long[:-1]: "root",
            "/": "root",
        },
    )


def test_longer_paths_where_nginx_takes_them(nginx: Nginx) -> None:
    long = "/" + "a" * 1999
    paths = [prefix(long, "prefix"), exact(long + "b", "exact"), prefix("/", "root")]
    if nginx.version < LONG_LOCATIONS:
        with pytest.raises(AssertionError, match="2001"):
            check(nginx, paths, {})
        return
    expected = {long: "prefix", long + "/x": "prefix", long + "b": "exact", long + "c": "root"}
    check(nginx, paths, expected)


def test_many_paths_on_one_host(nginx: Nginx) -> None:
    numbers = range(300)
    paths = [made(f"/p{n}/x", f"s{n}") for n in numbers for made in ((exact, prefix)[n % 2],)]
    expected = {f"/p{n}/x": f"s{n}" for n in numbers}
    expected |= {f"/p{n}/x/y": f"s{n}" if n % 2 else "404" for n in numbers}
    check(nginx, paths, expected)
