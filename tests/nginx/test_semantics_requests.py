"""What a backend receives, and what nginx answers by itself."""

from __future__ import annotations

import re

import pytest

from ingc.nginx import Nginx
from tests.nginx.harness import Site, serving
from tests.nginx.wire import fetch, get
from tests.objects import exact, ingress, prefix, rule

WEB = ingress("web", rule("a.test", prefix("/", "web")))
MEBIBYTE = 1 << 20


def headers(site: Site, *lines: bytes, host: str = "a.test") -> dict[str, str]:
    """Return the headers that the backend got, by lower-case name; each came once."""
    received = site.received(host, "/", *lines)["headers"]
    names = [name.lower() for name, _ in received]
    assert len(names) == len(set(names)), names
    return dict(zip(names, (value for _, value in received), strict=True))


def test_a_plain_request(nginx: Nginx) -> None:
    """Exactly these headers, whatever the defaults of this nginx."""
    with serving(nginx, [WEB]) as site:
        found = headers(site)
        request_id = found.pop("x-request-id")
        port = str(site.config.settings.http_port)
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    assert found == {
        "host": "a.test",
        "x-real-ip": "127.0.0.1",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "a.test",
        "x-forwarded-port": port,
        "x-forwarded-proto": "http",
        "x-forwarded-scheme": "http",
        "x-scheme": "http",
    }


def test_what_a_client_claims_about_itself_is_replaced(nginx: Nginx) -> None:
    spoofed = (
        b"X-Forwarded-For: 6.6.6.6, 7.7.7.7",
        b"X-Real-IP: 6.6.6.6",
        b"X-Forwarded-Host: evil.test",
        b"X-Forwarded-Port: 1",
        b"X-Forwarded-Proto: https",
        b"X-Forwarded-Scheme: https",
        b"X-Scheme: https",
        b"X-Original-Forwarded-For: 8.8.8.8",
        b"X-Original-Forwarded-Host: evil.test",
        b"x-forwarded-for: 9.9.9.9",
    )
    with serving(nginx, [WEB]) as site:
        found = headers(site, *spoofed)
        port = str(site.config.settings.http_port)
    assert found["x-real-ip"] == found["x-forwarded-for"] == "127.0.0.1"
    assert found["x-forwarded-host"] == found["host"] == "a.test"
    assert found["x-forwarded-port"] == port
    for name in ("x-forwarded-proto", "x-forwarded-scheme", "x-scheme"):
        assert found[name] == "http"
    original = found["x-original-forwarded-for"]
    assert original.startswith("6.6.6.6, 7.7.7.7"), "what the client sent is told apart"
    assert "8.8.8.8" not in original
    assert found["x-original-forwarded-host"] == "evil.test"


def test_the_proxy_header_is_removed(nginx: Nginx) -> None:
    with serving(nginx, [WEB]) as site:
        assert "proxy" not in headers(site, b"Proxy: http://evil.test", b"proxy: http://evil.test")


def test_a_request_id_is_kept_or_made(nginx: Nginx) -> None:
    with serving(nginx, [WEB]) as site:
        assert headers(site, b"X-Request-ID: mine-1")["x-request-id"] == "mine-1"
        made = {headers(site)["x-request-id"] for _ in range(3)}
        assert len(made) == 3
        assert len(headers(site, b"X-Request-ID:")["x-request-id"]) == 32


def test_upgrade_is_passed_on_and_connection_goes_with_it(nginx: Nginx) -> None:
    with serving(nginx, [WEB]) as site:
        found = headers(site, b"Upgrade: websocket", b"Connection: Upgrade, keep-alive")
        assert (found["upgrade"], found["connection"]) == ("websocket", "upgrade")
        for line in (b"Connection: keep-alive", b"Connection: close", b"Connection: X-Real-IP"):
            found = headers(site, line)
            assert "connection" not in found
            assert "upgrade" not in found
            assert found["x-real-ip"] == "127.0.0.1"


def test_other_headers_pass_unchanged(nginx: Nginx) -> None:
    sent = (b"Cookie: a=b", b"Authorization: Basic eDp5", b"X-Any: \xc3\xa9 \"'$x", b"Accept: */*")
    with serving(nginx, [WEB]) as site:
        found = headers(site, *sent)
    assert found["cookie"] == "a=b"
    assert found["authorization"] == "Basic eDp5"
    assert found["x-any"] == "Ã© \"'$x"
    assert found["accept"] == "*/*"


def test_a_name_with_an_underscore_is_dropped(nginx: Nginx) -> None:
    with serving(nginx, [WEB]) as site:
        assert "x_real_ip" not in headers(site, b"X_Real_IP: 6.6.6.6")


@pytest.mark.parametrize("host", ["a.test", "A.Test", "a.test:8080", "a.test.", "a.test.:80"])
def test_the_backend_gets_the_clients_host_as_it_was_sent(nginx: Nginx, host: str) -> None:
    with serving(nginx, [WEB]) as site:
        found = headers(site, host=host)
    assert found["host"] == found["x-forwarded-host"] == host


def test_a_request_without_a_host(nginx: Nginx) -> None:
    with serving(nginx, [ingress("any", rule(None, prefix("/", "any")))]) as site:
        response = fetch(site.http, b"GET / HTTP/1.0\r\n\r\n")
        assert response.json()["service"] == "default/any"
        names = dict(response.json()["request"]["headers"])
        assert names["Host"] == "_"


