"""Aliases and twins on real nginx."""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from tests.nginx.certificates import refusal, secret_for
from tests.nginx.harness import serving
from tests.nginx.test_redirects import CERT, one
from tests.nginx.wire import Tls
from tests.objects import annotated, ingress, prefix, rule, specific, tls

WILD = secret_for("wild", "*.w.test")


@pytest.mark.parametrize(("host", "twin"), [("a.test", "www.a.test"), ("www.a.test", "a.test")])
def test_the_twin_is_redirected(nginx: Nginx, host: str, twin: str) -> None:
    asked = ingress(
        "web",
        rule(host, prefix("/", "web")),
        tls=[tls(host, by="cert")],
        annotations=annotated(from_to_www_redirect="true", ssl_redirect="false"),
    )
    with serving(nginx, [asked, CERT]) as site:
        http, https = site.http[1], site.https[1]
        assert site.who(twin, "/foo") == f"308 http://{host}:{http}/foo"
        assert site.who(twin.upper(), "/") == f"308 http://{host}:{http}"
        assert site.who(twin, "/a/?b", scheme="https") == f"308 https://{host}:{https}/a/?b"
        assert site.who(host, "/foo") == "web"
        assert site.who(host, "/foo", scheme="https") == "web"
        assert site.who(f"x.{twin}", "/") == "404"


def test_aliases_serve_the_paths_of_all_ingresses(nginx: Nginx) -> None:
    asked = one(prefix("/", "web"), server_alias="b.test, *.c.test, ~^d[0-9]+[.]test$")
    other = ingress("other", rule("a.test", prefix("/other", "other")))
    with serving(nginx, [asked, other]) as site:
        for host in ("a.test", "b.test", "B.test:80", "x.c.test", "d12.test"):
            assert site.who(host, "/") == "web", host
            assert site.who(host, "/other") == "other", host
        for host in ("c.test", "x.y.c.test", "dx.test", "x.b.test"):
            assert site.who(host, "/") == "404", host


def test_a_very_long_alias(nginx: Nginx) -> None:
    name = ".".join(["x" * 60] * 4)
    with serving(nginx, [one(prefix("/", "web"), server_alias=name)]) as site:
        assert site.who(name, "/") == "web"


def test_names_that_are_regexes_come_last(nginx: Nginx) -> None:
    """Also where their host redirects as a whole, and where it has a wildcard of its own."""
    objects = [
        one(prefix("/", "web"), secure=True, server_alias="~^x"),
        ingress("w", rule("*.w.test", prefix("/", "wild"))),
        ingress(
            "b",
            rule("b.test", prefix("/", "both")),
            annotations=annotated(server_alias="*.v.test,~^xy"),
        ),
        ingress("none", rule(None, prefix("/", "any")), annotations=annotated(server_alias="~.*")),
        CERT,
    ]
    with serving(nginx, objects) as site:
        assert site.who("x.w.test", "/") == "wild"
        assert site.who("x.v.test", "/") == "both"
        assert site.who("xy.test", "/") == "both"
        assert site.who("x.test", "/") == "308 https://x.test"
        assert site.who("x.test", "/", scheme="https") == "web"
        assert site.who("xy.test", "/", scheme="https") == "refused"
        assert site.who("x.v.test", "/", scheme="https") == "refused"
        assert site.who("other.test", "/") == "any"


def test_no_wildcard_with_https_answers_for_others_names(nginx: Nginx) -> None:
    wild = ingress("w", rule("*.w.test", prefix("/", "wild")), tls=[tls("*.w.test", by="wild")])
    alias = one(prefix("/", "web"), server_alias="x.w.test")
    twin = ingress(
        "t", rule("w.test", prefix("/", "t")), annotations=annotated(from_to_www_redirect="true")
    )
    nobody = ingress(
        "n", rule(None, prefix("/", "n")), annotations=annotated(server_alias="y.w.test")
    )
    with serving(nginx, [wild, alias, twin, nobody, WILD]) as site:
        assert site.who("z.w.test", "/", scheme="https") == "wild"
        for name in ("x.w.test", "www.w.test", "y.w.test"):
            assert site.who(name, "/", scheme="https") == "refused", name
            assert "UNRECOGNIZED_NAME" in refusal(site, name)
            assert site.ask(name, "/", scheme="https", tls=Tls("z.w.test")).status in (404, 421)
        assert site.who("x.w.test", "/") == "web"
        assert site.who("y.w.test", "/") == "n"
        assert site.who("www.w.test", "/") == f"308 http://w.test:{site.http[1]}"


def test_a_closed_host_keeps_its_names(nginx: Nginx) -> None:
    broken = one(specific("/a(", "web"), use_regex="true", server_alias="x.w.test")
    wild = ingress("w", rule("*.w.test", prefix("/", "wild")))
    with serving(nginx, [broken, wild], on_error="isolate") as site:
        assert site.who("a.test", "/a") == "503"
        assert site.who("x.w.test", "/a") == "503"
        assert site.who("y.w.test", "/a") == "wild"


def test_of_two_that_want_a_name_the_older_has_it(nginx: Nginx) -> None:
    """Whatever their hosts are called: exact names, twins, and regexes that meet."""
    older = {"namespace": "old", "created": "2024-01-01T00:00:00Z"}
    younger = {"namespace": "young", "created": "2024-01-02T00:00:00Z"}
    names = annotated(server_alias="pay.test, ~^x[0-9][.]test$")
    more = annotated(server_alias="pay.test, www.t.test, ~^x.[.]test$")
    objects = [
        ingress("o", rule("z.test", prefix("/", "older")), annotations=names, **older),
        ingress("y", rule("a.test", prefix("/", "younger")), annotations=more, **younger),
        ingress(
            "t",
            rule("t.test", prefix("/", "older")),
            annotations=annotated(from_to_www_redirect="true"),
            **older,
        ),
    ]
    with serving(nginx, objects) as site:
        assert site.who("pay.test", "/") == "older"
        assert site.who("x1.test", "/") == "older"
        assert site.who("xx.test", "/") == "younger"
        assert site.who("www.t.test", "/").startswith("308 ")
