"""Upstreams that are DNS names: ExternalName, Services that are not in the input, resolvers."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from tests.objects import Object, backend, path, rule
from tests.resolve.asking import endpoints
from tests.shop import ingress, service


def external(name: str, *ports: Object) -> Object:
    made = service("web", *ports, type="ExternalName", externalName=name)
    if not ports:
        del made["spec"]["ports"]
    return made


EXTERNAL: list[tuple[Object, int | str, list[str] | str]] = [
    (external("Out.Example.COM."), 80, ["out.example.com:80 dns"]),
    (external("out.example.com"), 8443, ["out.example.com:8443 dns"]),  # lists no port
    (external("out.example.com"), "http", "ING313"),
    (
        external("out.example.com", {"port": 80, "targetPort": 8080}),
        80,
        ["out.example.com:8080 dns"],
    ),
    (
        external("out.example.com", {"port": 80, "targetPort": "http"}),
        80,
        ["out.example.com:80 dns"],
    ),
    (external("out.example.com", {"name": "http", "port": 80}), "http", ["out.example.com:80 dns"]),
    (external("out.example.com", {"port": 80}), 81, ["out.example.com:81 dns"]),
    (external("out.example.com", {"port": 80}), "http", "ING313"),
    (external("db"), 80, ["db:80 dns"]),
    (external("localhost"), 80, "ING316"),
    (external("LocalHost."), 80, "ING316"),
    (external("x.localhost"), 80, "ING316"),
    (external("localhost.localdomain"), 80, "ING316"),
    (external("127.0.0.1"), 80, "ING316"),
    (external("127.1"), 80, "ING316"),
    (external("2130706433"), 80, "ING316"),
    (external("10.0.0.1"), 80, "ING316"),
    (external("::1"), 80, "ING316"),
    (external("[::1]"), 80, "ING316"),
    (external("0x7f.0.0.1"), 80, "ING316"),
    (external("0x7f000001"), 80, "ING316"),
    (external("0177.0.0.1"), 80, "ING316"),
    (external("out_1.example.com"), 80, "ING316"),
    (external("out.example.com:8080"), 80, "ING316"),
    (external("out.example.com; return 200"), 80, "ING316"),
    (external("unix:/tmp/x"), 80, "ING316"),
    (external("*.example.com"), 80, "ING316"),
    (external("$host"), 80, "ING316"),
]


@pytest.mark.parametrize(("known", "port", "expected"), EXTERNAL)
def test_external_names(known: Object, port: int | str, expected: list[str] | str) -> None:
    for mode in ("auto", "cluster-ip"):
        assert endpoints([known], port, backends=mode) == expected


def test_a_port_name_needs_the_service() -> None:
    assert endpoints([], "http") == "ING312"
    assert endpoints([], "http", assume_port={"web": 8080}) == "ING312"
    named = ["web.shop.svc.cluster.local:8080 dns"]
    assert endpoints([], "http", assume_port={"http": 8080}) == named
    assert endpoints([], "http", assume_port={"http": 8080}, backends="dns") == named
    assert endpoints([], "http", assume_port={"http": 8080}, backends="endpoints") == "ING311"


def test_a_port_name_may_be_assumed_of_one_service() -> None:
    numbers = {"http": 8080, "shop/web:http": 81, "shop/other:http": 82, "other/web:http": 83}
    assert endpoints([], "http", assume_port=numbers) == ["web.shop.svc.cluster.local:81 dns"]
    del numbers["http"], numbers["shop/web:http"]
    assert endpoints([], "http", assume_port=numbers) == "ING312"


def test_the_service_counts_before_the_assumption() -> None:
    known = service("web", {"name": "http", "port": 81}, clusterIP="10.96.0.1")
    assert endpoints([known], "http", assume_port={"http": 8080}) == ["10.96.0.1:81"]


def test_an_unresolved_port_name_is_an_error_at_the_backend() -> None:
    asked = ingress("web", rule("a.test", path("/", backend("web", "http"))))
    result = ingc.compile([asked])
    assert [(d.code, d.field) for d in result.errors] == [
        ("ING312", "spec.rules[0].http.paths[0].backend")
    ]
    assert result.config is None


def test_the_cluster_domain() -> None:
    expected = ["web.shop.svc.k8s.example.org:80 dns"]
    assert endpoints([], cluster_domain="k8s.example.org") == expected


def names_config(**options: Any) -> str:
    asked = ingress("web", rule("a.test", path("/", "web")))
    result = ingc.compile([asked], ingc.Options(**options))
    assert result.config
    return result.config


NAME = "web.shop.svc.cluster.local:80"


@pytest.mark.parametrize("version", ["1.22", "1.26", "1.27.3", "1.31"])
def test_without_a_resolver_the_name_is_resolved_at_the_start(version: str) -> None:
    config = names_config(nginx_version=version)
    assert f"server {NAME} max_fails=0;" in config
    assert "resolver" not in config
    assert "proxy_pass http://shop_web_80;" in config


@pytest.mark.parametrize("version", ["1.27.3", "1.29", "1.31"])
def test_with_a_resolver_the_upstream_follows_the_name(version: str) -> None:
    config = names_config(nginx_version=version, resolver=("10.0.0.53", "[fd00::a]:5353"))
    assert f"server {NAME} max_fails=0 resolve;" in config
    assert "zone shop_web_80 64k;" in config
    assert "resolver 10.0.0.53 [fd00::a]:5353;" in config
    assert "proxy_pass http://shop_web_80;" in config


@pytest.mark.parametrize("version", ["1.22", "1.26", "1.27.2"])
def test_before_1_27_3_a_variable_follows_the_name(version: str) -> None:
    config = names_config(nginx_version=version, resolver=("10.0.0.53",))
    assert f"set $ingc_upstream {NAME};" in config
    assert "proxy_pass http://$ingc_upstream;" in config
    assert "resolver 10.0.0.53;" in config
    assert "resolve;" not in config
    assert "upstream shop_web_80" not in config


def test_addresses_need_no_resolver() -> None:
    asked = ingress("web", rule("a.test", path("/", "web")))
    known = service("web", clusterIP="10.96.0.1")
    result = ingc.compile([asked, known], ingc.Options(resolver=("10.0.0.53",)))
    assert "server 10.96.0.1:80 max_fails=0;" in (result.config or "")
    assert not result.diagnostics


def test_names_that_are_resolved_once_are_listed_once() -> None:
    paths = [path("/a", "web"), path("/b", "web"), path("/c", "api")]
    result = ingc.compile([ingress("web", rule("a.test", *paths))])
    (found,) = result.diagnostics
    assert found.code == "ING320"
    assert "api.shop.svc.cluster.local, web.shop.svc.cluster.local" in found.message


def test_ipv6_addresses_stand_in_brackets() -> None:
    asked = ingress("web", rule("a.test", path("/", "web")))
    result = ingc.compile([asked, service("web", clusterIP="fd00::1")])
    assert "server [fd00::1]:80 max_fails=0;" in (result.config or "")


def test_one_upstream_for_all_rules_of_a_service_port() -> None:
    known = service("web", {"name": "http", "port": 80}, clusterIP="10.96.0.1")
    paths = [path("/a", "web"), path("/b", backend("web", "http")), path("/c", backend("web", 80))]
    result = ingc.compile([ingress("web", rule("a.test", *paths)), known])
    assert result.ir is not None
    assert [upstream.name for upstream in result.ir.upstreams] == ["shop_web_80"]