@pytest.mark.parametrize(
    "target",
    [
        "/p//x/../%2F?z",
        "/public/../p/admin",
        "/p/%2e%2e/p/a%20b?c=%2F&d",
        "/p/a%2Fb",
        "/p/%C3%A9\xc3\xa9\xff",
        "/p?",
        "/p/?a?b#c",
        "/p/\"'{}|\\^`",
        "/p/;a=$host${x}",
    ],
)
def test_the_target_reaches_the_backend_unchanged(nginx: Nginx, target: str) -> None:
    with serving(nginx, [ingress("web", rule("a.test", prefix("/p", "p")))]) as site:
        assert site.who("a.test", target.encode("latin-1")) == "p"
        assert site.received("a.test", target)["target"] == target


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        ("http://a.test/p//x?y", "/p//x?y"),
        ("http://A.test:80/p#f", "/p#f"),
        ("https://a.test?x", "/?x"),
        ("http://a.test", "/"),
    ],
)
def test_an_absolute_target_loses_its_host(nginx: Nginx, target: str, sent: str) -> None:
    with serving(nginx, [WEB]) as site:
        assert site.who("b.test", target) == "web"
        assert site.received("b.test", target)["target"] == sent


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PURGE"])
def test_the_method_and_the_body_pass(nginx: Nginx, method: str) -> None:
    with serving(nginx, [WEB]) as site:
        response = site.ask("a.test", "/", method=method, body=b"x" * 70000)
        assert response.json()["request"]["method"] == method
        assert response.json()["request"]["body_bytes"] == 70000


def test_a_chunked_body_and_one_that_is_asked_for(nginx: Nginx) -> None:
    chunks = b"5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\n\r\n"
    with serving(nginx, [WEB]) as site:
        head = get("/", "a.test", b"Transfer-Encoding: chunked", method=b"POST")
        assert fetch(site.http, head + chunks).json()["request"]["body_bytes"] == 12
        asked = get("/", "a.test", b"Expect: 100-continue", method=b"PUT", body=b"x" * 10)
        assert fetch(site.http, asked).json()["request"]["body_bytes"] == 10


def test_head_has_no_body(nginx: Nginx) -> None:
    with serving(nginx, [WEB]) as site:
        response = site.ask("a.test", "/", method="HEAD")
        assert (response.status, response.body) == (200, b"")
        assert int(response.header("Content-Length") or 0) > 0


@pytest.mark.parametrize(("size", "status"), [(MEBIBYTE, 200), (MEBIBYTE + 1, 413)])
def test_a_body_of_more_than_one_mebibyte_is_refused(nginx: Nginx, size: int, status: int) -> None:
    with serving(nginx, [WEB]) as site:
        line = b"Content-Length: %d" % size
        if status == 413:  # answered before the body comes
            assert site.ask("a.test", "/", line, method="POST").status == 413
        else:
            response = site.ask("a.test", "/", method="POST", body=b"x" * size)
            assert response.json()["request"]["body_bytes"] == size


def test_nginx_does_not_tell_its_version(nginx: Nginx) -> None:
    with serving(nginx, [WEB]) as site:
        for host in ("a.test", "other.test"):
            response = site.ask(host, "/")
            assert response.header("Server") == "nginx"
            assert b"nginx/" not in response.raw


def test_the_health_check(nginx: Nginx) -> None:
    with serving(nginx, [ingress("web", rule("a.test", prefix("/x", "web")))]) as site:
        assert site.who("other.test", "/healthz") == "200"
        assert site.who("10.1.2.3", "/healthz") == "200"
        assert site.who("other.test", "/healthz/") == "404"
        assert site.who("a.test", "/healthz") == "404", "only on the default server"
        assert fetch(site.http, b"GET /healthz HTTP/1.0\r\n\r\n").status == 200


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (exact("/healthz", "any"), "any"),
        (prefix("/healthz", "any"), "any"),
        (prefix("/", "any"), "any"),
        (exact("/healthz/", "any"), "200"),
        (prefix("/healthz/x", "any"), "200"),
        (prefix("/health", "any"), "200"),
    ],
)
def test_a_rule_without_a_host_that_takes_the_health_checks_path(
    nginx: Nginx, path: dict[str, object], answer: str
) -> None:
    with serving(nginx, [ingress("any", rule(None, path))]) as site:
        assert site.who("other.test", "/healthz") == answer


def test_the_health_check_goes_before_a_default_backend(nginx: Nginx) -> None:
    with serving(nginx, [ingress("all", default="all")]) as site:
        assert site.who("other.test", "/healthz") == "200"
        assert site.who("other.test", "/x") == "all"


def test_another_health_check_path_and_none(nginx: Nginx) -> None:
    with serving(nginx, [WEB], health_check_path="/up") as site:
        assert site.who("other.test", "/up") == "200"
        assert site.who("other.test", "/healthz") == "404"
    with serving(nginx, [WEB], health_check_path="") as site:
        assert site.who("other.test", "/healthz") == "404"


def test_pipelined_requests_are_answered_in_order(nginx: Nginx) -> None:
    paths = ingress("web", rule("a.test", prefix("/one", "one"), prefix("/two", "two")))
    with serving(nginx, [paths]) as site:
        from tests.nginx.wire import parse, raw_request

        targets = ["/one", "/two/x", "/one/y", "/none"]
        data = b"".join(get(target, "a.test") for target in targets)
        responses = parse(raw_request(site.http, data, count=4))
        assert [r.status for r in responses] == [200, 200, 200, 404]
        assert [r.json()["request"]["target"] for r in responses[:3]] == targets[:3]
