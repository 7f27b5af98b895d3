"""External auth on real nginx, with a real service that decides."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingc.nginx import Nginx
from ingc.serve.selfsigned import self_signed
from tests.nginx.backend import Backend
from tests.nginx.deciding import Decide, Question, Service, Verdict, by_token, deciding
from tests.nginx.dns import NameServer
from tests.nginx.harness import Site, serving
from tests.nginx.settings import NAME
from tests.nginx.wire import Connection, get
from tests.objects import (
    Object,
    config_map,
    endpoint_slice,
    ingress,
    prefix,
    rule,
    service,
    specific,
)

PREFIX = "nginx.ingress.kubernetes.io/"
URL = "http://auth.test:4180/check"
ALLOWED = b"Authorization: letmein"
_MANY = 12


def guarded(*paths: Object, host: str = "a.test", name: str = "web", **asked: str) -> Object:
    """Return an Ingress with external auth; ``auth_url`` becomes the annotation auth-url."""
    given = {"auth_url": URL, **asked}
    annotations = {PREFIX + key.replace("_", "-"): value for key, value in given.items()}
    return ingress(name, rule(host, *(paths or (prefix("/", "web"),))), annotations=annotations)


@contextmanager
def asking(
    nginx: Nginx, *objects: Object, decide: Decide = by_token, **options: Any
) -> Iterator[tuple[Site, Service]]:
    """Serve with a service behind auth.test."""
    with (
        deciding(decide) as auth,
        serving(nginx, objects, outside={"auth.test": auth.port}, **options) as site,
    ):
        yield site, auth


def test_2xx_passes_401_and_403_refuse(nginx: Nginx) -> None:
    with asking(nginx, guarded()) as (site, auth):
        assert site.ask("a.test", "/x?y", ALLOWED).status == 200
        assert site.ask("a.test", "/x?y").status == 401
        assert site.ask("a.test", "/x?y", b"Authorization: forbidden").status == 403
        assert [question.target for question in auth.asked] == ["/check"] * 3


def test_a_service_of_the_input_is_asked_at_its_endpoints(nginx: Nginx) -> None:
    with deciding(by_token) as auth, Backend("web") as backend:
        of_sso = (service("auth", 80), endpoint_slice("auth", "127.0.0.1", port=auth.port))
        for item in of_sso:
            item["metadata"]["namespace"] = "sso"
        objects = [
            guarded(auth_url="http://auth.sso.svc.cluster.local/check"),
            service("web", 80),
            endpoint_slice("web", "127.0.0.1", port=backend.port),
            *of_sso,
        ]
        with serving(nginx, objects, echo=False) as site:
            assert site.ask("a.test", "/", ALLOWED).status == 200
            assert site.ask("a.test", "/").status == 401
        assert [dict(question.headers)["host"] for question in auth.asked] == [
            "auth.sso.svc.cluster.local"
        ] * 2


@pytest.mark.parametrize("status", [204, 302, 304, 404, 500, 503])
def test_2xx_alone_passes_and_any_other_status_is_500(nginx: Nginx, status: int) -> None:
    with asking(nginx, guarded(), decide=lambda _: Verdict(status)) as (site, _):
        assert site.ask("a.test", "/").status == (200 if status == 204 else 500)


def test_nobody_passes_while_the_service_is_down(nginx: Nginx) -> None:
    with serving(nginx, [guarded()], outside={"auth.test": 1}) as site:
        assert site.ask("a.test", "/", ALLOWED).status == 500


def test_an_error_page_of_the_server_lets_nobody_in(nginx: Nginx) -> None:
    """nginx asks the error page in the service's place, and would take its 200 for a yes."""
    with serving(nginx, [guarded()], outside={"auth.test": 1}) as site:
        conf = site.prefix / "nginx.conf"
        text = conf.read_text(encoding="utf-8")
        page = "error_page 500 502 504 =200 /page; location = /page { return 200 page; }"
        conf.write_text(text.replace("server_name a.test;", f"server_name a.test; {page}"))
        assert site.running.reload() is None
        assert site.ask("a.test", "/page").body == b"page"
        answer = site.ask("a.test", "/")
        assert answer.body == b"page", "of the 500"
        # Without the location's own error_page nginx passes the request on.
        conf.write_text(conf.read_text(encoding="utf-8").replace("error_page 599 /;", ""))
        assert site.running.reload() is None
        assert "web" in site.ask("a.test", "/").body.decode()


