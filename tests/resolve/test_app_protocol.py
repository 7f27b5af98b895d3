"""The protocol that a Service's port names, and what annotations say beside it."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.ir.features.protocols import BackendProtocol
from ingc.ir.features.tuning import Tuning
from tests.objects import Object, annotated, path, rule
from tests.shop import ingress, service, slice_of


def web(protocol: str, name: str = "web", **port: Any) -> Object:
    listed = {"port": 80, **({"appProtocol": protocol} if protocol else {}), **port}
    return service(name, listed, clusterIP="10.96.0.1")


def compiled(*objects: Object, version: str = "1.31", **options: Any) -> ingc.Result:
    result = ingc.compile(objects, ingc.Options(nginx_version=version, **options))
    assert result.ok, [item.message for item in result.errors]
    return result


def spoken(result: ingc.Result) -> str:
    """Return the protocol of the one route, with the version of HTTP where it is 2."""
    assert result.ir is not None
    (route,) = next(host for host in result.ir.hosts if host.name == "a.test").routes
    protocol = route.feature(BackendProtocol)
    tuned = route.feature(Tuning)
    if tuned is not None:
        return f"{tuned.directive} {tuned.args[0]}"
    return protocol.name if protocol else "HTTP"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", "HTTP"),
        ("http", "HTTP"),
        ("https", "HTTPS"),
        ("kubernetes.io/ws", "HTTP"),
        ("kubernetes.io/wss", "HTTPS"),
        ("kubernetes.io/h2c", "proxy_http_version 2"),
        ("grpc", "GRPC"),
        ("postgresql", "HTTP"),
        ("example.com/own", "HTTP"),
    ],
)
def test_the_port_chooses(said: str, expected: str) -> None:
    result = compiled(ingress("web", rule("a.test", path("/", "web"))), web(said))
    assert spoken(result) == expected
    assert not result.diagnostics


@pytest.mark.parametrize(
    ("annotations", "said", "expected"),
    [
        ({"backend_protocol": "HTTP"}, "https", "HTTP"),
        ({"backend_protocol": "GRPCS"}, "https", "GRPCS"),
        ({"backend_protocol": "HTTP"}, "kubernetes.io/h2c", "HTTP"),
        ({"proxy_http_version": "1.0"}, "kubernetes.io/h2c", "proxy_http_version 1.0"),
        ({"connection_proxy_header": "keep-alive"}, "kubernetes.io/h2c", "HTTP"),
        ({"proxy_http_version": "1.0"}, "https", "proxy_http_version 1.0"),
    ],
)
def test_an_annotation_comes_first(annotations: dict[str, str], said: str, expected: str) -> None:
    asked = ingress("web", rule("a.test", path("/", "web")), annotations=annotated(**annotations))
    assert spoken(compiled(asked, web(said))) == expected


def test_tls_that_is_to_be_verified_is_never_opened_without() -> None:
    """The annotation needs backend-protocol beside it; a port's word must not go round that."""
    asked = ingress(
        "web",
        rule("a.test", path("/", "web")),
        annotations=annotated(proxy_ssl_secret="shop/ca", proxy_ssl_verify="on"),  # noqa: S106
    )
    result = compiled(asked, web("https"))
    assert spoken(result) == "HTTP"
    assert [item.code for item in result.diagnostics] == ["ING437"]


@pytest.mark.parametrize("version", ["1.29.3", "1.26"])
def test_h2c_needs_a_newer_nginx(version: str) -> None:
    asked = ingress("web", rule("a.test", path("/", "web")))
    result = compiled(asked, web("kubernetes.io/h2c"), version=version)
    assert spoken(result) == "HTTP"
    assert [item.code for item in result.diagnostics] == ["ING327"]


def test_the_responder_of_serve_is_asked_in_http_1() -> None:
    asked = ingress("web", rule("a.test", path("/", "web")))
    result = compiled(asked, web("kubernetes.io/h2c"), echo=True, echo_socket="/run/x")
    assert spoken(result) == "HTTP"


def test_each_port_has_its_own() -> None:
    both = service(
        "web",
        {"name": "plain", "port": 80, "appProtocol": "http"},
        {"name": "tls", "port": 443, "appProtocol": "https"},
        clusterIP="10.96.0.1",
    )
    paths = [
        {
            "path": f"/{name}",
            "pathType": "Exact",
            "backend": {"service": {"name": "web", "port": {"name": name}}},
        }
        for name in ("plain", "tls")
    ]
    result = compiled(ingress("web", rule("a.test", *paths)), both)
    assert result.config is not None
    assert "proxy_pass http://shop_web_80;" in result.config
    assert "proxy_pass https://shop_web_443_https;" in result.config


def test_default_backends_have_theirs_too() -> None:
    asked = ingress("web", rule("a.test", path("/x", "web")), default="web")
    result = compiled(asked, web("https"), default_backend_service="shop/web")
    assert result.config is not None
    assert result.config.count("proxy_pass https://shop_web_80_https;") == 4
    assert "proxy_pass http://" not in result.config


def test_a_canary_is_spoken_to_as_its_rule_is() -> None:
    said = {"canary": "true", "canary_weight": "50"}
    objects = [
        ingress("web", rule("a.test", path("/", "web"))),
        ingress("next", rule("a.test", path("/", "next")), annotations=annotated(**said)),
        web("https"),
        web("", "next"),
    ]
    result = compiled(*objects)
    assert result.ir is not None
    assert {item.name for item in result.ir.upstreams} == {
        "shop_web_80_https",
        "shop_next_80_https",
    }


CLIENTS = slice_of("web", "10.0.0.1", "10.0.0.2")


def kept(**spec: Any) -> Object:
    return service("web", {"port": 80}, sessionAffinity="ClientIP", **spec)


def test_clients_stay_with_their_pod_by_their_address() -> None:
    result = compiled(ingress("web", rule("a.test", path("/", "web"))), kept(), CLIENTS)
    assert result.config is not None
    assert "hash $remote_addr consistent;" in result.config
    assert not result.diagnostics


def test_a_hash_of_an_annotation_comes_first() -> None:
    asked = ingress(
        "web", rule("a.test", path("/", "web")), annotations=annotated(upstream_hash_by="$uri")
    )
    result = compiled(asked, kept(), CLIENTS)
    assert result.config is not None
    assert "hash $uri consistent;" in result.config
    assert "$remote_addr consistent" not in result.config


def test_one_endpoint_needs_no_hash() -> None:
    asked = ingress("web", rule("a.test", path("/", "web")))
    result = compiled(asked, kept(), slice_of("web", "10.0.0.1"))
    assert result.config is not None
    assert "consistent" not in result.config


@pytest.mark.parametrize(
    ("spec", "options", "way"),
    [
        ({"clusterIP": "10.96.0.1"}, {}, "10.96.0.1"),
        ({}, {"resolver": ("10.0.0.1",)}, "web.shop.svc.cluster.local"),
        ({"externalIPs": ["198.51.100.1"]}, {"backends": "external-ips"}, "198.51.100.1"),
    ],
)
def test_behind_one_address_the_cluster_sees_nginx_alone(
    spec: dict[str, Any], options: dict[str, Any], way: str
) -> None:
    asked = ingress("web", rule("a.test", path("/", "web")))
    result = compiled(asked, kept(**spec), **options)
    (found,) = result.diagnostics
    assert found.code == "ING328"
    assert found.message.endswith(f"it is reached by {way}")
    assert result.config is not None
    assert "consistent" not in result.config
