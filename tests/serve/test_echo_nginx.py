"""The responder behind the real nginx."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingc.nginx import Nginx, Running
from ingc.serve.echo import Responder
from tests.nginx.conf import conf, write
from tests.nginx.wire import Connection, fetch, get
from tests.serve.conftest import ROUTE

PROXY = f"""
    upstream shop_web_80 {{ server unix:ECHO; keepalive 4; }}
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    server {{
        listen unix:LISTEN;
        client_max_body_size 0;
        location / {{
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Ingc-Upstream $proxy_host;
            proxy_set_header X-Ingc-Route "{ROUTE}";
            proxy_pass http://shop_web_80;
        }}
    }}
"""


@pytest.fixture
def front(nginx: Nginx, responder: Responder, echo: Path, prefix: Path) -> Iterator[Path]:
    listen = prefix / "front.sock"
    text = conf(PROXY.replace("ECHO", str(echo)).replace("LISTEN", str(listen)))
    with Running(nginx, prefix, write(prefix, text)):
        yield listen


@pytest.mark.parametrize(
    "target",
    [b"/p//x/../%2F?z", b"//a", b"/%41%zz"[:4], b"/\xc3\xa9?\xff", b"/a/./b?q=/../&x#", b"/?"],
)
def test_the_target_is_the_clients(front: Path, target: bytes) -> None:
    told = fetch(front, get(target, "Shop.Example")).json()
    assert told["request"]["target"].encode("latin-1") == target
    assert told["request"]["headers"] == [["Host", "shop.example"]]
    assert (told["service"], told["port"]) == ("shop/web", "80")
    assert (told["ingress"], told["rule"]) == ("shop/front", "spec.rules[0].http.paths[1]")


def test_a_client_cannot_pretend(front: Path) -> None:
    told = fetch(front, get("/", "a", b"X-Ingc-Upstream: evil", b"X-Ingc-Route: evil x")).json()
    assert (told["service"], told["ingress"]) == ("shop/web", "shop/front")


def test_bodies_upgrades_and_keepalive(front: Path) -> None:
    with Connection(front) as connection:
        chunked = get("/", "a", b"Transfer-Encoding: chunked", method=b"POST")
        told = connection.request(chunked + b"3\r\nabc\r\n0\r\n\r\n").json()["request"]
        assert told["body_bytes"] == 3
        big = get("/", "a", method=b"PUT", body=b"x" * 2_000_000)
        assert connection.request(big).json()["request"]["body_bytes"] == 2_000_000
        upgrade = get("/", "a", b"Upgrade: websocket", b"Connection: Upgrade")
        response = connection.request(upgrade)
        assert response.status == 200
        assert ["Upgrade", "websocket"] in response.json()["request"]["headers"]
        assert connection.request(get("/", "a", method=b"HEAD")).status == 200
        for number in range(100):
            told = connection.request(get(f"/{number}")).json()["request"]
            assert told["target"] == f"/{number}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's nginx runs its workers as another")
def test_workers_of_another_user_reach_it(front: Path) -> None:
    assert fetch(front, get("/")).status == 200