def test_what_the_service_is_told(nginx: Nginx) -> None:
    forged = (
        b"X-Original-URL: http://evil.test/",
        b"X-Original-Method: HEAD",
        b"X-Original-URI: /evil",
        b"X-Real-IP: 9.9.9.9",
        b"X-Forwarded-For: 9.9.9.9",
        b"X-Forwarded-Host: evil.test",
        b"X-Forwarded-Proto: evil",
        b"X-Forwarded-Uri: /evil",
        b"X-Forwarded-Method: EVIL",
        b"X-Scheme: evil",
        b"X-Sent-From: evil",
        b"X-Auth-Request-Redirect: /evil",
        b"Cookie: a=b",
        b"X-Own: kept",
    )
    with asking(nginx, guarded()) as (site, auth):
        site.ask("a.test", "/x/%41?b=c&d", ALLOWED, *forged, method="POST", body=b"hello")
        (question,) = auth.asked
    told = dict(question.headers)
    assert len(told.pop("x-request-id")) == 32
    assert told == {
        "host": "auth.test",
        "authorization": "letmein",
        "cookie": "a=b",
        "x-own": "kept",
        "x-original-url": "http://a.test/x/%41?b=c&d",
        "connection": "close",
        "x-original-method": "POST",
        "x-sent-from": "nginx-ingress-controller",
        "x-real-ip": "127.0.0.1",
        "x-forwarded-for": "127.0.0.1",
        "x-auth-request-redirect": "/x/%41?b=c&d",
    }
    assert question.method == "GET"
    assert question.body == b""


def test_the_service_is_told_of_the_host_that_is_served(nginx: Nginx) -> None:
    """A whole URL in the request line outweighs the Host header, for nginx and the service."""
    with asking(nginx, guarded()) as (site, auth):
        for target, host, told in (
            ("http://a.test/x", "b.test", "a.test"),
            ("/x", "A.test:8080", "A.test:8080"),
            ("/x", "a.test.", "a.test."),
            ("http://a.test:81/x", "a.test", "a.test"),
        ):
            site.ask(host, target, ALLOWED)
            assert auth.asked[-1].headers["x-original-url"] == f"http://{told}/x"


def test_the_method_and_the_redirect_can_be_chosen(nginx: Nginx) -> None:
    asked = guarded(auth_method="POST", auth_request_redirect="https://$host/in?u=$request_uri")
    with asking(nginx, asked) as (site, auth):
        assert site.ask("a.test", "/x?y", ALLOWED).status == 200
        (question,) = auth.asked
    assert question.method == "POST"
    assert question.headers["x-original-uri"] == "/x?y"
    assert question.headers["x-scheme"] == "http"
    assert question.headers["x-auth-request-redirect"] == "https://a.test/in?u=/x?y"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://auth.test", "/"),
        ("http://auth.test/", "/"),
        ("http://auth.test?a=b", "/?a=b"),
        ("http://auth.test/x?u=$request_uri&m=$request_method", "/x?u=/q?r&m=GET"),
        ("http://auth.test$request_uri", "/q?r"),
    ],
)
def test_the_url_may_name_what_is_asked_for(nginx: Nginx, url: str, target: str) -> None:
    with asking(nginx, guarded(auth_url=url)) as (site, auth):
        assert site.ask("a.test", "/q?r", ALLOWED).status == 200
        assert auth.asked[0].target == target


def test_the_urls_host_may_be_the_rules_own(nginx: Nginx) -> None:
    with (
        deciding() as auth,
        serving(
            nginx, [guarded(auth_url="http://$host/check")], outside={"a.test": auth.port}
        ) as site,
    ):
        assert site.ask("A.test", "/", ALLOWED).status == 200
        assert auth.asked[0].headers["host"] == "a.test"


def test_the_name_is_looked_up_at_run_time_and_leaves_the_backends_alone(nginx: Nginx) -> None:
    """The subrequest shares the request's variables; the address of one is not the other's."""
    with (
        deciding() as auth,
        Backend("web") as web,
        NameServer({"auth.test": "127.0.0.1", "backend.test": "127.0.0.1"}) as names,
    ):
        objects = (
            guarded(prefix("/", "web", web.port), auth_url=f"http://auth.test:{auth.port}/check"),
            service("web", web.port, external_name="backend.test"),
        )
        with serving(nginx, objects, echo=False, resolver=(names.address,)) as site:
            until = time.monotonic() + 10
            while (answer := site.ask("a.test", "/x", ALLOWED)).status != 200:
                assert time.monotonic() < until, answer
                time.sleep(0.05)
            assert answer.body == b"web"
            assert site.ask("a.test", "/x").status == 401
            assert web.requests[-1].target == "/x"
            assert auth.asked[-1].target == "/check"


