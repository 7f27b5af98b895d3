"""``--debug-header`` on real nginx: who is told which route took a request."""

from __future__ import annotations

from typing import Any

import pytest

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.certificates import ONE, SECRETS
from tests.nginx.harness import Site, serving
from tests.nginx.settings import set_by
from tests.nginx.wire import Connection, Tls, get
from tests.objects import (
    Object,
    annotated,
    config_map,
    endpoint_slice,
    exact,
    ingress,
    prefix,
    rule,
    service,
)

HEADER = "X-Ingc-Route"
WEB = ingress("web", rule("a.test", prefix("/", "web"), exact("/cart", "cart")), default="rest")
LISTED: dict[str, Any] = {"debug_header": ("192.0.2.0/24", "127.0.0.1")}
SOMEBODY_ELSE: dict[str, Any] = {"debug_header": ("10.0.0.0/8,2001:db8::/32",)}
FIRST = "default/web/spec.rules[0]/http.paths[0]"
FAKED = "X-Ingc-Route: other/other/spec.rules[0]/http.paths[0]\r\n"


def told(site: Site, target: str = "/", host: str = "a.test", **more: Any) -> list[str]:
    return site.ask(host, target, **more).all(HEADER)


def test_a_listed_client_is_told_the_rule(nginx: Nginx) -> None:
    with serving(nginx, [WEB], **LISTED) as site:
        assert told(site) == told(site, "/other?a=b", method="POST") == [FIRST]
        assert told(site, "/cart") == ["default/web/spec.rules[0]/http.paths[1]"]
        logged = site.log_entries(3)[2]["route"]
    assert logged == "default/web spec.rules[0].http.paths[1]"


def test_nobody_else_is(nginx: Nginx) -> None:
    nobody: dict[str, Any] = {}
    for options in (SOMEBODY_ELSE, nobody):
        with serving(nginx, [WEB], **options) as site:
            assert told(site) == told(site, "/cart") == told(site, host="nobody.test") == []


def test_everybody_may_be(nginx: Nginx) -> None:
    with serving(nginx, [WEB], debug_header=("0.0.0.0/0,::/0",), access_log="off") as site:
        assert told(site) == [FIRST]
        assert b"[warn]" not in b"\n".join(site.log(1, "error.log"))


def test_default_backends_and_what_nobody_asks_for(nginx: Nginx) -> None:
    only = ingress("only", rule("b.test", exact("/x", "web")))
    with serving(nginx, [only], **LISTED) as site:
        assert told(site, "/", "b.test") == ["-"]
        assert told(site, "/", "nobody.test") == told(site, "/healthz", "nobody.test") == ["-"]
        assert told(site, "/x", "b.test") == ["default/only/spec.rules[0]/http.paths[0]"]
    other = ingress("other", rule("b.test", exact("/x", "web")), default="rest")
    with serving(nginx, [other], **LISTED) as site:
        assert told(site, "/", "b.test") == ["default/other/spec.defaultBackend"]


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "302 Found", "503 Unavailable"])
@pytest.mark.parametrize(("options", "expected"), [(LISTED, [FIRST]), (SOMEBODY_ELSE, [])])
def test_a_backend_can_not_fake_it(
    nginx: Nginx, status: str, options: dict[str, Any], expected: list[str]
) -> None:
    with Backend("one", headers=FAKED, status=status) as one:
        objects = [WEB, service("web", 80), endpoint_slice("web", one.address, port=one.port)]
        with serving(nginx, objects, echo=False, backends="endpoints", **options) as site:
            response = site.ask("a.test", "/")
    assert response.status == int(status[:3])
    assert response.all(HEADER) == expected


WITH_LISTS_OF_THEIR_OWN = [
    annotated(enable_cors="true"),
    annotated(enable_cors="true", cors_allow_origin="https://a.example"),
    annotated(affinity="cookie"),
    annotated(rewrite_target="/b"),
    annotated(custom_http_errors="404", default_backend="errors"),
]


@pytest.mark.parametrize("annotations", WITH_LISTS_OF_THEIR_OWN, ids=str)
def test_locations_with_lists_of_their_own_have_it_too(
    nginx: Nginx, annotations: dict[str, str]
) -> None:
    web = ingress("web", rule("a.test", prefix("/", "web")), annotations=annotations)
    with Backend("one", headers=FAKED, status="404 Not Found") as one:
        objects = [web]
        for name in ("web", "errors"):
            objects += [service(name, 80), endpoint_slice(name, one.address, port=one.port)]
        with serving(nginx, objects, echo=False, **LISTED) as site:
            assert told(site) == [FIRST]
            preflight = site.ask("a.test", "/", b"Origin: https://a.example", method="OPTIONS")
            assert preflight.all(HEADER) == [FIRST]
        with serving(nginx, objects, echo=False, **SOMEBODY_ELSE) as site:
            assert told(site) == []


