"""A migration on requests: a controller's own nginx.conf beside the manifests that it had."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ingc
from ingc.diagnostics import Sink
from ingc.diff import Comparison, Difference, compare
from ingc.diff.render import comparison_as_json, comparison_as_markdown, comparison_as_text
from ingc.explain import Conf, read_conf
from ingc.explain.answer import answer_text
from ingc.explain.conf.evidence import evidence_of
from ingc.load import Document
from ingc.options import Options
from tests.diff.planted import PLANTED, annotation, named, other_service, path
from tests.explain.controller import FOLDER, OPTIONS, VERSIONS, compiled, controller_conf, manifests
from tests.objects import Object, annotated, ingress, prefix, rule
from tests.shop import service


def migrated(conf: Conf, objects: list[Object], known: list[Object] | None = None) -> Comparison:
    """Compare a controller's file with objects; ``known`` are those that the controller has."""
    documents = [Document(item) for item in (objects if known is None else known)]
    evidence = evidence_of(documents, Options(**OPTIONS), Sink())  # type: ignore[arg-type]
    return compare(conf, compiled(objects), evidence)


def told(item: Difference) -> str:
    rule = f"{item.path_type} {item.path}" if item.path_type else (item.path or "")
    answers = f"{answer_text(item.before)} → {answer_text(item.after)}" if item.shows else ""
    return " ".join(
        filter(None, (item.kind, item.host or "*", rule, answers, "; ".join(item.what)))
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_objects_make_no_difference_but_those_of_the_version(version: str) -> None:
    found = migrated(controller_conf(version), manifests())
    slashes = [
        ("example.com", "308 http://www.example.com/ → 308 http://www.example.com:80"),
        (
            "shop.example.com",
            "308 https://shop.example.com/cart/ → 308 https://shop.example.com/cart",
        ),
        (
            "shop.example.com",
            "308 https://shop.example.com/pay/ → 308 https://shop.example.com/pay",
        ),
        (
            "shop.example.com",
            "308 https://shop.example.com/CART/ → 308 https://shop.example.com/CART",
        ),
    ]
    expected = {
        "0.26": slashes,
        "1.3": [("example.com", "308 http://www.example.com → 308 http://www.example.com:80")],
        "1.15": [],
    }
    assert [
        (item.host, f"{answer_text(item.before)} → {answer_text(item.after)}")
        for item in found.differences
    ] == expected[version]
    assert not found.unknown


@pytest.mark.parametrize(("plant", "lines"), PLANTED)
def test_what_is_planted_is_found(plant: Callable[[list[Object]], None], lines: list[str]) -> None:
    objects = copy.deepcopy(manifests())
    plant(objects)
    found = migrated(controller_conf("1.15"), objects)
    assert sorted(map(told, found.differences)) == sorted(lines)
    assert not found.unknown


def test_other_sites_are_found() -> None:
    objects = copy.deepcopy(manifests())
    annotation("site", "cors-allow-origin", "https://other.example.com")(objects)
    found = migrated(controller_conf("1.15"), objects)
    assert {item.host for item in found.differences} == {"www.example.com"}
    shown = {header for item in found.differences for header in item.before.request.headers}
    assert ("Origin", "https://other.example.com") in shown
    assert ("Origin", "https://app.example.com") in shown


def test_a_departure_shows(tmp_path: Path) -> None:
    """A Prefix with a slash at its end: there nginx adds it by a 301, here the rule takes both."""
    text = (FOLDER / "controller-1.15.conf").read_text("utf-8")
    begin = text.index("## start server *.apps.example.com")
    changed = text[begin:].replace('location "/" {', 'location "/foo/" {', 1)
    (tmp_path / "old.conf").write_text(text[:begin] + changed, "utf-8")
    objects = copy.deepcopy(manifests())
    path("apps", 0)(objects)["path"] = "/foo/"
    found = migrated(read_conf(tmp_path / "old.conf"), objects)
    shown = "301 http://a.apps.example.com/foo/ → web/apps:80"
    assert f"changed a.apps.example.com Prefix /foo/ {shown}" in map(told, found.differences)


def _canary(weight: str, header: str = "X-Next") -> list[Object]:
    made = ingress(
        "next",
        rule("shop.example.com", prefix("/cart", "cart-next")),
        namespace="web",
        annotations=annotated(canary="true", canary_weight=weight, canary_by_header=header),
    )
    made["spec"]["ingressClassName"] = "nginx"
    return [made, service("cart-next", clusterIP="10.96.0.40", namespace="web")]


def test_a_canary_is_the_same_where_the_objects_have_it() -> None:
    objects = [*manifests(), *_canary("25")]
    assert migrated(controller_conf("1.15"), objects).same


@pytest.mark.parametrize("other", [_canary("30"), _canary("25", "X-Beta"), []])
def test_another_canary_is_found(other: list[Object]) -> None:
    objects = [*manifests(), *_canary("25")]
    found = migrated(controller_conf("1.15"), objects, [*manifests(), *other])
    assert {(item.host, item.path) for item in found.differences} == {("shop.example.com", "/cart")}


def test_a_canary_counts_for_its_whole_service_there() -> None:
    objects = [*manifests(), *_canary("25")]
    path("shop", 1)(objects)["backend"]["service"]["name"] = "cart"
    conf = controller_conf("1.15")
    found = migrated(conf, objects)
    assert ("shop.example.com", "/") in {(item.host, item.path) for item in found.differences}


def test_without_objects_what_lua_decides_is_counted_apart() -> None:
    found = compare(controller_conf("1.15"), compiled(manifests()))
    assert not found.differences
    assert not found.same
    first = found.unknown[0]
    assert "a certificate for api.example.com" in first
    assert "requests, such as GET http://api.example.com/" in first
    assert any("--default-backend-service" in text for text in found.unknown)
    for text in (comparison_as_text(found, color=False), comparison_as_markdown(found)):
        assert "unknown" in text.lower()
    assert '"same": false' in comparison_as_json(found)


def test_what_another_module_may_refuse_is_never_equal(tmp_path: Path) -> None:
    text = (FOLDER / "controller-1.15.conf").read_text("utf-8")
    begin = text.index("## start server grpc.example.com")
    waf = text[begin:].replace("port_in_redirect off;", "modsecurity on;", 1)
    (tmp_path / "old.conf").write_text(text[:begin] + waf, "utf-8")
    found = migrated(read_conf(tmp_path / "old.conf"), manifests())
    assert not found.differences
    assert not found.same
    (unknown,) = found.unknown
    assert "modsecurity" in unknown
    assert "4 requests, such as GET http://grpc.example.com/" in unknown


def test_what_is_unknown_hides_no_difference() -> None:
    objects = copy.deepcopy(manifests())
    other_service(objects)
    found = compare(controller_conf("1.15"), compiled(objects))
    assert [told(item) for item in found.differences] == [
        "moved shop.example.com Prefix /cart web/cart:80 → web/front:80"
    ]


def test_a_service_without_endpoints_answers_503_on_both_sides_one_that_is_missing_does_not() -> (
    None
):
    objects = copy.deepcopy(manifests())
    slice_of = {"kubernetes.io/service-name": "apps"}
    objects.append(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "apps-1", "namespace": "web", "labels": slice_of},
            "addressType": "IPv4",
            "ports": [{"port": 8080}],
            "endpoints": [],
        }
    )
    assert migrated(controller_conf("1.15"), objects).same
    objects.remove(named(objects, "Service", "apps"))
    found = migrated(controller_conf("1.15"), objects)
    assert [told(item) for item in found.differences] == [
        "changed a.apps.example.com Prefix / web/apps:80 → 503"
    ]


