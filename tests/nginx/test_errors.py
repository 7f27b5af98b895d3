"""Error pages on real nginx, with a backend for the routes and another one for the pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.harness import Site, serving
from tests.nginx.wire import Response
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service

PREFIX = "nginx.ingress.kubernetes.io/"
NOT_FOUND = "404 Not Found"
BROKEN = "500 Internal Server Error"
TEAPOT = "418 I'm a teapot"
TOLD = (
    "code",
    "format",
    "original-uri",
    "namespace",
    "ingress-name",
    "service-name",
    "service-port",
)


def ing(name: str, path: str, *, to: str = "web", **annotations: str) -> Object:
    """Return an Ingress of one path of a.test, with annotations."""
    named = {PREFIX + key.replace("_", "-"): value for key, value in annotations.items()}
    return ingress(name, rule("a.test", prefix(path, to)), annotations=named)


@contextlib.contextmanager
def site_of(
    nginx: Nginx,
    *ingresses: Object,
    isolate: bool = False,
    options: Any = None,
    **backends: Backend,
) -> Iterator[Site]:
    """Serve Ingresses whose Services are the backends of their names."""
    objects = [*ingresses]
    for name, backend in backends.items():
        objects += [
            service(name, ("http", 80), ("other", 81)),
            endpoint_slice(name, backend.address, port=backend.port, port_name="http"),
        ]
    with (
        contextlib.ExitStack() as stack,
        serving(nginx, objects, echo=False, **(options or {})) as site,
    ):
        for backend in backends.values():
            stack.enter_context(backend)
        yield site


def told(backend: Backend) -> dict[str, str | None]:
    """Return what the last request told an error backend."""
    last = backend.requests[-1]
    return {name: last.header(f"x-{name}") for name in TOLD}


def test_the_page_and_the_status_are_the_error_backends(nginx: Nginx) -> None:
    web, errors = Backend("gone", status=NOT_FOUND), Backend("page", status=TEAPOT)
    given = ing("web", "/", custom_http_errors="404,503", default_backend="errors")
    with site_of(nginx, given, web=web, errors=errors) as site:
        response = site.ask("a.test", "/x%20y?a=b", b"Accept: text/css", b"X-Request-ID: 7")
        assert (response.status, response.body) == (418, b"page")
        assert told(errors) == {
            "code": "404",
            "format": "text/css",
            "original-uri": "/x%20y?a=b",
            "namespace": "default",
            "ingress-name": "web",
            "service-name": "web",
            "service-port": "80",
        }
        asked = errors.requests[-1]
        assert (asked.method, asked.target) == ("GET", "/?a=b")
        assert asked.header("host") == "a.test"
        assert asked.header("x-request-id") == "7"
        assert asked.header("x-forwarded-for") == "127.0.0.1"
        for name in ("x-real-ip", "x-forwarded-proto", "x-scheme", "upgrade"):
            assert asked.header(name) is None, name
        # A body without its length would be read as another request.
        body = b"GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n"
        post = site.ask("a.test", "/", method="POST", body=body)
        assert post.status == 418
        assert [item.method for item in errors.requests] == ["GET", "POST"]
        assert errors.requests[-1].body_bytes == len(body)
        assert web.requests[-1].body_bytes == len(body)


def test_a_body_that_was_passed_on_unread_is_kept_from_an_error_page(nginx: Nginx) -> None:
    web, errors = Backend("gone", status=NOT_FOUND), Backend("page")
    given = ing(
        "web",
        "/",
        custom_http_errors="404",
        default_backend="errors",
        proxy_request_buffering="off",
    )
    with site_of(nginx, given, web=web, errors=errors) as site:
        body = b"GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n"
        assert site.ask("a.test", "/", method="POST", body=body).body == b"page"
        assert [item.method for item in errors.requests] == ["POST"]
        assert errors.requests[-1].body_bytes == 0


def test_what_a_client_claims_reaches_no_error_page(nginx: Nginx) -> None:
    web, errors = Backend("gone", status=NOT_FOUND), Backend("page")
    given = ing("web", "/", custom_http_errors="404", default_backend="errors")
    claims = (b"X-Forwarded-For: 9.9.9.9", b"X-Real-IP: 9.9.9.9", b"X-Scheme: 9.9.9.9")
    with site_of(nginx, given, web=web, errors=errors) as site:
        assert site.ask("a.test", "/", *claims).body == b"page"
        assert "9.9.9.9" not in str(errors.requests[-1])


def test_the_body_of_a_refused_client_is_limited_as_on_its_route(nginx: Nginx) -> None:
    web, errors = Backend("web"), Backend("page")
    given = ing(
        "web",
        "/",
        custom_http_errors="403",
        default_backend="errors",
        proxy_body_size="1k",
        denylist_source_range="127.0.0.0/8",
    )
    with site_of(nginx, given, web=web, errors=errors) as site:
        small = site.ask("a.test", "/", method="POST", body=b"x" * 100)
        assert (small.status, errors.requests[-1].body_bytes) == (200, 100)
        assert site.ask("a.test", "/", method="POST", body=b"x" * 2000).status == 413


def test_what_is_not_listed_and_what_is_well_passes(nginx: Nginx) -> None:
    web, errors = Backend("oops", status=BROKEN), Backend("page")
    fine = Backend("fine")
    given = ing("web", "/", custom_http_errors="404", default_backend="errors")
    other = ing("fine", "/fine", to="fine", custom_http_errors="404", default_backend="errors")
    with site_of(nginx, given, other, web=web, errors=errors, fine=fine) as site:
        assert site.ask("a.test", "/").body == b"oops"
        assert site.ask("a.test", "/fine").body == b"fine"
        assert errors.requests == []


def test_ingresses_of_one_host_have_lists_of_their_own(nginx: Nginx) -> None:
    web, one, two = (
        Backend("gone", status=NOT_FOUND),
        Backend("one"),
        Backend("two", status=NOT_FOUND),
    )
    ingresses = (
        ing("one", "/one", custom_http_errors="404", default_backend="one"),
        ing("two", "/two", custom_http_errors="404,500", default_backend="two"),
        ing("other", "/other", custom_http_errors="500", default_backend="one"),
        ing("none", "/none"),
    )
    with site_of(nginx, *ingresses, web=web, one=one, two=two) as site:
        found = {path: site.ask("a.test", f"/{path}") for path in ("one", "two", "other", "none")}
        bodies = {path: (answer.status, answer.body) for path, answer in found.items()}
        # The page's own 404 is not replaced again.
        assert bodies == {
            "one": (200, b"one"),
            "two": (404, b"two"),
            "other": (404, b"gone"),
            "none": (404, b"gone"),
        }
        assert told(one)["ingress-name"] == "one"
        assert told(two)["ingress-name"] == "two"


def test_without_interception_only_nginxs_own_errors_have_a_page(nginx: Nginx) -> None:
    web, errors = Backend("gone", status=NOT_FOUND), Backend("page")
    given = ing(
        "web",
        "/",
        custom_http_errors="404,413,502",
        default_backend="errors",
        disable_proxy_intercept_errors="true",
    )
    with site_of(nginx, given, web=web, errors=errors) as site:
        assert site.ask("a.test", "/").body == b"gone"
        large = site.ask("a.test", "/", method="POST", body=b"x" * (2 << 20))
        assert (large.status, large.body) == (200, b"page")
        assert told(errors)["code"] == "413"
        assert errors.requests[-1].body_bytes == 0


def test_a_backend_that_is_down_has_a_page(nginx: Nginx) -> None:
    errors = Backend("page")
    given = ing("web", "/", custom_http_errors="502", default_backend="errors")
    nobody = endpoint_slice("web", "127.0.0.1", port=1)
    with site_of(nginx, given, service("web", 80), nobody, errors=errors) as site:
        assert site.ask("a.test", "/").body == b"page"
        assert told(errors)["code"] == "502"


def test_the_global_default_backend_gives_pages_too(nginx: Nginx) -> None:
    web, errors = Backend("gone", status=NOT_FOUND), Backend("page")
    given = ing("web", "/", custom_http_errors="404,503")
    empty = ing("empty", "/empty", to="empty", custom_http_errors="503")
    options = {"default_backend_service": "default/errors"}
    with site_of(
        nginx, given, empty, service("empty", 80), endpoint_slice("empty", port=80),
        web=web, errors=errors, options=options,
    ) as site:  # fmt: skip
        assert site.ask("a.test", "/").body == b"page"
        assert told(errors)["code"] == "404"
        assert site.ask("a.test", "/empty?x").body == b"page"
        assert told(errors)["code"] == "503"
        foreseen = site.oracle.match("a.test", "/empty?x")
        assert foreseen.upstream == "default_errors_80"
        assert (foreseen.upstream_uri or b"").decode() == errors.requests[-1].target


def test_without_endpoints_the_default_backend_stands_in(nginx: Nginx) -> None:
    web, errors = Backend("web"), Backend("page", status=TEAPOT)
    ingresses = (
        ing("web", "/", default_backend="errors"),
        ing("empty", "/empty", to="empty", default_backend="errors", custom_http_errors="418"),
        ing("missing", "/port", to="nothing", default_backend="errors"),
    )
    objects = (service("empty", 80), endpoint_slice("empty", port=80), service("nothing", 81))
    with site_of(nginx, *ingresses, *objects, web=web, errors=errors) as site:
        assert site.ask("a.test", "/").body == b"web"
        assert errors.requests == []
        for target, name in (("/empty/a%20b?c=d", "empty"), ("/port", "missing")):
            response = site.ask("a.test", target)
            assert (response.status, response.body) == (418, b"page")
            assert errors.requests[-1].target == target
            assert told(errors)["code"] == "503"
            assert told(errors)["ingress-name"] == name
            assert told(errors)["original-uri"] is None
        assert len(errors.requests) == 2


def test_a_stand_in_gets_the_rewritten_path(nginx: Nginx) -> None:
    errors = Backend("page")
    given = ingress(
        "web",
        rule("a.test", prefix("/old", "empty")),
        annotations={PREFIX + "default-backend": "errors", PREFIX + "rewrite-target": "/new"},
    )
    objects = (service("empty", 80), endpoint_slice("empty", port=80))
    with site_of(nginx, given, *objects, errors=errors) as site:
        assert site.ask("a.test", "/old").body == b"page"
        assert errors.requests[-1].target == "/new"


@pytest.mark.parametrize("errors_at", ["missing", "without endpoints"])
def test_a_default_backend_that_is_not_there_changes_nothing(nginx: Nginx, errors_at: str) -> None:
    web = Backend("gone", status=NOT_FOUND)
    given = ing("web", "/", custom_http_errors="404", default_backend="none")
    more = [service("none", 80), endpoint_slice("none", port=80)]
    with site_of(nginx, given, *(more if errors_at != "missing" else []), web=web) as site:
        response: Response = site.ask("a.test", "/")
        assert (response.status, response.body) == (404, b"gone")


def test_a_page_carries_the_headers_of_other_origins(nginx: Nginx) -> None:
    own = "Access-Control-Allow-Origin: https://evil.test\r\n"
    web, errors = Backend("gone", status=NOT_FOUND), Backend("page", headers=own)
    given = ing(
        "web",
        "/",
        custom_http_errors="404",
        default_backend="errors",
        enable_cors="true",
        cors_allow_origin="https://app.test",
    )
    with site_of(nginx, given, web=web, errors=errors) as site:
        response = site.ask("a.test", "/", b"Origin: https://app.test")
        assert response.body == b"page"
        assert response.all("Access-Control-Allow-Origin") == ["https://app.test"]
