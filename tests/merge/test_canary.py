"""Which rules a canary Ingress belongs to."""

from __future__ import annotations

import dataclasses

import pytest

import ingc
from ingc.ir import Proxy, Route
from ingc.ir.features.canary import Canary
from ingc.ir.features.load_balance import HashBy, LeastTime, ServiceAddress
from tests.nginx.pods import noted
from tests.objects import Object, exact, ingress, prefix, rule, service, specific

WEB = ingress("web", rule("a.test", prefix("/app", "web"), exact("/app", "web")))


def canary(*rules: Object, name: str = "next", namespace: str = "default", **more: str) -> Object:
    annotations = noted(canary="true", **{"canary_weight": "10", **more})
    return ingress(name, *rules, annotations=annotations, namespace=namespace)


def result_of(*objects: Object, **options: str) -> ingc.Result:
    return ingc.compile(objects, dataclasses.replace(ingc.Options(), **options))


def split(result: ingc.Result) -> list[tuple[str, str]]:
    """Return path and pathType of the routes that have a canary."""
    assert result.ir is not None
    routes = [route for host in result.ir.hosts for route in host.routes]
    return sorted((r.path, r.path_type) for r in routes if r.feature(Canary))


def refused(result: ingc.Result) -> list[str]:
    """Return why canaries are not used."""
    return [d.label for d in result.diagnostics if d.code == "ING476"]


def test_host_path_and_path_type_have_to_be_equal() -> None:
    assert split(result_of(WEB, canary(rule("a.test", prefix("/app", "next"))))) == [
        ("/app", "Prefix")
    ]
    assert split(result_of(WEB, canary(rule("a.test", specific("/app", "next"))))) == [
        ("/app", "Prefix")
    ]
    assert split(result_of(WEB, canary(rule("a.test", exact("/app", "next"))))) == [
        ("/app", "Exact")
    ]


@pytest.mark.parametrize(
    "other",
    [
        rule("b.test", prefix("/app", "next")),
        rule("a.test", prefix("/app/", "next")),
        rule("a.test", exact("/", "next")),
        rule(None, prefix("/app", "next")),
    ],
)
def test_a_canary_alone_makes_no_route(other: Object) -> None:
    result = result_of(WEB, canary(other))
    assert not split(result)
    assert refused(result) == ["no other Ingress has this host, path and pathType"]
    assert result.ir == result_of(WEB).ir


def test_a_canary_of_another_namespace_takes_nothing() -> None:
    result = result_of(WEB, canary(rule("a.test", prefix("/app", "next")), namespace="evil"))
    assert not split(result)
    assert refused(result) == ["the rule belongs to another namespace, default"]


def test_the_first_canary_counts() -> None:
    one = canary(rule("a.test", prefix("/app", "one")), name="one")
    two = canary(rule("a.test", prefix("/app", "two")), name="two")
    result = result_of(WEB, two, one)
    assert result.ir is not None
    assert [u.name for u in result.ir.upstreams] == ["default_one_80", "default_web_80"]
    assert refused(result) == ["default/one is the canary of this rule already"]


def test_a_primary_without_endpoints_is_503_with_a_canary_too() -> None:
    objects = [WEB, service("web", 81), canary(rule("a.test", prefix("/app", "next")))]
    match = result_of(*objects).match("a.test", "/app/x")
    assert (match.status, match.upstream, match.alternatives) == (503, None, ())


def test_a_canary_keeps_out_of_the_primarys_tls() -> None:
    asked = canary(rule("a.test", prefix("/app", "next")))
    asked["spec"]["tls"] = [{"hosts": ["a.test"], "secretName": "x"}]
    assert result_of(WEB, asked).match("a.test", "/app/x").redirect is None


def test_a_protection_of_a_canary_is_told_once_and_no_error() -> None:
    more = {"auth_type": "basic", "auth_secret": "x", "configuration_snippet": "deny all;"}
    result = result_of(WEB, canary(rule("a.test", prefix("/app", "next")), **more))
    assert result.ok
    assert [d.code for d in result.diagnostics if d.code != "ING320"] == ["ING477", "ING478"]


def test_a_service_keeps_what_its_first_ingress_says() -> None:
    """By the age of the Ingresses, whichever way they name the port."""
    named = ingress(
        "named",
        rule("a.test", prefix("/n", "web", "http")),
        annotations=noted(load_balance="round_robin", upstream_hash_by="$uri"),
        created="2020-01-01T00:00:00Z",
    )
    numbered = ingress(
        "a",
        rule("a.test", prefix("/a", "web", 80)),
        annotations=noted(load_balance="ewma", service_upstream="false"),
        created="2021-01-01T00:00:00Z",
    )
    result = result_of(numbered, named, service("web", ("http", 80)))
    assert result.ir is not None
    (upstream,) = result.ir.upstreams
    kinds = {type(item) for item in upstream.features}
    assert kinds == {HashBy}
    assert not kinds & {LeastTime, ServiceAddress}
    (conflict,) = [d for d in result.diagnostics if d.code == "ING412"]
    assert "default/named" in conflict.message
    assert len(conflict.also) == 1


def test_a_route_names_both_of_its_upstreams() -> None:
    result = result_of(WEB, canary(rule("a.test", prefix("/app", "next"))))
    assert result.ir is not None
    routes: list[Route] = [r for host in result.ir.hosts for r in host.routes]
    (found,) = [r for r in routes if r.feature(Canary)]
    assert isinstance(found.action, Proxy)
    assert found.upstreams == ("default_web_80", "default_next_80")
