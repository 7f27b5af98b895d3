"""What a ConfigMap changes for everybody, on real nginx with real backends."""

from __future__ import annotations

import gzip
import json
import ssl

import pytest

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.bare import Talk
from tests.nginx.certificates import ONE, SECRETS
from tests.nginx.settings import backed, config_map, set_by, told
from tests.nginx.wire import Connection, Tls, get
from tests.objects import ingress, prefix, rule

PREFIX = "nginx.ingress.kubernetes.io/"
WEB = ingress("web", rule("a.test", prefix("/", "web")))
HSTS = "Strict-Transport-Security"


def test_gzip(nginx: Nginx) -> None:
    body = "x" * 2000
    keys = {"use-gzip": "true", "gzip-min-length": "1000", "gzip-types": "text/plain text/html"}
    with Backend(body) as backend, backed(nginx, backend, keys) as site:
        answer = site.ask("a.test", "/", b"Accept-Encoding: gzip")
        assert answer.header("Content-Encoding") == "gzip"
        assert answer.header("Vary") == "Accept-Encoding"
        assert gzip.decompress(answer.body).decode() == body
        assert site.ask("a.test", "/").header("Content-Encoding") is None
    with Backend("short") as backend, backed(nginx, backend, keys) as site:
        answer = site.ask("a.test", "/", b"Accept-Encoding: gzip")
        assert answer.header("Content-Encoding") is None
    with Backend(body) as backend, backed(nginx, backend, {"use-gzip": "false"}) as site:
        answer = site.ask("a.test", "/", b"Accept-Encoding: gzip")
        assert answer.header("Content-Encoding") is None


def test_body_size(nginx: Nginx) -> None:
    with set_by(nginx, [WEB], {"proxy-body-size": "1k"}) as site:
        assert site.ask("a.test", "/", method="POST", body=b"x" * 1024).status == 200
        assert site.ask("a.test", "/", method="POST", body=b"x" * 1025).status == 413


def test_an_annotation_comes_before_the_configmap(nginx: Nginx) -> None:
    mine = {f"{PREFIX}proxy-body-size": "2k"}
    web = ingress("web", rule("a.test", prefix("/", "web")), annotations=mine)
    with set_by(nginx, [web], {"proxy-body-size": "1k"}) as site:
        assert site.ask("a.test", "/", method="POST", body=b"x" * 2048).status == 200
        assert site.ask("a.test", "/", method="POST", body=b"x" * 2049).status == 413


def test_lists_of_clients_by_default_and_by_annotation(nginx: Nginx) -> None:
    mine = {f"{PREFIX}allowlist-source-range": "127.0.0.0/8"}
    own = ingress("own", rule("b.test", prefix("/", "web")), annotations=mine)
    with set_by(nginx, [WEB, own], {"whitelist-source-range": "10.0.0.0/8"}) as site:
        assert site.ask("a.test", "/").status == 403
        assert site.ask("b.test", "/").status == 200
    with set_by(nginx, [WEB], {"denylist-source-range": "127.0.0.1"}) as site:
        assert site.ask("a.test", "/").status == 403


def test_the_status_over_a_limit(nginx: Nginx) -> None:
    limited = {f"{PREFIX}limit-rpm": "1", f"{PREFIX}limit-burst-multiplier": "1"}
    web = ingress("web", rule("a.test", prefix("/", "web")), annotations=limited)
    with set_by(nginx, [web], {"limit-req-status-code": "429"}) as site:
        assert {site.ask("a.test", "/").status for _ in range(4)} == {200, 429}


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ({}, "max-age=31536000; includeSubDomains"),
        ({"hsts": "false"}, None),
        ({"hsts-max-age": "60"}, "max-age=60; includeSubDomains"),
        (
            {"hsts-max-age": "60", "hsts-include-subdomains": "false", "hsts-preload": "true"},
            "max-age=60; preload",
        ),
    ],
)
def test_hsts(nginx: Nginx, keys: dict[str, str], value: str | None) -> None:
    with set_by(nginx, [ONE, *SECRETS], keys) as site:
        assert site.ask("a.test", "/", scheme="https").header(HSTS) == value


def test_headers_of_answers(nginx: Nginx) -> None:
    keys = {"hide-headers": "X-Powered-By,Via", "add-headers": "ingress-nginx/more"}
    more = config_map("more", {"X-Frame-Options": "DENY", "X-Path": "at $request_uri"})
    sent = "X-Powered-By: me\r\nVia: x\r\nX-Frame-Options: ALLOWALL\r\nX-Kept: 1\r\n"
    with Backend("one", headers=sent) as backend, backed(nginx, backend, keys, more) as site:
        answer = site.ask("a.test", "/x")
        assert answer.header("X-Powered-By") is None
        assert answer.header("Via") is None
        assert answer.header("X-Kept") == "1"
        assert answer.all("X-Frame-Options") == ["DENY"]
        assert answer.header("X-Path") == "at /x"
        assert site.ask("nobody.test", "/").all("X-Frame-Options") == ["DENY"], "errors too"


