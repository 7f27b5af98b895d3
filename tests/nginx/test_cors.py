"""CORS on real nginx: who is a preflight's sender, and which headers which answers carry."""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.certificates import secret_for
from tests.nginx.harness import Site, serving
from tests.nginx.wire import Response
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service, tls

PREFIX = "nginx.ingress.kubernetes.io/"
ORIGINS = (
    "https://app.test, https://*.wild.test:8443, null, capacitor://localhost,"
    " web+x://c.test, HTTP://UPPER.test,"
)
ALLOWED = (
    "https://app.test",
    "https://APP.test",
    "https://a-1.wild.test:8443",
    "null",
    "capacitor://localhost",
    "http://upper.test",
    "web+x://c.test",
)
DENIED = (
    "http://app.test",
    "https://app.test:443",
    "https://app.test.evil.test",
    "https://appxtest",
    "xhttps://app.test",
    "https://app.test/",
    "https://evil.test?https://app.test",
    "https://a.b.wild.test:8443",
    "https://wild.test:8443",
    "https://.wild.test:8443",
    "https://a.wild.test",
    "https://a.wild.test:84430",
    "https://evil.test/.wild.test:8443",
    "nullx",
    "webbx://c.test",
    "webx://c.test",
    "*",
    "",
)


def cors(**more: str) -> dict[str, str]:
    """Return the annotations of an Ingress with CORS."""
    named = {key.replace("_", "-"): value for key, value in more.items()}
    return {PREFIX + name: value for name, value in {"enable-cors": "true", **named}.items()}


def web(**more: str) -> Object:
    """Return an Ingress with CORS for everything below a.test."""
    return ingress("web", rule("a.test", prefix("/", "web")), annotations=cors(**more))


def ask(site: Site, origin: str | None, method: str = "GET", target: str = "/x") -> Response:
    """Ask as a browser does, and hold the answer against the oracle's."""
    headers = [] if origin is None else [("Origin", origin)]
    lines = [f"{name}: {value}".encode() for name, value in headers]
    response = site.ask("a.test", target, *lines, method=method)
    foreseen = site.oracle.match("a.test", target, method=method, headers=headers)
    assert (foreseen.status == 204) == (response.status == 204)
    return response


def sent(response: Response) -> dict[str, str]:
    """Return the CORS headers of an answer; none may stand there twice."""
    found = [(n, v) for n, v in response.headers if n.lower().startswith("access-control")]
    assert len(found) == len({name.lower() for name, _ in found})
    return dict(found)


def test_a_star_allows_everybody_and_takes_every_options_for_a_preflight(nginx: Nginx) -> None:
    with serving(nginx, [web()]) as site:
        for origin in ("https://any.test", None):
            for method, status in (("OPTIONS", 204), ("GET", 200)):
                response = ask(site, origin, method)
                assert response.status == status
                assert response.body == b"" or method == "GET"
                assert sent(response) == {
                    "Access-Control-Allow-Origin": "*",
                    "Access-Control-Allow-Credentials": "true",
                    "Access-Control-Allow-Methods": "GET, PUT, POST, DELETE, PATCH, OPTIONS",
                    "Access-Control-Allow-Headers": "DNT,Keep-Alive,User-Agent,X-Requested-With,"
                    "If-Modified-Since,Cache-Control,Content-Type,Range,Authorization",
                    "Access-Control-Max-Age": "1728000",
                }


def test_a_listed_origin_is_echoed_and_no_other_gets_a_header(nginx: Nginx) -> None:
    with serving(nginx, [web(cors_allow_origin=ORIGINS, cors_expose_headers="*")]) as site:
        for origin in ALLOWED:
            for method, status in (("OPTIONS", 204), ("GET", 200)):
                response = ask(site, origin, method)
                assert response.status == status, origin
                assert sent(response)["Access-Control-Allow-Origin"] == origin
                assert sent(response)["Access-Control-Expose-Headers"] == "*"
                assert len(sent(response)) == 6
                assert response.header("Vary") == "Origin"
        for other in (*DENIED, None):
            for method in ("OPTIONS", "GET"):
                response = ask(site, other, method)
                assert response.status == 200, other
                assert response.json()["request"]["method"] == method
                assert sent(response) == {}
                assert response.header("Vary") == "Origin"
        two = site.ask("a.test", "/", b"Origin: https://evil.test", b"Origin: https://app.test")
        assert sent(two) == {}