def test_the_service_may_speak_tls(nginx: Nginx, tmp_path: Path) -> None:
    certificate, key = self_signed(["auth.test"])
    (tmp_path / "crt").write_bytes(certificate)
    (tmp_path / "key").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    named: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    with deciding(tls=context) as auth, Backend("web") as web:
        objects = (
            guarded(auth_url="https://auth.test/check"),
            service("web", 80),
            endpoint_slice("web", "127.0.0.1", port=web.port),
        )
        real: dict[str, Any] = {"echo": False, "resolver": ("127.0.0.1",)}
        with serving(nginx, objects, outside={"auth.test": auth.port}, **real) as site:
            assert site.ask("a.test", "/", ALLOWED).body == b"web"
            assert site.ask("a.test", "/").status == 401
    assert set(named) == {"auth.test"}


def test_the_services_headers_replace_the_clients(nginx: Nginx) -> None:
    def decide(question: Question) -> Verdict:
        return Verdict(200, (("X-User", "anna"),))

    with asking(nginx, guarded(auth_response_headers="X-User, X-Groups"), decide=decide) as (
        site,
        _,
    ):
        told = site.received("a.test", "/", b"X-User: root", b"X-Groups: admin", b"X-Other: o")
    headers = [(name.lower(), value) for name, value in told["headers"]]
    assert ("x-user", "anna") in headers
    assert ("x-user", "root") not in headers
    assert "x-groups" not in dict(headers)
    assert ("x-other", "o") in headers
    assert ("host", "a.test") in headers


@pytest.mark.parametrize("always", ["true", "false"])
def test_cookies_of_the_service_reach_the_client(nginx: Nginx, always: str) -> None:
    def decide(question: Question) -> Verdict:
        status = 200 if "authorization" in question.headers else 401
        return Verdict(status, (("Set-Cookie", "s=1; Path=/"),))

    asked = guarded(prefix("/", "web"), auth_always_set_cookie=always)
    with asking(nginx, asked, decide=decide) as (site, _):
        assert site.ask("a.test", "/", ALLOWED).all("Set-Cookie") == ["s=1; Path=/"]
        refused = site.ask("a.test", "/")
        assert refused.status == 401
        assert refused.all("Set-Cookie") == (["s=1; Path=/"] if always == "true" else [])


def test_a_large_body_is_judged_by_the_routes_location_alone(nginx: Nginx) -> None:
    body = b"x" * (2 << 20)
    with asking(nginx, guarded()) as (site, _):
        conf = site.prefix / "nginx.conf"
        text = conf.read_text(encoding="utf-8")
        conf.write_text(
            text.replace("    auth_request ", "    client_max_body_size 0;\n    auth_request ")
        )
        assert site.running.reload() is None
        assert site.ask("a.test", "/", ALLOWED, method="POST", body=body).status == 200


def test_a_config_map_adds_headers(nginx: Nginx) -> None:
    headers = config_map(
        "more", {"X-Realm": 'shop "a"; b', "x-real-ip": "t=$msec", "X-Kept": "$host"}
    )
    asked = guarded(auth_proxy_set_headers="more")
    with asking(nginx, asked, headers) as (site, auth):
        assert site.ask("a.test", "/", ALLOWED, b"X-Realm: forged").status == 200
        told = auth.asked[0].headers
    assert told["x-realm"] == 'shop "a"; b'
    assert told["x-real-ip"].startswith("t=")
    assert told["x-kept"] == "a.test"


def test_the_path_of_acme_is_open(nginx: Nginx) -> None:
    paths = (prefix("/", "web"), prefix("/.well-known/acme-challenge", "web"))
    with asking(nginx, guarded(*paths)) as (site, _):
        assert site.ask("a.test", "/.well-known/acme-challenge/x").status == 200
        for target in ("/.well-known/acme-challengex", "/.well-known/", "/"):
            assert site.ask("a.test", target).status == 401
        assert site.ask("a.test", "/.well-known/acme-challenge/../../x").status == 401


