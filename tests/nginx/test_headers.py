"""Headers of answers from a ConfigMap, and the Host header of the backend, on real nginx."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.harness import Site, serving
from tests.objects import Object, config_map, endpoint_slice, ingress, prefix, rule, service

PREFIX = "nginx.ingress.kubernetes.io/"
ALLOWED = ("X-Frame-Options", "X-Text", "X-Gone", "cache-control", "Access-Control-Max-Age")
RULE = rule("a.test", prefix("/", "web"))
WEB = ingress(
    "web",
    RULE,
    annotations={PREFIX + "custom-headers": "default/headers", PREFIX + "enable-cors": "true"},
)
TEXT = "; } $host ${uri} \"' \\ \\n #{% é"[:-2] + "`|~^"


def headers(**data: str) -> Object:
    """Return the ConfigMap; ``_`` in a name is a ``-``."""
    return config_map("headers", {name.replace("_", "-"): of for name, of in data.items()})


ALLOWING: Object = config_map("operators", {"global-allowed-response-headers": ",".join(ALLOWED)})
"""The operator's list of headers that may be set."""


@contextmanager
def allowing(nginx: Nginx, objects: list[Object], **options: Any) -> Iterator[Site]:
    """Serve with the operator's ConfigMap."""
    with serving(nginx, [ALLOWING, *objects], configmap="default/operators", **options) as site:
        yield site


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "503 Unavailable"])
def test_they_replace_the_backends_whatever_its_status(nginx: Nginx, status: str) -> None:
    own = "X-Frame-Options: ALLOW\r\nx-gone: a\r\nX-Kept: b\r\nCache-Control: private\r\n"
    given = headers(
        X_Frame_Options="DENY",
        X_Gone="",
        X_Text=TEXT,
        Cache_Control="no-store",
        Access_Control_Max_Age="7",
    )
    with Backend("one", headers=own, status=status) as one:
        objects = [WEB, given, service("web", 80)]
        objects.append(endpoint_slice("web", one.address, port=one.port))
        with allowing(nginx, objects, echo=False) as site:
            response = site.ask("a.test", "/")
    assert response.status == int(status[:3])
    assert response.all("X-Frame-Options") == ["DENY"]
    assert response.all("X-Text") == [TEXT]
    assert response.all("X-Gone") == []
    assert response.all("X-Kept") == ["b"]
    assert response.all("Cache-Control") == ["no-store"]
    assert response.all("Access-Control-Max-Age") == ["7"]
    assert response.all("Access-Control-Allow-Origin") == ["*"]


def test_nginxs_own_answers_have_them_too(nginx: Nginx) -> None:
    given = headers(X_Frame_Options="DENY")
    with allowing(nginx, [WEB, given, service("web", 81)], echo=False) as site:
        response = site.ask("a.test", "/")
        assert response.status == 503
        assert response.all("X-Frame-Options") == ["DENY"]


@pytest.mark.parametrize(
    "bad",
    [
        {"X_Other": "a"},
        {"X_Text": "a\nb"},
        {"X_Text": "a\n"},
        {"X_Text": "é"},
        {"X_Text": "a\x00b"},
        {"X_Text": "$" * 400},
        {"X_Text": "a" * 5000},
        {"X_Text": "a", "x_text": "b"},
        {"Content_Type": "text/css"},
        {"X_Text;": "a"},
        {"": "a"},
    ],
    ids=str,
)
def test_one_bad_header_closes_the_paths(nginx: Nginx, bad: dict[str, str]) -> None:
    given = headers(X_Frame_Options="DENY", **bad)
    with allowing(nginx, [WEB, given], on_error="isolate") as site:
        assert site.who("a.test", "/") == "503"


def test_a_value_of_the_greatest_length_is_sent(nginx: Nginx) -> None:
    given = headers(X_Text="$" * 150 + '"\\' * 200 + "a" * 600)
    with allowing(nginx, [WEB, given]) as site:
        assert site.ask("a.test", "/").all("X-Text") == [given["data"]["X-Text"]]


def test_the_host_header_may_name_the_service(nginx: Nginx) -> None:
    given = {
        PREFIX + "upstream-vhost": "$service_name.$namespace:${service_port}-$ingress_name-$http_x"
    }
    rules = rule("a.test", prefix("/", "web"), prefix("/api", "api"))
    with serving(nginx, [ingress("web", rules, annotations=given)]) as site:
        for path, host in (("/", "web.default:80-web-"), ("/api", "api.default:80-web-")):
            headers = site.received("a.test", path)["headers"]
            assert [value for name, value in headers if name.lower() == "host"] == [host]


def test_the_host_header_of_the_backend(nginx: Nginx) -> None:
    given = {PREFIX + "upstream-vhost": "in.$host:81"}
    with serving(nginx, [ingress("web", RULE, annotations=given)]) as site:
        headers = site.received("a.test", "/")["headers"]
        assert [value for name, value in headers if name.lower() == "host"] == ["in.a.test:81"]
        assert ["X-Forwarded-Host", "a.test"] in headers
        assert ["X-Forwarded-Port", str(site.http[1])] in headers
