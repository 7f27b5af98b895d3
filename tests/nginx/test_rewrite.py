"""Regex paths and rewrites: what real nginx does with them.

Each question is asked of the oracle, too; see `tests.nginx.harness`.
"""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from tests.nginx.harness import Site, serving
from tests.nginx.test_redirects import CERT, one
from tests.objects import annotated, exact, ingress, prefix, rule, specific


def sent(site: Site, target: str, host: str = "a.test") -> str:
    """Return the target that the backend gets, which must be the one that the oracle foretells."""
    match = site.oracle.match(host, target)
    found = str(site.received(host, target)["target"])
    assert match.upstream_uri == found.encode("latin-1")
    return found


def told(site: Site, target: str, name: str) -> list[str]:
    """Return the values of a header that the backend gets."""
    headers = site.received("a.test", target)["headers"]
    return [value for key, value in headers if key.lower() == name.lower()]


def test_a_regex_path_is_caseless_and_open_ended(nginx: Nginx) -> None:
    with serving(nginx, [one(specific("/id/[0-9]+", "web"), use_regex="true")]) as site:
        for target in ("/id/1", "/id/12", "/id/123a", "/ID/1", "/x/../id/1", "/id/1/x"):
            assert site.who("a.test", target) == "web", target
        for target in ("/id/aaa", "/id", "/id/", "/x/id/1"):
            assert site.who("a.test", target) == "404", target


@pytest.mark.parametrize(
    ("path", "target", "asked", "expected"),
    [
        ("/something", "/", "/something", "/"),
        ("/something", "/", "/something/below?a=b", "/?a=b"),
        ("/foo/bar/(.+)", "/new/backend/$1", "/foo/bar/bif/bar", "/new/backend/bif/bar"),
        ("/api(/|$)(.*)", "/$2", "/api/a%20b%2Fc?d=%20", "/a%20b/c?d=%20"),
        ("/api(/|$)(.*)", "/$2", "/api", "/"),
        ("/api(/|$)(.*)", "/$2", "/API/%C3%A9%22%7E", "/%C3%A9%22~"),
        ("/api(/|$)(.*)", "/$2", "/api//a//b/../c", "/a/c"),
        ("/(.*)", "/x/$1", "/%25%3F%23", "/x/%25%3F%23"),
        ("/(?s)(.*)", "/$1", "/a%0d%0aEvil:%201", "/a%0D%0AEvil:%201"),
        ("/(a|b)", "/$host/$1", "/b", "/a.test/b"),
        ("/(a|b)(c)?", "/$1_$2x$10", "/bc", "/b_cxb0"),
    ],
)
def test_what_the_backend_is_asked_for(
    nginx: Nginx, path: str, target: str, asked: str, expected: str
) -> None:
    with serving(nginx, [one(specific(path, "web"), rewrite_target=target)]) as site:
        assert site.who("a.test", asked) == "web"
        if "$host" in target:
            assert site.received("a.test", asked)["target"] == expected
        else:
            assert sent(site, asked) == expected


@pytest.mark.parametrize(
    ("target", "asked", "location"),
    [
        ("https://new.test/$1", "/a/b?c=d", "https://new.test/a/b?c=d"),
        ("https://new.test/$1", "/", "https://new.test/"),
        ("http://new.test:81/x/$1/y", "/a%2Fb%20c+", "http://new.test:81/x/a/b%20c+/y"),
        ("https://new.test/$1", "/a%3Fb%41%22?c", "https://new.test/a?bA%22?c"),
        ("https://new.test/$1", "/a%3Fb%22%3F%41?c", "https://new.test/a?b%22%3FA?c"),
        ("https://new.test/$1", "/a%0d%0aEvil:%201", "https://new.test/a%0D%0AEvil:%201"),
        ("https://new.test/$1", '/a"|b%C3%A9', "https://new.test/a%22|b%C3%A9"),
        ("https://new.test/$1", "/%25%7F~", "https://new.test/%25%7F~"),
        ("$scheme://new.test/$1", "/a", "http://new.test/a"),
        ("https://new.test$request_uri", "/a", "https://new.test/a"),
    ],
)
def test_a_rewrite_to_a_url_redirects(nginx: Nginx, target: str, asked: str, location: str) -> None:
    with serving(nginx, [one(specific("/((?s).*)", "web"), rewrite_target=target)]) as site:
        answer = site.ask("a.test", asked)
        assert (answer.status, answer.header("Location")) == (302, location)
        assert answer.header("Evil") is None
        match = site.oracle.match("a.test", asked)
        foretold = None if "$s" in target or "$r" in target else location
        assert (match.status, match.redirect) == (302, foretold)


