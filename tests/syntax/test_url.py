"""URLs as somebody types them."""

from __future__ import annotations

import pytest

from ingc.syntax.url import BadRequestUrl, Url, cut_port, read_url, split_url


@pytest.mark.parametrize(
    ("text", "found", "host", "port"),
    [
        ("http://a.test", Url("http", "a.test", "/"), "a.test", 80),
        ("a.test:8080/x", Url("http", "a.test:8080", "/x"), "a.test", 8080),
        ("HTTPS://u:p@A.test/%2e//?b#c", Url("https", "A.test", "/%2e//?b"), "a.test", 443),
        ("http://[::1]:81?q", Url("http", "[::1]:81", "/?q"), "::1", 81),
        ("http://a.test:/#x", Url("http", "a.test:", "/"), "a.test", 80),
    ],
)
def test_what_is_read(text: str, found: Url, host: str, port: int) -> None:
    url = read_url(text)
    assert (url, url.host, url.port) == (found, host, port)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ftp://a.test/", "neither http nor https"),
        ("http:///x", "has no host"),
        ("http://:80/", "has no host"),
        ("http://[::1/", "is not a URL"),
        ("http://::1/", "is not a URL"),
        ("http://a.test:65536/", "is not a URL"),
        (f"http://a.test:{'9' * 9999}/", "is not a URL"),
        ("http://a.test\r\nX: y/", "is no host"),
        ("http://[ ::1]/", "is no host"),
        ("http://a.test/a b", "a space"),
        ("http://a.test/\x7f", "a control character"),
    ],
)
def test_what_is_no_url(text: str, why: str) -> None:
    with pytest.raises(BadRequestUrl, match=why):
        read_url(text)


def test_what_only_begins_as_one_is_split() -> None:
    assert split_url("http://u@a.test?x#y") == ("http", "u@a.test", "?x#y")
    assert split_url("a.test/http://x") is None
    assert cut_port("[::1]") == ("[::1]", "")
