"""Which names nginx is given to resolve at its start, and which cost their own route alone."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.options import OnError
from ingc.syntax.near import nearest
from tests.objects import Object, backend, path, rule
from tests.shop import ingress, service

WEB = service("web", clusterIP="10.96.0.1")
UNALLOCATED = service("web")
OUTSIDE = service("out", external_name="Out.example.com.")
OUT = "out.example.com"
OWN = "gone.shop.svc.cluster.local"


def asking(name: str, **others: Any) -> Object:
    return ingress("asking", rule("a.test", path("/", name)), **others)


def annotated(name: str, **annotations: str) -> Object:
    prefix = "nginx.ingress.kubernetes.io/"
    named = {prefix + key.replace("_", "-"): value for key, value in annotations.items()}
    return asking(name, annotations=named)


def with_uid(made: Object) -> Object:
    return {**made, "metadata": {**made["metadata"], "uid": "1b9d"}}


def names(objects: list[Object], on_error: OnError = "fail", **options: Any) -> set[str]:
    """Return the names that nginx would resolve at its start, each of a text that is proved."""
    result = ingc.compile(objects, ingc.Options(**options), on_error=on_error)
    assert result.ir is not None
    assert not [d.code for d in result.diagnostics if d.code.startswith("ING9")]
    every = (*result.ir.upstreams, *result.ir.stream.upstreams)
    found = {item.address for made in every for item in made.endpoints if item.dns}
    assert all(f"{name}:" in (result.config or "") for name in found)
    return found


def codes(objects: list[Object], on_error: OnError = "fail", **options: Any) -> list[str]:
    result = ingc.compile(objects, ingc.Options(**options), on_error=on_error)
    return [d.code for d in result.diagnostics]


@pytest.mark.parametrize("mode", ["auto", "dns"])
def test_a_service_of_manifests_is_reached_by_its_name(mode: str) -> None:
    for objects in ([asking("gone")], [asking("gone"), service("other")]):
        assert names(objects, backends=mode) == {OWN}
        assert codes(objects, backends=mode) == ["ING320"]
    own = [asking("web"), UNALLOCATED]
    assert names(own, backends=mode) == {"web.shop.svc.cluster.local"}


@pytest.mark.parametrize("mode", ["auto", "dns", "endpoints", "cluster-ip"])
@pytest.mark.parametrize(
    "objects",
    [
        [asking("gone"), WEB],
        [asking("gone"), service("elsewhere", clusterIP="fd00::1", namespace="other")],
        [asking("gone"), with_uid(service("other"))],
        [with_uid(asking("gone"))],
        [asking("gone"), with_uid(ingress("other", rule("b.test"), class_name="theirs"))],
    ],
)
def test_of_a_cluster_a_service_that_is_missing_does_not_exist(
    objects: list[Object], mode: str
) -> None:
    for options in ({}, {"resolver": ("10.0.0.53",)}, {"resolve_at_start": ("*",)}):
        assert names(objects, backends=mode, **options) == set()
        assert "ING311" in codes(objects, backends=mode, **options)
    if mode in ("auto", "dns"):
        assert names(objects, backends=mode, partial=True) == {OWN}
        assert codes(objects, strict=True, backends=mode)[-1] == "ING311"


@pytest.mark.parametrize("address", ["None", ""])
def test_a_headless_service_makes_no_cluster(address: str) -> None:
    assert names([asking("gone"), service("web", clusterIP=address)]) == {OWN}


def test_the_warning_names_the_service_that_may_be_meant() -> None:
    objects = [asking("storefornt"), service("storefront", clusterIP="10.96.0.1")]
    (found,) = ingc.compile(objects).diagnostics
    assert found.field == "spec.rules[0].http.paths[0].backend"
    assert "did you mean storefront?" in (found.help or "")
    (found,) = ingc.compile(objects, ingc.Options(strict=True)).errors
    assert found.code == "ING311"
    assert ingc.compile(objects).match("a.test", "/").status == 503


def test_services_of_other_namespaces_are_not_named() -> None:
    objects = [asking("storefornt"), service("storefront", clusterIP="10.1.0.1", namespace="b")]
    (found,) = ingc.compile(objects).diagnostics
    assert "storefront" not in (found.help or "")


def test_what_is_near_is_looked_for_among_a_few() -> None:
    many = tuple(sorted(f"s{number:05}" for number in range(20_000)))
    assert nearest("s01234x", many) == "s01234"
    assert nearest("x", many) == ""
    assert nearest("x", ()) == ""


DNS_ALONE: list[list[Object]] = [
    [asking("out"), OUTSIDE],
    [asking("out"), OUTSIDE, WEB],
    [asking("pods"), service("pods", clusterIP="None"), WEB],
]


@pytest.mark.parametrize("objects", DNS_ALONE)
@pytest.mark.parametrize("on_error", ["fail", "isolate"])
def test_what_only_dns_knows_needs_an_option(objects: list[Object], on_error: OnError) -> None:
    assert names(objects, on_error) == set()
    assert codes(objects, on_error) == ["ING324"]
    (found,) = ingc.compile(objects).diagnostics
    assert "--resolver ADDRESS" in (found.help or "")
    assert "--resolve-at-start " in (found.help or "")
    assert ingc.compile(objects).match("a.test", "/").status == 503
    assert not ingc.compile(objects, ingc.Options(strict=True)).ok
    for options in ({"resolver": ("10.0.0.53",)}, {"resolve_at_start": ("*",)}):
        assert len(names(objects, on_error, **options)) == 1
        assert codes(objects, on_error, **options) == []


def test_one_name_is_accepted_and_no_other() -> None:
    objects = [asking("out"), OUTSIDE]
    assert names(objects, resolve_at_start=("OUT.example.com.",)) == {OUT}
    for name in ("example.com", "x.out.example.com", "out.shop.svc.cluster.local"):
        assert names(objects, resolve_at_start=(name,)) == set()


def test_isolated_no_author_may_name_what_is_resolved_at_the_start() -> None:
    assert names([asking("gone")], "isolate") == set()
    assert codes([asking("gone")], "isolate") == ["ING324"]
    assert names([asking("web"), UNALLOCATED], "isolate") == set()
    assert names([asking("gone")], "isolate", resolve_at_start=(OWN,)) == {OWN}
    assert names([asking("gone")], "isolate", resolver=("10.0.0.53",)) == {OWN}


def test_a_canary_is_a_rule_and_a_default_backend_is_none() -> None:
    canary = {"nginx.ingress.kubernetes.io/canary": "true"}
    canary["nginx.ingress.kubernetes.io/canary-weight"] = "10"
    next_one = ingress("next", rule("a.test", path("/", "gone")), annotations=canary)
    assert names([asking("first"), next_one]) == {OWN, "first.shop.svc.cluster.local"}
    assert names([next_one, asking("web"), WEB]) == set()
    defaulting = ingress("d", rule("a.test", path("/x", "gone")), default="gone")
    result = ingc.compile([defaulting])
    assert result.match("a.test", "/x").upstream == "shop_gone_80"
    assert result.match("a.test", "/").status == 503
    assert [d.code for d in result.diagnostics] == ["ING320", "ING324"]
    assert names([ingress("d", default="gone")]) == set()
    assert names([ingress("d", default="gone")], resolve_at_start=(OWN,)) == {OWN}


def test_the_service_of_an_annotation_is_no_rules() -> None:
    erring = annotated("web", default_backend="errors", custom_http_errors="404")
    objects = [erring, UNALLOCATED, service("errors")]
    name = "errors.shop.svc.cluster.local"
    assert names(objects) == {"web.shop.svc.cluster.local"}
    assert "ING446" in codes(objects)
    assert name in names(objects, resolve_at_start=(name,))


PORTS = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "tcp", "namespace": "ops"},
    "data": {"9000": "shop/gone:80", "9001": "shop/out:80"},
}


def test_ports_beside_http_are_closed_where_only_dns_knows_their_service() -> None:
    objects = [ingress("web", rule("a.test")), PORTS, OUTSIDE]
    asked: dict[str, Any] = {"tcp_services_configmap": "ops/tcp"}
    assert names(objects, **asked) == set()
    assert codes(objects, **asked) == ["ING343", "ING343"]
    assert names(objects, **asked, resolve_at_start=(OUT,)) == {OUT}
    assert names(objects, **asked, resolve_at_start=("*",)) == {OUT, OWN}
    assert names(objects, **asked, resolver=("10.0.0.53",)) == {OUT, OWN}
    assert names([*objects, WEB], **asked, resolver=("10.0.0.53",)) == {OUT}


def test_tls_that_is_passed_on_follows_its_rule() -> None:
    asked: dict[str, Any] = {"enable_ssl_passthrough": True}
    passed = annotated("gone", ssl_passthrough="true")
    assert names([passed], **asked) == {OWN}
    assert names([passed], "isolate", **asked) == set()
    assert names([passed, WEB], **asked) == set()
    assert names([annotated("out", ssl_passthrough="true"), OUTSIDE], **asked) == set()


def test_what_the_operator_names_is_the_operators() -> None:
    asked: dict[str, Any] = {"default_backend_service": "shop/gone:80"}
    bare = ingress("web", rule("a.test"))
    assert names([bare], **asked) == {OWN}
    assert names([bare], "isolate", **asked) == {OWN}
    assert codes([bare], **asked) == ["ING320"]
    assert names([bare, WEB], **asked) == set()
    assert codes([bare, WEB], **asked) == ["ING330"]
    # What an ExternalName says is its author's, whoever names the Service.
    outside = {"default_backend_service": "shop/out:80"}
    assert names([bare, OUTSIDE], **outside) == set()
    assert codes([bare, OUTSIDE], **outside) == ["ING330"]


def test_a_name_that_one_may_have_is_not_anothers() -> None:
    """The operator's default is the Service that an Ingress names too, and the same upstream."""
    options = ingc.Options(default_backend_service="shop/gone:80")
    result = ingc.compile(
        [ingress("d", rule("a.test"), default="gone")], options, on_error="isolate"
    )
    assert result.match("a.test", "/").status == 503
    assert result.match("other.test", "/").upstream == "shop_gone_80"