def test_a_rewrite_to_a_url_comes_before_the_redirect_to_https(nginx: Nginx) -> None:
    asked = one(specific("/(.*)", "web"), secure=True, rewrite_target="https://new.test/$1")
    with serving(nginx, [asked, CERT]) as site:
        for scheme in ("http", "https"):
            answer = site.ask("a.test", "/a", scheme=scheme)
            assert (answer.status, answer.header("Location")) == (302, "https://new.test/a")


def test_a_capture_writes_no_header(nginx: Nginx) -> None:
    asked = one(
        specific("/(?s)(.*)", "web"), rewrite_target="/$1", x_forwarded_prefix="/$1/of/$arg_x"
    )
    with serving(nginx, [asked]) as site:
        evil = "/a%0d%0aEvil:%201"
        assert site.who("a.test", evil) == "web"
        assert told(site, evil, "Evil") == []
        assert told(site, evil, "X-Forwarded-Prefix") == []
        assert told(site, "/a%0aEvil:%201", "Evil") == []
        assert told(site, "/a%09b", "X-Forwarded-Prefix") == []
        assert told(site, "/fine?x=y%0d", "X-Forwarded-Prefix") == ["/fine/of/y%0d"]


def test_a_longer_path_beats_a_rewriting_root(nginx: Nginx) -> None:
    challenge = ingress("acme", rule("a.test", prefix("/.well-known/acme/challenge", "acme")))
    with serving(nginx, [one(specific("/", "web"), rewrite_target="/new"), challenge]) as site:
        assert site.who("a.test", "/.well-known/acme/challenge") == "acme"
        assert sent(site, "/.well-known/acme/challenge") == "/.well-known/acme/challenge"
        assert sent(site, "/x") == "/new"


def test_the_longer_text_beats_the_better_match(nginx: Nginx) -> None:
    plain = ingress("plain", rule("a.test", exact("/foo/bar/bar", "plain")))
    rewriting = one(specific("/foo/bar/[a-z]{3}", "web"), rewrite_target="/new")
    with serving(nginx, [plain, rewriting]) as site:
        assert site.who("a.test", "/foo/bar/bar") == "web"
        assert sent(site, "/foo/bar/bar") == "/new"


def test_a_rewrite_to_the_path_itself(nginx: Nginx) -> None:
    with serving(nginx, [one(prefix("/foo", "web"), rewrite_target="/foo")]) as site:
        for asked, expected in (
            ("/foo", "/foo"),
            ("/foo/bar", "/foo"),
            ("/FOO/bar", "/foo"),
            ("/foobar", "/foobar"),
            ("/foobar/foo/x", "/foobar/foo/x"),
        ):
            assert sent(site, asked) == expected, asked


def test_no_path_is_left(nginx: Nginx) -> None:
    with serving(nginx, [one(specific("/foo(/.*)?", "web"), rewrite_target="$1")]) as site:
        assert site.who("a.test", "/foo") == "500"
        assert site.who("a.test", "/foobar?c") == "500"
        assert sent(site, "/foo/bar?c") == "/bar?c"


def test_without_endpoints_a_rewritten_path_answers_503(nginx: Nginx) -> None:
    asked = one(specific("/a(.*)", "gone"), rewrite_target="/index.html")
    with serving(nginx, [asked], echo=False, backends="endpoints") as site:
        assert site.who("a.test", "/a") == "503"


def test_a_regex_that_pcre_gives_up(nginx: Nginx) -> None:
    with serving(nginx, [one(specific("/(a+)+c", "web"), use_regex="true")]) as site:
        assert site.who("a.test", "/aaac") == "web"
        assert site.who("a.test", "/" + "a" * 40 + "bc") == "500"


def test_paths_of_a_regex_host_that_nothing_matches(nginx: Nginx) -> None:
    asked = [specific("/api/v[0-9]", "web")]
    with serving(nginx, [one(*asked, use_regex="true")]) as site:
        assert site.who("a.test", "/api/") == "404"
    made = ingress(
        "web", rule("a.test", *asked), default="rest", annotations=annotated(use_regex="true")
    )
    with serving(nginx, [made], default_backend_service="default/global:80") as site:
        assert site.who("a.test", "/api") == "rest"
        assert site.who("a.test", "/api/v1") == "web"
        assert site.who("b.test", "/api/v1") == "global"
    with serving(
        nginx, [one(*asked, use_regex="true")], default_backend_service="default/global:80"
    ) as site:
        assert site.who("a.test", "/api") == "global"
