"""Error pages that share one list of headers send on real nginx what each would with its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from ingc.nginx import Nginx
from ingc.plan.layout import Location
from ingc.plan.pieces import InnerNames
from tests.nginx.backend import Backend
from tests.nginx.harness import Site
from tests.nginx.test_errors import NOT_FOUND, ing, site_of, told
from tests.nginx.wire import fetch, get
from tests.objects import Object, endpoint_slice, service

ABOUT = (
    b"X-Code: 1",
    b"X-Code: 2",
    b"X-Format: mine",
    b"X-Namespace:",
    b"X-Ingress-Name: mine",
    b"X-Service-Name: mine",
    b"X-Service-Port: 7",
    b"X-Original-URI: /mine",
)
"""What an error backend learns, as a client may claim it."""
CLAIMS = (*ABOUT, b"Accept: text/css", b"X-Request-ID: 7", b"X-Real-IP: 9.9.9.9", b"Cookie: a=b")
PATHS = ("/x?a=b", "/cart", "/shut/x", "/stream", "/site", "/none", "/plain")
LENGTH, CHUNKED = b"Content-Length: %d", b"Transfer-Encoding: chunked"
BODIES = (0, 10, 4000)
"""Of 1000 bytes a body is too large."""


def ingresses() -> list[Object]:
    """Return Ingresses of one host: some of their pages differ in values, some in more."""
    pages = {"custom_http_errors": "404,413,503", "default_backend": "errors"}
    small = {**pages, "proxy_body_size": "1000"}
    of_origin = {"enable_cors": "true", "cors_allow_origin": "https://app.test"}
    return [
        ing("web", "/", **small),
        ing("cart", "/cart", to="cart", **small),
        ing("shut", "/shut", **{**small, "custom_http_errors": "403,404,413"}, **of_origin,
            denylist_source_range="127.0.0.0/8"),
        ing("stream", "/stream", **small, proxy_request_buffering="off"),
        ing("site", "/site", **small, upstream_vhost="other.test"),
        ing("none", "/none", to="none", **pages),
        ing("plain", "/plain", to="plain"),
        service("none", 80),
        endpoint_slice("none", port=80),
    ]  # fmt: skip


def requests() -> Iterator[bytes]:
    """Yield requests of every way to send a body, as they go over the wire."""
    for path in PATHS:
        for method in ("GET", "PUT"):
            yield get(path, "a.test", *CLAIMS, method=method.encode())
            for size in BODIES:
                body = b"x" * size
                head = (path, "a.test", *CLAIMS)
                yield get(*head, LENGTH % size, method=method.encode()) + body
                chunks = b"%x\r\n%b\r\n" % (size, body) if size else b""
                yield get(*head, CHUNKED, method=method.encode()) + chunks + b"0\r\n\r\n"


def exchanged(nginx: Nginx) -> list[object]:
    """Return what clients and backends get of each request."""
    web, cart = Backend("web", status=NOT_FOUND), Backend("cart", status=NOT_FOUND)
    errors, plain = Backend("page", status="418 I'm a teapot"), Backend("plain")
    backends = {"web": web, "cart": cart, "errors": errors, "plain": plain}
    found: list[object] = []
    with site_of(nginx, *ingresses(), **backends) as site:
        for request in requests():
            answer = fetch(site.http, request)
            found.append((answer.status, answer.body, answer.header("Vary"), *sent(site, backends)))
            for backend in backends.values():
                backend.requests.clear()
    return found


def sent(site: Site, backends: dict[str, Backend]) -> Iterator[object]:
    """Yield what backends have got, without the port of the test's own nginx."""
    own = str(site.http[1]) if isinstance(site.http, tuple) else ""
    for name, backend in backends.items():
        for item in backend.requests:
            headers = [(key, value.replace(own, "PORT")) for key, value in item.headers]
            yield name, item.method, item.target, item.body_bytes, headers


def whole(locations: Sequence[Location], _names: InnerNames) -> tuple[Location, ...]:
    """Leave each page with a list of its own."""
    return tuple(locations)


def test_a_shared_list_sends_what_each_page_would(
    nginx: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = exchanged(nginx)
    monkeypatch.setattr("ingc.plan.contents.share_lists", whole)
    apart = exchanged(nginx)
    for request, one, other in zip(requests(), shared, apart, strict=True):
        assert one == other, request[:200]
    assert len(shared) > 90


def test_a_body_that_is_too_large_has_its_page_however_it_is_sent(nginx: Nginx) -> None:
    web, errors = Backend("web"), Backend("page")
    given = {"custom_http_errors": "404,413", "default_backend": "errors"}
    routes = (
        ing("web", "/", proxy_body_size="1000", **given),
        ing("cart", "/cart", proxy_body_size="1000", **given),
    )
    with site_of(nginx, *routes, web=web, errors=errors) as site:
        for path, name in (("/", "web"), ("/cart", "cart")):
            head = get(path, "a.test", CHUNKED, method=b"PUT")
            answer = fetch(site.http, head + b"fa0\r\n" + b"x" * 4000 + b"\r\n0\r\n\r\n")
            assert (answer.status, answer.body) == (200, b"page")
            last = errors.requests[-1]
            assert (last.method, last.target, last.body_bytes) == ("PUT", "/", 0)
            assert (told(errors)["code"], told(errors)["ingress-name"]) == ("413", name)
        assert web.requests == []


def test_other_backends_get_what_the_client_claims(nginx: Nginx) -> None:
    web, errors, plain = Backend("gone", status=NOT_FOUND), Backend("page"), Backend("plain")
    pages = ing("web", "/", custom_http_errors="404,500", default_backend="errors")
    with site_of(
        nginx, pages, ing("plain", "/plain", to="plain"), web=web, errors=errors, plain=plain
    ) as site:
        assert site.ask("a.test", "/plain", *ABOUT).body == b"plain"
        assert site.ask("a.test", "/", *ABOUT).body == b"page"
        claimed = [tuple(item.decode().split(":")) for item in ABOUT]
        for backend in (plain, web):
            names = [name.lower() for name, _ in claimed]
            got = [item for item in backend.requests[-1].headers if item[0].lower() in names]
            assert got == [(name, value.strip()) for name, value in claimed]
        assert told(errors)["code"] == "404"
        assert [value for name, value in errors.requests[-1].headers if name == "X-Code"] == ["404"]


def test_where_a_program_leads_on_each_page_has_its_own_list(nginx: Nginx) -> None:
    web, errors = Backend("gone", status=NOT_FOUND), Backend("page")
    given = ing(
        "web",
        "/",
        custom_http_errors="404,500",
        default_backend="errors",
        configuration_snippet="rewrite ^/a(.*)$ /$1 last;",
    )
    options = {"allow_snippets": ("*",)}
    with site_of(nginx, given, web=web, errors=errors, options=options) as site:
        # nginx takes ten steps: nine by the program, and the one to the page.
        assert site.ask("a.test", "/" + "a" * 9).body == b"page"
        assert told(errors)["code"] == "404"