def test_what_is_said_is_the_ingress_own(nginx: Nginx) -> None:
    said = web(
        cors_allow_origin="https://app.test",
        cors_allow_methods="GET,POST",
        cors_allow_headers="X-A, X-B",
        cors_allow_credentials="false",
        cors_max_age="5",
    )
    with serving(nginx, [said]) as site:
        assert sent(ask(site, "https://app.test", "OPTIONS")) == {
            "Access-Control-Allow-Origin": "https://app.test",
            "Access-Control-Allow-Methods": "GET,POST",
            "Access-Control-Allow-Headers": "X-A, X-B",
            "Access-Control-Max-Age": "5",
        }


def test_without_a_good_origin_nobody_is_allowed(nginx: Nginx) -> None:
    with serving(nginx, [web(cors_allow_origin="app.test")]) as site:
        for origin in ("https://app.test", "app.test", None):
            response = ask(site, origin, "OPTIONS")
            assert response.status == 200
            assert sent(response) == {}


OWN = (
    "Access-Control-Allow-Origin: https://evil.test\r\n"
    "Access-Control-Allow-Credentials: true\r\nAccess-Control-Expose-Headers: X-Secret\r\n"
    "Access-Control-Allow-Methods: DELETE\r\nAccess-Control-Allow-Headers: X-Y\r\n"
    "Access-Control-Max-Age: 1\r\nX-Other: kept\r\n"
)


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "403 Forbidden", "500 Error"])
def test_the_backends_own_headers_are_replaced_whatever_its_status(
    nginx: Nginx, status: str
) -> None:
    listed = web(cors_allow_origin="https://app.test", cors_allow_credentials="false")
    with Backend("one", headers=OWN, status=status) as one:
        given = [listed, service("web", 80), endpoint_slice("web", one.address, port=one.port)]
        with serving(nginx, given, echo=False) as site:
            allowed, other = ask(site, "https://app.test"), ask(site, "https://evil.test")
    assert {allowed.status, other.status} == {int(status[:3])}
    assert sent(allowed)["Access-Control-Allow-Origin"] == "https://app.test"
    assert "Access-Control-Allow-Credentials" not in sent(allowed)
    assert sent(other) == {}
    assert allowed.header("X-Other") == "kept"


def test_nginxs_own_503_carries_the_headers_and_preflights_are_answered(nginx: Nginx) -> None:
    with serving(nginx, [web(), service("web", 81)], echo=False) as site:
        assert ask(site, "https://any.test", "OPTIONS").status == 204
        response = ask(site, "https://any.test")
        assert response.status == 503
        assert sent(response)["Access-Control-Allow-Origin"] == "*"


def test_a_preflight_comes_before_redirects(nginx: Nginx) -> None:
    secured = ingress(
        "web",
        rule("a.test", prefix("/", "web")),
        tls=[tls("a.test", by="pair")],
        annotations=cors(cors_allow_origin="https://app.test"),
    )
    moved = ingress(
        "moved",
        rule("b.test", prefix("/", "web")),
        annotations=cors(permanent_redirect="https://new.test"),
    )
    with serving(nginx, [secured, moved, secret_for("pair", "a.test")], secret_files=True) as site:
        assert ask(site, "https://app.test", "OPTIONS").status == 204
        assert ask(site, "https://evil.test", "OPTIONS").status == 308
        redirected = ask(site, "https://app.test")
        assert redirected.status == 308
        assert sent(redirected)["Access-Control-Allow-Origin"] == "https://app.test"
        secure = site.ask("a.test", "/", b"Origin: https://app.test", scheme="https")
        assert sent(secure)["Access-Control-Allow-Origin"] == "https://app.test"
        assert secure.header("Strict-Transport-Security")
        assert site.ask("b.test", "/", method="OPTIONS").status == 204
        assert site.ask("b.test", "/").status == 301