def test_what_nginx_answers_itself_has_it(nginx: Nginx) -> None:
    def only(name: str, **values: str) -> Object:
        return ingress(
            name, rule("a.test", prefix(f"/{name}", "web")), annotations=annotated(**values)
        )

    objects = [
        only("moved", permanent_redirect="https://b.test/"),
        only("closed", denylist_source_range="0.0.0.0/0"),
        ingress("gone", rule("a.test", prefix("/gone", "gone"))),
        service("gone", 81),
    ]
    with serving(nginx, objects, echo=False, backends="cluster-ip", **LISTED) as site:
        for name, status in (("moved", 301), ("closed", 503), ("gone", 503)):
            response = site.ask("a.test", f"/{name}")
            assert response.status == status
            assert response.all(HEADER) == [f"default/{name}/spec.rules[0]/http.paths[0]"]
        assert site.ask("a.test", "/nothing").status == 404
        assert told(site, "/nothing") == ["-"]


def test_a_client_that_a_list_keeps_out_is_told_by_which_rule(nginx: Nginx) -> None:
    closed = ingress(
        "closed",
        rule("a.test", prefix("/", "web")),
        annotations=annotated(denylist_source_range="0.0.0.0/0"),
    )
    with serving(nginx, [closed], **LISTED) as site:
        response = site.ask("a.test", "/")
        assert response.status == 403
        assert response.all(HEADER) == ["default/closed/spec.rules[0]/http.paths[0]"]


def test_https_has_it_and_the_redirect_there_names_no_rule(nginx: Nginx) -> None:
    with serving(nginx, [ONE, *SECRETS], **LISTED) as site:
        assert told(site) == ["-"]
        response = site.ask("a.test", "/", scheme="https", tls=Tls("a.test"))
        assert response.all(HEADER) == ["default/one/spec.rules[0]/http.paths[0]"]
        assert response.header("Strict-Transport-Security") is not None


def test_the_address_is_the_one_that_is_believed(nginx: Nginx) -> None:
    listed: dict[str, Any] = {"debug_header": ("203.0.113.5",)}
    line = b"PROXY TCP4 %s 192.0.2.1 5555 80\r\n"
    with set_by(nginx, [WEB], {"use-proxy-protocol": "true"}, **listed) as site:
        for address, expected in ((b"203.0.113.5", [FIRST]), (b"203.0.113.6", [])):
            with Connection(site.http) as connection:
                connection.send(line % address + get("/", "a.test"))
                assert connection.read().all(HEADER) == expected
    claimed = b"X-Forwarded-For: 203.0.113.5"
    trusted = {"use-forwarded-headers": "true", "proxy-real-ip-cidr": "127.0.0.0/8"}
    with set_by(nginx, [WEB], trusted, **listed) as site:
        assert site.ask("a.test", "/", claimed).all(HEADER) == [FIRST]
    with serving(nginx, [WEB], **listed) as site:
        assert site.ask("a.test", "/", claimed).all(HEADER) == []


def test_no_header_of_the_config_map_takes_its_place(nginx: Nginx) -> None:
    added = config_map("added", {"x-ingc-route": "faked", "X-Other": "b"}, "ingress-nginx")
    keys = {"add-headers": "ingress-nginx/added"}
    with set_by(nginx, [WEB, added], keys, **LISTED) as site:
        response = site.ask("a.test", "/")
        assert response.all(HEADER) == [FIRST]
        assert response.all("X-Other") == ["b"]


def test_nor_does_one_that_an_ingress_lists(nginx: Nginx) -> None:
    web = ingress(
        "web",
        rule("a.test", prefix("/", "web")),
        annotations=annotated(custom_headers="default/headers"),
    )
    listed = config_map("headers", {"X-Ingc-Route": "faked"})
    keys = {"global-allowed-response-headers": "X-Ingc-Route"}
    with set_by(nginx, [web, listed], keys, on_error="isolate", **LISTED) as site:
        response = site.ask("a.test", "/")
        assert (response.status, response.all(HEADER)) == (503, [FIRST])