def test_headers_of_requests(nginx: Nginx) -> None:
    keys = {
        "proxy-set-headers": "ingress-nginx/more",
        "proxy-add-original-uri-header": "true",
        "generate-request-id": "false",
    }
    more = config_map(
        "more", {"X-Team": "shop", "X-Scheme": "none", "X-Client": "$remote_addr", "Cookie": ""}
    )
    with set_by(nginx, [WEB, more], keys) as site:
        headers = told(site, b"Cookie: a=b", target="/x?y")
        assert headers["x-team"] == "shop"
        assert headers["x-scheme"] == "none"
        assert headers["x-client"] == "127.0.0.1"
        assert headers["x-original-uri"] == "/x?y"
        assert "cookie" not in headers
        assert "x-request-id" not in headers
        assert told(site, b"X-Request-ID: mine")["x-request-id"] == "mine"


def test_server_tokens(nginx: Nginx) -> None:
    version = ".".join(map(str, nginx.version))
    with set_by(nginx, [WEB], {"server-tokens": "true"}) as site:
        assert site.ask("a.test", "/").header("Server") == f"nginx/{version}"
    with set_by(nginx, [WEB], {}) as site:
        assert site.ask("a.test", "/").header("Server") == "nginx"


def test_the_backends_server_header(nginx: Nginx) -> None:
    sent = "Server: mine\r\n"
    for value, server in (("true", "mine"), ("false", "nginx")):
        keys = {"allow-backend-server-header": value}
        with Backend("one", headers=sent) as backend, backed(nginx, backend, keys) as site:
            assert site.ask("a.test", "/").header("Server") == server


def test_log_format(nginx: Nginx) -> None:
    form = (
        '{"id": "$req_id", "ns": "$namespace", "in": "$ingress_name", "svc": "$service_name", '
        '"port": "$service_port", "up": "$proxy_upstream_name", "ip": "$the_real_ip", '
        '"agent": "$http_user_agent", "scheme": "$pass_access_scheme", "status": $status}'
    )
    keys = {
        "log-format-upstream": form,
        "log-format-escape-json": "true",
        "skip-access-log-urls": "/quiet,~^/never",
        "access-log-params": "buffer=32k flush=10ms",
    }
    with set_by(nginx, [WEB], keys) as site:
        site.ask("a.test", "/quiet")
        site.ask("a.test", "/never/x")
        site.ask("a.test", "/", b"X-Request-ID: 7", b'User-Agent: a"b')
        site.ask("nobody.test", "/")
        lines = [json.loads(line) for line in site.log(2)]
    # Each worker has a buffer of its own.
    second, first = sorted(lines, key=lambda line: str(line["ns"]))
    assert first == {
        "id": "7",
        "ns": "default",
        "in": "web",
        "svc": "web",
        "port": "80",
        "up": "default_web_80",
        "ip": "127.0.0.1",
        "agent": 'a"b',
        "scheme": "http",
        "status": 200,
    }
    assert (second["ns"], second["svc"], second["status"]) == ("-", "-", 404)


@pytest.mark.parametrize(("switch", "logged"), [("true", 2), ("false", 1), ("", 2)])
def test_unknown_hosts_are_logged_or_not(nginx: Nginx, switch: str, logged: int) -> None:
    keys = {"enable-access-log-for-default-backend": switch} if switch else {}
    with set_by(nginx, [WEB], keys) as site:
        assert site.ask("nobody.test", "/").status == 404
        assert site.ask("a.test", "/").status == 200
        hosts = {json.loads(line)["host"] for line in site.log(logged)}
    # Two workers may have answered, and either may write first.
    assert hosts == set(["nobody.test", "a.test"][-logged:])


def test_nginx_takes_the_defaults_of_ingress_nginx_for_its_workers(nginx: Nginx) -> None:
    keys = {
        "enable-aio-write": "true",
        "enable-multi-accept": "true",
        "reuse-port": "true",
        "variables-hash-bucket-size": "256",
        "variables-hash-max-size": "2048",
    }
    with set_by(nginx, [WEB], keys) as site:
        assert site.ask("a.test", "/").status == 200
        text = (site.prefix / "nginx.conf").read_text(encoding="utf-8")
    for line in (
        "aio threads;",
        "aio_write on;",
        "multi_accept on;",
        "variables_hash_bucket_size 256;",
        "variables_hash_max_size 2048;",
    ):
        assert f" {line}\n" in text
    assert "reuseport;" in text