def test_servers_of_the_operator_are_told() -> None:
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "ops"},
        "data": {"enable-syslog": "true", "syslog-host": "logs.example.com"},
    }
    objects = [asking("web"), WEB, settings]
    result = ingc.compile(objects, ingc.Options(configmap="ops/settings"))
    (found,) = result.diagnostics
    assert found.code == "ING320"
    assert found.message.endswith("without: logs.example.com")
    options = ingc.Options(configmap="ops/settings", resolve_at_start=("logs.example.com",))
    assert not ingc.compile(objects, options).diagnostics
    by_name = ingc.Options(resolver=("kube-dns.kube-system.svc:53",))
    (found,) = ingc.compile([asking("web"), WEB], by_name).diagnostics
    assert found.message.endswith("without: kube-dns.kube-system.svc")


def test_a_named_port_of_a_service_that_does_not_exist_is_no_error() -> None:
    objects = [ingress("web", rule("a.test", path("/", backend("gone", "http")))), WEB]
    assert codes(objects) == ["ING311"]
    assert codes(objects, partial=True) == ["ING312"]


def test_a_responder_stands_in_for_names_and_invents_no_service() -> None:
    options = {"echo": True, "echo_socket": "/run/echo.sock"}
    assert codes([asking("gone"), WEB], **options) == codes([asking("gone"), WEB]) == ["ING311"]
    assert codes([asking("gone")], **options) == []
    assert names([asking("out"), OUTSIDE], **options) == set()
