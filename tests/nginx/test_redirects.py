"""Redirects: what real nginx does with them.

Each question is asked of the oracle, too; see `tests.nginx.harness`.
"""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from tests.nginx.certificates import certificate
from tests.nginx.harness import serving
from tests.objects import (
    Object,
    annotated,
    config_map,
    exact,
    ingress,
    prefix,
    rule,
    secret,
    specific,
    tls,
)

CERT = secret("cert", *certificate("a.test"))

TLS = [tls("a.test", by="cert")]


def one(*paths: Object, host: str | None = "a.test", secure: bool = False, **asked: str) -> Object:
    """Return an Ingress of one host with annotations."""
    entries = TLS if secure else ()
    return ingress("web", rule(host, *paths), tls=entries, annotations=annotated(**asked))


@pytest.mark.parametrize(
    ("keep", "target", "location"),
    [
        (False, "/", "https://a.test"),
        (False, "/a/", "https://a.test/a"),
        (False, "/a/?b", "https://a.test/a/?b"),
        (False, "/a?b=/", "https://a.test/a?b="),
        (False, "/a%20b//", "https://a.test/a%20b/"),
        (True, "/", "https://a.test/"),
        (True, "/a/?b=/", "https://a.test/a/?b=/"),
    ],
)
def test_force_ssl_redirect(nginx: Nginx, keep: bool, target: str, location: str) -> None:
    kept = {"preserve_trailing_slash": "true"} if keep else {}
    with serving(nginx, [one(prefix("/", "web"), force_ssl_redirect="true", **kept)]) as site:
        assert site.who("a.test", target) == f"308 {location}"
        assert site.who("A.test.:81", target) == f"308 {location}"


def test_the_port_of_redirects(nginx: Nginx) -> None:
    asked = [prefix("/", "web")]
    with serving(
        nginx, [one(*asked, secure=True, use_port_in_redirects="true"), CERT], redirect_port=444
    ) as site:
        assert site.who("a.test", "/x") == f"308 https://a.test:{site.https[1]}/x"
    with serving(nginx, [one(*asked, secure=True), CERT], redirect_port=444) as site:
        assert site.who("a.test", "/x") == "308 https://a.test:444/x"


def test_a_path_that_stays_on_http(nginx: Nginx) -> None:
    acme = ingress("acme", rule("a.test", prefix("/.well-known/acme-challenge", "acme")))
    with serving(nginx, [one(prefix("/", "web"), secure=True), acme, CERT]) as site:
        assert site.who("a.test", "/.well-known/acme-challenge/x") == "acme"
        assert site.who("a.test", "/.well-known/x") == "308 https://a.test/.well-known/x"
        assert site.who("a.test", "/x", scheme="https") == "web"
        assert site.who("a.test", "/.well-known/acme-challenge/", scheme="https") == "acme"


def test_mixed_redirects_on_both_schemes(nginx: Nginx) -> None:
    def path(name: str, **asked: str) -> Object:
        return ingress(
            name, rule("a.test", prefix(f"/{name}", name)), annotations=annotated(**asked)
        )

    objects = [
        one(prefix("/", "web"), secure=True),
        path("off", ssl_redirect="false"),
        path("keep", preserve_trailing_slash="true"),
        path("old", permanent_redirect="https://b.test/?a=b,c"),
        path("away", temporal_redirect="http://b.test:81/"),
        CERT,
    ]
    with serving(nginx, objects) as site:
        assert site.who("a.test", "/off/") == "off"
        assert site.who("a.test", "/keep/") == "308 https://a.test/keep/"
        assert site.who("a.test", "/other/") == "308 https://a.test/other"
        for scheme in ("http", "https"):
            assert site.who("a.test", "/old/x?y", scheme=scheme) == "301 https://b.test/?a=b,c"
            assert site.who("a.test", "/away", scheme=scheme) == "302 http://b.test:81/"
        for name in ("off", "keep", "web"):
            target = f"/{name}".replace("web", "x")
            assert site.who("a.test", target, scheme="https") == name


@pytest.mark.parametrize("code", ["301", "302", "303", "307", "308"])
def test_redirects_and_their_codes(nginx: Nginx, code: str) -> None:
    asked = one(
        prefix("/", "web"), permanent_redirect="https://b.test/x", permanent_redirect_code=code
    )
    with serving(nginx, [asked]) as site:
        assert site.who("a.test", "/a?b") == f"{code} https://b.test/x"
        assert site.who("a.test", "/", method="POST") == f"{code} https://b.test/x"
    if code == "308":
        return
    asked = one(
        prefix("/", "web"),
        permanent_redirect="https://c.test/",
        temporal_redirect="https://b.test/x",
        temporal_redirect_code=code,
    )
    with serving(nginx, [asked]) as site:
        assert site.who("a.test", "/a?b") == f"{code} https://b.test/x"


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ({}, "http://a.test/new?a=b"),
        ({"relative_redirects": "true"}, "/new?a=b"),
        ({"use_port_in_redirects": "true"}, "http://a.test:PORT/new?a=b"),
        ({"use_port_in_redirects": "true", "relative_redirects": "true"}, "/new?a=b"),
    ],
)
def test_a_redirect_to_a_path(nginx: Nginx, asked: dict[str, str], location: str) -> None:
    made = one(prefix("/old", "web"), permanent_redirect="/new?a=b", **asked)
    with serving(nginx, [made]) as site:
        expected = location.replace("PORT", str(site.http[1]))
        assert site.who("a.test", "/old/x") == f"301 {expected}"
        assert site.who("A.Test:123", "/old") == f"301 {expected}"