def test_no_access_log(nginx: Nginx) -> None:
    with set_by(nginx, [WEB], {"disable-access-log": "true"}) as site:
        assert site.ask("a.test", "/").status == 200
        assert "access_log off" in (site.prefix / "nginx.conf").read_text(encoding="utf-8")
        assert not (site.prefix / "access.log").exists()


def test_ssl_protocols(nginx: Nginx) -> None:
    for version in ("TLSv1.2", "TLSv1.3"):
        with (
            set_by(nginx, [ONE, *SECRETS], {"ssl-protocols": version}) as site,
            Connection(site.https, tls=Tls("a.test")) as connection,
        ):
            assert isinstance(connection.socket, ssl.SSLSocket)
            assert connection.socket.version() == version


@pytest.mark.parametrize(("value", "spoken"), [("true", "h2"), ("false", "http/1.1")])
def test_http2(nginx: Nginx, value: str, spoken: str) -> None:
    with set_by(nginx, [ONE, *SECRETS], {"use-http2": value}) as site:
        asked = Tls("a.test", alpn=("h2", "http/1.1"))
        with Connection(site.https, tls=asked) as connection:
            assert isinstance(connection.socket, ssl.SSLSocket)
            assert connection.socket.selected_alpn_protocol() == spoken


def test_the_status_of_the_redirect_and_paths_without_one(nginx: Nginx) -> None:
    paths = [prefix("/", "a"), prefix("/plain", "plain"), prefix("/.well-known", "acme")]
    web = ingress("one", rule("a.test", *paths), tls=ONE["spec"]["tls"])
    keys = {"http-redirect-code": "302", "no-tls-redirect-locations": "/plain,/other"}
    with set_by(nginx, [web, *SECRETS], keys) as site:
        assert site.who("a.test", "/") == "302 https://a.test"
        assert site.who("a.test", "/.well-known/x") == "302 https://a.test/.well-known/x"
        assert site.who("a.test", "/plain") == "plain"


@pytest.mark.parametrize(
    ("keys", "annotation", "answer"),
    [
        ({"ssl-redirect": "false"}, None, "a"),
        ({"ssl-redirect": "false"}, {"ssl-redirect": "true"}, "308 https://a.test/x"),
        ({"preserve-trailing-slash": "true"}, None, "308 https://a.test/x/"),
        (
            {"preserve-trailing-slash": "true"},
            {"preserve-trailing-slash": "false"},
            "308 https://a.test/x",
        ),
    ],
)
def test_redirects_by_default_and_by_annotation(
    nginx: Nginx, keys: dict[str, str], annotation: dict[str, str] | None, answer: str
) -> None:
    given = {PREFIX + name: value for name, value in (annotation or {}).items()}
    web = {**ONE, "metadata": {**ONE["metadata"], "annotations": given}}
    with set_by(nginx, [web, *SECRETS], keys) as site:
        assert site.who("a.test", "/x/") == answer


def test_connections_to_backends(nginx: Nginx) -> None:
    for kept, opened in (("1", 1), ("0", 3)):
        keys = {"upstream-keepalive-connections": kept, "upstream-keepalive-timeout": "30"}
        with Backend("one") as backend, backed(nginx, backend, keys) as site:
            with Talk(site.http) as talk:
                for _ in range(3):
                    assert talk.ask(get("/", "a.test")).status == 200
            assert backend.connections == opened, kept


def test_connections_of_clients(nginx: Nginx) -> None:
    keys = {"keep-alive-requests": "2"}
    with set_by(nginx, [WEB], keys) as site, Connection(site.http) as connection:
        assert connection.request(get("/", "a.test")).header("Connection") == "keep-alive"
        assert connection.request(get("/", "a.test")).header("Connection") == "close"


def test_headers_of_clients(nginx: Nginx) -> None:
    keys = {"enable-underscores-in-headers": "true", "large-client-header-buffers": "2 1k"}
    with set_by(nginx, [WEB], keys) as site:
        assert told(site, b"x_y: 1")["x_y"] == "1"
        assert site.ask("a.test", "/", b"X-Long: " + b"x" * 2000).status == 400


def test_with_an_error_in_the_configmap_nothing_is_served(nginx: Nginx) -> None:
    with set_by(nginx, [WEB], {"block-cidrs": "10.0.0"}, on_error="isolate") as site:
        assert site.who("a.test", "/") == "503"
        assert site.who("nobody.test", "/") == "503"
