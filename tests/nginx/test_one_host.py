"""The host that chose the server is the host that the backend gets and that redirects name.

A request line with a whole URL outweighs the Host header (RFC 9112, 3.2.2), in nginx too; but
``$http_host`` is the header all the same. Asked in raw bytes, on every way in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ingc.nginx import Nginx
from tests.nginx.certificates import secret_for
from tests.nginx.harness import Site, serving
from tests.nginx.wire import Connection, Response, Tls, fetch
from tests.objects import ingress, prefix, rule, service

_NGINX = "nginx.ingress.kubernetes.io/"
_HOSTS = ("public.test", "admin.test")
URL_FORMS = [
    "GET http://{a}/p HTTP/1.1\r\nHost: {b}\r\n",
    "GET http://{a}:8080/p HTTP/1.1\r\nHost: {b}:9090\r\n",
    "GET HTTP://{a}/p HTTP/1.1\r\nHost: {b}\r\n",
    "GET hTTps://{a}?q HTTP/1.1\r\nHost: {b}\r\n",
    "GET http://{A}/p HTTP/1.1\r\nHost: {b}\r\n",
    "GET http://{a}./p HTTP/1.1\r\nHost: {b}.\r\n",
    "GET http://{a} HTTP/1.1\r\nHost: {b}\r\n",
    "GET http://{a}/p HTTP/1.0\r\nHost: {b}\r\n",
    "GET http://{a}/p HTTP/1.0\r\n",
    "OPTIONS http://{a}/p HTTP/1.1\r\nHost: {b}\r\n",
    "GET http://{a}/http://{b}/ HTTP/1.1\r\nHost: {b}\r\n",
    "GET http://{a}/p HTTP/1.1\r\nHost: {b} \r\n",
    "GET http://{a}/p HTTP/1.1\r\nHost: {b}:80\r\nX-Forwarded-Host: {b}\r\n",
    "GET http://{a}/p HTTP/1.1\r\nHost: {a}.{b}\r\n",
    "GET http://{a}/p HTTP/1.1\r\nHost: {b} {a}\r\n",
    "GET http://{a}/p HTTP/1.1\r\nHost: x{a}\r\n",
    "GET http://{a}/p HTTP/1.1\r\nHost: {a}x:80\r\n",
]
HEADER_FORMS = [
    "GET /p HTTP/1.1\r\nHost: {a}\r\n",
    "GET /p HTTP/1.1\r\nHost: {A}\r\n",
    "GET /p HTTP/1.1\r\nHost: {a}:8080\r\n",
    "GET /p HTTP/1.1\r\nHost: {a}.\r\n",
    "GET /p HTTP/1.1\r\nHost: {A}.:8080\r\n",
    "GET /p HTTP/1.0\r\nHost: {a}\r\n",
    "GET http://{a}:8080/p HTTP/1.1\r\nHost: {a}:8080\r\n",
]


@pytest.fixture(scope="module")
def site(nginx: Nginx) -> Iterator[Site]:
    objects = [
        *(
            ingress(
                name.partition(".")[0],
                rule(name, prefix("/", name.partition(".")[0])),
                tls=[{"hosts": [name], "secretName": "all"}],
                annotations={_NGINX + "ssl-redirect": "false"},
            )
            for name in _HOSTS
        ),
        ingress(
            "root",
            rule("root.test", prefix("/", "public")),
            annotations={_NGINX + "app-root": "/app"},
        ),
        ingress(
            "moved",
            rule("moved.test", prefix("/", "public")),
            annotations={_NGINX + "force-ssl-redirect": "true"},
        ),
        secret_for("all", "*.test"),
        *(service(name.partition(".")[0], 80) for name in _HOSTS),
    ]
    with serving(nginx, objects) as running:
        yield running


def _ask(site: Site, form: str, a: str, b: str, scheme: str) -> Response:
    data = (form.format(a=a, A=a.upper(), b=b) + "Connection: close\r\n\r\n").encode()
    if scheme == "http":
        return fetch(site.http, data)
    return fetch(site.https, data, tls=Tls(a))


def _bare(host: str) -> str:
    return host.lower().partition(":")[0].removesuffix(".")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("form", [*URL_FORMS, *HEADER_FORMS])
@pytest.mark.parametrize(("a", "b"), [_HOSTS, _HOSTS[::-1]])
def test_the_backend_gets_the_host_that_was_judged(
    site: Site, form: str, a: str, b: str, scheme: str
) -> None:
    response = _ask(site, form, a, b, scheme)
    if response.status in (400, 421):
        assert form not in HEADER_FORMS
        return
    assert response.status == 200
    story = response.json()
    assert story["service"] == f"default/{a.partition('.')[0]}"
    received = {name.lower(): value for name, value in story["request"]["headers"]}
    for name in ("host", "x-forwarded-host"):
        assert _bare(received[name]) == a
    if form in HEADER_FORMS:
        sent = form.partition("Host: ")[2].partition("\r")[0].format(a=a, A=a.upper())
        assert received["host"] == sent


@pytest.mark.parametrize("form", URL_FORMS)
@pytest.mark.parametrize("host", ["root.test", "moved.test"])
def test_a_redirect_names_the_host_that_was_judged(site: Site, form: str, host: str) -> None:
    response = _ask(site, form.replace("/p ", "/ "), host, "evil.test", "http")
    if response.status == 400:
        return
    location = response.header("Location")
    if location is None:
        assert host == "root.test"  # app-root is of the root alone
        return
    assert _bare(re.split("[/?]", location.partition("://")[2])[0]) == host


def test_http_2_has_one_host(site: Site) -> None:
    from tests.nginx.http2 import request

    asked = {":method": "GET", ":scheme": "https", ":path": "/p", ":authority": "public.test"}
    with Connection(site.https, tls=Tls("public.test", alpn=("h2",))) as connection:
        answer = request(connection, {**asked, "host": "admin.test"})
    assert answer.status == 400 or b"public.test" in answer.body
    assert b"admin.test" not in answer.body