def test_the_internal_location_can_not_be_asked_for(nginx: Nginx) -> None:
    with asking(nginx, guarded()) as (site, auth):
        text = (site.prefix / "nginx.conf").read_text(encoding="utf-8")
        name = text.partition("auth_request ")[2].partition(";")[0]
        taken = ingress("other", rule("a.test", specific(name, "other")))
        assert site.ask("a.test", name).status == 401
        assert auth.asked[-1].headers["x-original-url"].endswith(name)
        # Nor can a rule take its name, which nginx would refuse to load.
        with asking(nginx, guarded(), taken) as (again, _):
            assert again.ask("a.test", name).status == 401


def test_connections_to_the_service_are_kept_where_asked(nginx: Nginx) -> None:
    def connections(**asked: str) -> int:
        with asking(nginx, guarded(**asked), decide=lambda _: Verdict(204)) as (site, auth):
            for _ in range(_MANY):
                with Connection(site.http) as client:
                    assert client.request(get("/", "a.test")).status == 200
            return len({question.connection for question in auth.asked})

    # Each worker keeps connections of its own.
    assert connections(auth_keepalive="8") < _MANY
    assert connections(auth_keepalive="8", auth_keepalive_requests="1") == _MANY
    assert connections() == _MANY


def test_they_are_kept_where_all_backends_are_spoken_to_in_http_1_0(nginx: Nginx) -> None:
    keys = config_map("settings", {"proxy-http-version": "1.0"}, "ingress-nginx")
    asked = guarded(auth_keepalive="8", proxy_http_version="1.0")
    with asking(nginx, asked, keys, decide=lambda _: Verdict(204), configmap=NAME) as (site, auth):
        for _ in range(_MANY):
            assert site.ask("a.test", "/").status == 200
        assert len({question.connection for question in auth.asked}) < _MANY


def test_answers_are_remembered_for_each_location_apart(nginx: Nginx) -> None:
    key = {"auth_cache_key": "$http_authorization", "auth_cache_duration": "200 5m, 401 1m"}
    objects = (
        guarded(prefix("/", "web"), prefix("/b", "web"), **key),
        guarded(host="b.test", name="other", **key),
    )
    with asking(nginx, *objects) as (site, auth):
        assert site.ask("a.test", "/x", ALLOWED).status == 200
        assert site.ask("a.test", "/y", ALLOWED).status == 200
        assert site.ask("a.test", "/", b"Authorization: no").status == 401
        assert len(auth.asked) == 2
        auth.decide = lambda _: Verdict(403)
        assert site.ask("a.test", "/z", ALLOWED).status == 200
        assert site.ask("a.test", "/z", b"Authorization: no").status == 401
        # Each of these is asked about anew, and a 403 is not remembered.
        for host, target, headers in (
            ("a.test", "/b", (ALLOWED,)),
            ("a.test", "/b", (ALLOWED,)),
            ("b.test", "/x", (ALLOWED,)),
            ("a.test", "/x", ()),
        ):
            assert site.ask(host, target, *headers).status == 403
        assert len(auth.asked) == 6


def test_remembered_answers_outlive_the_service(nginx: Nginx) -> None:
    with asking(nginx, guarded(auth_cache_key="$http_authorization")) as (site, auth):
        assert site.ask("a.test", "/", ALLOWED).status == 200
        auth.stop()
        assert site.ask("a.test", "/", ALLOWED).status == 200
        assert site.ask("a.test", "/", b"Authorization: other").status == 500


def test_names_of_headers_may_be_long_and_many(nginx: Nginx) -> None:
    long = [f"X-{'a' * length}" for length in (28, 29, 44, 45, 60, 250)]
    many = [f"X-Header-{number}-Of-Many" for number in range(80)]
    told_back = (*long[:3], *many[:20])

    def decide(question: Question) -> Verdict:
        return Verdict(200, tuple((name, name[-3:]) for name in told_back))

    headers = config_map("more", {name: name[-3:] for name in (*long, *many)})
    asked = guarded(
        prefix("/", "web"),
        auth_proxy_set_headers="more",
        auth_response_headers=",".join(told_back),
    )
    with asking(nginx, asked, headers, decide=decide) as (site, auth):
        told = dict(site.received("a.test", "/")["headers"])
        (question,) = auth.asked
    assert {name: told[name] for name in told_back} == {name: name[-3:] for name in told_back}
    assert all(question.headers[name.lower()] == name[-3:] for name in (*long, *many))