@pytest.mark.parametrize(
    ("to", "sent", "location"),
    [
        ("https://new.test$request_uri", "/a%20b/../c?d=e&f", "https://new.test/a%20b/../c?d=e&f"),
        ("$scheme://new.test/x?$args", "/a?b=%0d", "http://new.test/x?b=%0d"),
        ("https://$host/x$is_args$query_string", "/a", "https://a.test/x"),
        ("https://${http_host}1/IT%20OPS#a", "/a", "https://a.test1/IT%20OPS#a"),
        ("/new$request_uri", "/a?b", "http://a.test/new/a?b"),
    ],
)
def test_a_redirect_may_keep_what_was_asked_for(
    nginx: Nginx, to: str, sent: str, location: str
) -> None:
    for code in ("301", "308"):
        made = one(prefix("/", "web"), permanent_redirect=to, permanent_redirect_code=code)
        with serving(nginx, [made]) as site:
            assert site.who("a.test", sent) == f"{code} {location}"
            assert site.who("A.Test:123", sent) == f"{code} {location}"
    if to.startswith("/"):
        return
    with serving(nginx, [one(prefix("/", "web"), temporal_redirect=to)]) as site:
        assert site.who("a.test", sent) == f"302 {location}"


def test_app_root_comes_before_everything(nginx: Nginx) -> None:
    asked = one(
        exact("/", "root"),
        prefix("/", "web"),
        secure=True,
        app_root="/foo",
        permanent_redirect="https://b.test/",
    )
    with serving(nginx, [asked, CERT]) as site:
        assert site.who("a.test", "/") == "302 http://a.test/foo"
        assert site.who("a.test:81", "/?a=b") == "302 http://a.test:81/foo"
        assert site.who("a.test", "/", scheme="https") == "302 https://a.test/foo"
        assert site.who("a.test", "/x/..") == "302 http://a.test/foo"
        assert site.who("a.test", "/x") == "301 https://b.test/"


def test_app_root_of_a_regex_host(nginx: Nginx) -> None:
    asked = one(specific("/.*", "web"), use_regex="true", app_root="/foo")
    with serving(nginx, [asked]) as site:
        assert site.who("a.test", "/") == "302 http://a.test/foo"
        assert site.who("a.test", "/foo") == "web"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"permanent_redirect": "https://b.test/x"}, "301 https://b.test/x"),
        ({"temporal_redirect": "https://b.test$request_uri"}, "302 https://b.test/y?q=1"),
        ({"rewrite_target": "https://b.test/$1"}, "302 https://b.test/?q=1"),
        ({"rewrite_target": "$scheme://b.$host/x"}, "302 http://b.a.test/x?q=1"),
        ({"rewrite_target": "/x"}, "404"),
        ({"app_root": "/x"}, "404"),
        ({}, "404"),
    ],
)
def test_a_redirect_of_a_rule_without_paths(
    nginx: Nginx, asked: dict[str, str], found: str
) -> None:
    with serving(nginx, [one(**asked)]) as site:
        assert site.who("a.test", "/y?q=1") == found


def test_paths_go_before_the_redirect_of_a_rule_without_paths(nginx: Nginx) -> None:
    asked = one(secure=True, permanent_redirect="https://b.test/x")
    other = ingress("z", rule("a.test", prefix("/api", "api")))
    whole = ingress("all", rule("c.test"), default="all", annotations=annotated(app_root="/r"))
    with serving(nginx, [asked, other, whole, CERT]) as site:
        assert site.who("a.test", "/api/x", scheme="https") == "api"
        for scheme in ("http", "https"):
            assert site.who("a.test", "/y", scheme=scheme) == "301 https://b.test/x"
        assert site.who("c.test", "/y") == "all"


def test_app_root_of_a_default_backend_alone_has_no_effect(nginx: Nginx) -> None:
    asked = ingress("all", default="all", annotations=annotated(app_root="/app"))
    with serving(nginx, [asked]) as site:
        assert site.who("other.test", "/") == "all"


def test_what_no_host_takes_is_not_redirected_to_https(nginx: Nginx) -> None:
    settings = config_map("settings", {"force-ssl-redirect": "true"}, namespace="ops")
    objects = [one(prefix("/x", "web")), settings]
    with serving(nginx, objects, configmap="ops/settings") as site:
        assert site.who("other.test", "/y") == "404"
        assert site.who("a.test", "/x") == "308 https://a.test/x"
        assert site.who("a.test", "/y") == "308 https://a.test/y"
