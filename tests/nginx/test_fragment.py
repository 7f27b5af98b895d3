"""The fragment, inside an ``http`` block of somebody else's; and listening on several addresses."""

from __future__ import annotations

import socket
from pathlib import Path

import ingc
from ingc.nginx import Nginx, Running, free_ports
from ingc.serve.config_test import rehearse
from tests.nginx.certificates import secret_for
from tests.nginx.conf import conf, write
from tests.nginx.harness import as_ourselves, responder_socket, seen, serving, version_of
from tests.nginx.wire import fetch, get
from tests.objects import annotated, endpoint_slice, exact, ingress, prefix, rule, service, tls

OBJECTS = [ingress("web", rule("a.test", prefix("/foo", "foo"), exact("/bar/", "bar")))]


def test_a_fragment_beside_another_server(nginx: Nginx, tmp_path: Path) -> None:
    port, other = free_ports(2)
    options = ingc.Options(
        echo=True,
        echo_socket=str(responder_socket()),
        listen_address=("127.0.0.1",),
        http_port=port,
        nginx_version=version_of(nginx),
        fragment=True,
    )
    result = ingc.compile(OBJECTS, options)
    assert result.config is not None
    mine = f"server {{ listen 127.0.0.1:{other}; return 200 mine; }}\n"
    file = write(tmp_path, conf(f"proxy_set_header X-Mine 1;\n{mine}{result.config}"))
    with Running(nginx, tmp_path, file, directives=as_ourselves()) as running:
        assert not [line for line in running.log() if "[warn]" in line]

        def who(target: str, host: str = "a.test") -> str:
            return str(seen(fetch(("127.0.0.1", port), get(target, host))).service)

        assert who("/foo/x") == "default/foo:80"
        assert who("/bar/") == "default/bar:80"
        for target in ("/bar", "/fooo", "/healthz"):
            assert fetch(("127.0.0.1", port), get(target, "a.test")).status == 404
            assert fetch(("127.0.0.1", port), get(target, "other.test")).status == 404
        story = fetch(("127.0.0.1", port), get("/foo", "a.test", b"Proxy: x")).json()
        names = [name for name, _ in story["request"]["headers"]]
        assert "X-Mine" not in names
        assert "Proxy" not in names
        assert fetch(("127.0.0.1", other), get("/foo", "a.test")).body == b"mine"


def test_what_a_host_says_of_tls_stands_once(nginx: Nginx) -> None:
    asked = annotated(ssl_ciphers="HIGH:!aNULL", ssl_prefer_server_ciphers="false")
    web = ingress("web", rule("a.test", prefix("/", "web")), tls=[tls("a.test", by="cert")])
    web["metadata"]["annotations"] = asked
    options = ingc.Options(nginx_version=version_of(nginx), fragment=True)
    objects = [web, service("web", 80), secret_for("cert", "a.test")]
    objects.append(endpoint_slice("web", "10.0.0.1", port=80))
    result = ingc.compile(objects, options)
    assert result.config is not None, result.errors
    assert result.ir is not None
    assert "ssl_ciphers HIGH:!aNULL;" in result.config
    test = rehearse(nginx, result.ir)
    assert test.ok, test.messages


def test_several_addresses(nginx: Nginx) -> None:
    addresses = ["127.0.0.1", "127.0.0.2"]
    if socket.has_ipv6:
        addresses.append("[::1]")
    with serving(nginx, OBJECTS, listen_address=tuple(addresses)) as site:
        for address in addresses:
            family = socket.AF_INET6 if "[" in address else socket.AF_INET
            with socket.socket(family) as plain:
                plain.settimeout(10)
                plain.connect((address.strip("[]"), site.config.settings.http_port))
                plain.sendall(get("/foo", "a.test", b"Connection: close"))
                assert plain.recv(65536).startswith(b"HTTP/1.1 200 ")
