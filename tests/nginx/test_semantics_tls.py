"""TLS: certificates by SNI, routes by Host, redirects to https, and what is refused."""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.certificates import ALL, ONE, SECRETS, certificate, refusal, served
from tests.nginx.harness import serving
from tests.nginx.wire import Tls
from tests.objects import endpoint_slice, ingress, prefix, rule, service, tls

HSTS = "Strict-Transport-Security"
HSTS_VALUE = "max-age=31536000; includeSubDomains"


def test_the_sni_picks_the_certificate(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        assert served(site, "a.test") == certificate("a.test")[0]
        assert served(site, "b.test") == certificate("b.test")[0]
        assert served(site, "x.w.test") == certificate("*.w.test")[0]
        assert served(site, "A.Test") == certificate("a.test")[0]
        assert served(site, "X.w.Test") == certificate("*.w.test")[0]
        assert served(site, "a.test.") == certificate("a.test")[0]


def test_a_client_that_checks_is_content(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        for name, covered in (("a.test", "a.test"), ("x.w.test", "*.w.test")):
            checking = Tls(name, trust=certificate(covered)[0])
            assert site.ask(name, "/", scheme="https", tls=checking).status == 200


def test_each_host_is_served_on_https(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        assert site.who("a.test", "/x", scheme="https") == "a"
        assert site.who("A.test:8443", "/x", scheme="https") == "a"
        assert site.who("b.test", "/x", scheme="https") == "b"
        assert site.who("x.w.test", "/x", scheme="https") == "w"


def test_the_host_picks_the_route_whatever_the_sni(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        answer = site.ask("b.test", "/", scheme="https", tls=Tls("a.test"))
        assert answer.json()["service"] == "default/b"
        for host in ("plain.test", "other.test", "x.y.w.test", ".w.test"):
            answer = site.ask(host, "/", scheme="https", tls=Tls("a.test"))
            assert answer.status == 404, host


def test_what_the_backend_is_told_about_https(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        story = site.ask("a.test", "/", b"X-Forwarded-Proto: http", scheme="https").json()
    told = {name.lower(): value for name, value in story["request"]["headers"]}
    for name in ("x-forwarded-proto", "x-forwarded-scheme", "x-scheme"):
        assert told[name] == "https"
    assert told["x-forwarded-port"] == "443", "wherever nginx listens"
    assert told["host"] == "a.test"


@pytest.mark.parametrize("name", [None, "other.test", "plain.test", "x.y.w.test", "w.test", "test"])
def test_an_unknown_sni_is_refused(nginx: Nginx, name: str | None) -> None:
    with serving(nginx, ALL) as site:
        assert "UNRECOGNIZED_NAME" in refusal(site, name)


def test_a_host_without_tls_is_refused_though_a_wildcard_of_others_covers_it(nginx: Nginx) -> None:
    bare = ingress("bare", rule("bare.w.test", prefix("/", "bare")), namespace="other")
    web = service("bare", 80, namespace="other")
    with serving(nginx, [*ALL, bare, web]) as site:
        assert "UNRECOGNIZED_NAME" in refusal(site, "bare.w.test")
        assert site.who("bare.w.test", "/", scheme="https") == "refused"
        assert site.who("bare.w.test", "/") == "bare"
        assert site.ask("bare.w.test", "/", scheme="https", tls=Tls("x.w.test")).status == 404


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/", "https://a.test"),
        ("/foo", "https://a.test/foo"),
        ("/foo/", "https://a.test/foo"),
        ("/foo//", "https://a.test/foo/"),
        ("/foo?a=b&c", "https://a.test/foo?a=b&c"),
        ("/foo/?a=b", "https://a.test/foo/?a=b"),
        ("/foo?a=/", "https://a.test/foo?a="),
        ("/a%20b%2Fc//../x", "https://a.test/a%20b%2Fc//../x"),
        ("/a%0d%0aX:y", "https://a.test/a%0d%0aX:y"),
        ("/\xc3\xa9\"'$x", "https://a.test/\xc3\xa9\"'$x"),
        ("http://a.test/foo", "https://a.test/foo"),
        ("http://a.test?x", "https://a.test?x"),
        ("http://a.test", "https://a.test"),
    ],
)
def test_http_is_redirected_to_https(nginx: Nginx, target: str, location: str) -> None:
    """One trailing slash is stripped, as ingress-nginx does, and no port is named."""
    with serving(nginx, ALL) as site:
        raw = target.encode("latin-1")
        assert site.who("a.test", raw) == f"308 {location}"
        if "://" not in target:
            assert site.who("A.TEST.:80", raw) == f"308 {location}"
        assert site.who("a.test", raw, method="POST") == f"308 {location}"


def test_every_name_of_a_wildcard_is_redirected_to_itself(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        assert site.who("x.w.test", "/y") == "308 https://x.w.test/y"
        assert site.who("x.y.w.test", "/y") == "404"
        assert site.who("plain.test", "/y") == "plain"


def test_the_redirect_names_a_port_where_it_is_told_to(nginx: Nginx) -> None:
    with serving(nginx, ALL, redirect_port=8443) as site:
        assert site.who("a.test", "/y/?q") == "308 https://a.test:8443/y/?q"
        assert site.who("a.test", "/") == "308 https://a.test:8443"


def test_hsts_on_https_alone(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        assert site.ask("a.test", "/", scheme="https").all(HSTS) == [HSTS_VALUE]
        assert site.ask("a.test", "/").all(HSTS) == []
        assert site.ask("plain.test", "/").all(HSTS) == []


def test_a_backends_own_hsts_is_replaced(nginx: Nginx) -> None:
    own = f"{HSTS}: max-age=1\r\n"
    with Backend("one", headers=own) as one:
        found = endpoint_slice("a", one.address, port=one.port)
        objects = [ONE, *SECRETS, service("a", 80), found]
        with serving(nginx, objects, echo=False) as site:
            assert site.ask("a.test", "/", scheme="https").all(HSTS) == [HSTS_VALUE]


def test_hsts_on_errors_too(nginx: Nginx) -> None:
    part = ingress("part", rule("a.test", prefix("/x", "a")), tls=[tls("a.test", by="a")])
    with serving(nginx, [part, *SECRETS]) as site:
        answer = site.ask("a.test", "/", scheme="https")
        assert (answer.status, answer.header(HSTS)) == (404, HSTS_VALUE)