def test_it_goes_both_ways() -> None:
    objects = copy.deepcopy(manifests())
    other_service(objects)
    documents = [Document(item) for item in objects]
    evidence = evidence_of(documents, Options(**OPTIONS), Sink())  # type: ignore[arg-type]
    found = compare(compiled(objects), controller_conf("1.15"), evidence)
    assert [told(item) for item in found.differences] == [
        "moved shop.example.com Prefix /cart web/front:80 → web/cart:80"
    ]


def test_tls_that_is_refused_is_one_difference_of_a_host() -> None:
    objects = manifests()
    options = {**OPTIONS, "default_ssl_certificate": None}
    result = ingc.compile(objects, ingc.Options(**options))  # type: ignore[arg-type]
    evidence = evidence_of(
        [Document(item) for item in objects],
        Options(**options),  # type: ignore[arg-type]
        Sink(),
    )
    found = compare(controller_conf("1.15"), result, evidence)
    hosts = [item.host for item in found.differences]
    assert len(hosts) == len(set(hosts)) == 9
    assert "shop.example.com" not in hosts
    assert all(item.path is None and item.after.refused for item in found.differences)


def test_tls_that_is_passed_on_is_the_same() -> None:
    objects = copy.deepcopy(manifests())
    annotation("apps", "ssl-passthrough", "true")(objects)
    named(objects, "Ingress", "apps")["spec"]["rules"][0]["host"] = "grpc.example.com"
    objects.remove(named(objects, "Ingress", "grpc"))
    annotation("apps", "backend-protocol", "GRPC")(objects)
    path("apps", 0)(objects)["backend"]["service"] = {"name": "grpc", "port": {"number": 50051}}
    options: Any = {**OPTIONS, "enable_ssl_passthrough": True}
    result = ingc.compile(objects, ingc.Options(**options))
    known = evidence_of([Document(item) for item in objects], Options(**options), Sink())
    found = compare(controller_conf("1.15"), result, known)
    assert [item.host for item in found.differences] == ["a.apps.example.com"]
    known = evidence_of([Document(item) for item in objects], Options(**OPTIONS), Sink())  # type: ignore[arg-type]
    found = compare(controller_conf("1.15"), result, known)
    assert "grpc.example.com" in {item.host for item in found.differences}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_is_the_same_as_itself(version: str) -> None:
    assert compare(controller_conf(version), controller_conf(version)).same
