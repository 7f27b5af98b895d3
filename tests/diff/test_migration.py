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


def _named(objects: list[Object], kind: str, name: str) -> Any:
    return next(
        item for item in objects if item["kind"] == kind and item["metadata"]["name"] == name
    )


def _annotation(ingress_name: str, name: str, value: str | None) -> Callable[[list[Object]], None]:
    def change(objects: list[Object]) -> None:
        given = _named(objects, "Ingress", ingress_name)["metadata"].setdefault("annotations", {})
        given[f"nginx.ingress.kubernetes.io/{name}"] = value
        if value is None:
            del given[f"nginx.ingress.kubernetes.io/{name}"]

    return change


def _path(ingress_name: str, number: int) -> Callable[[list[Object]], Any]:
    def find(objects: list[Object]) -> Any:
        return _named(objects, "Ingress", ingress_name)["spec"]["rules"][0]["http"]["paths"][number]

    return find


def _other_service(objects: list[Object]) -> None:
    _path("shop", 0)(objects)["backend"]["service"]["name"] = "front"


def _other_path(objects: list[Object]) -> None:
    _path("shop", 0)(objects)["path"] = "/basket"


def _exact(objects: list[Object]) -> None:
    _path("shop", 0)(objects)["pathType"] = "Exact"


def _other_port(objects: list[Object]) -> None:
    _path("pay", 0)(objects)["backend"]["service"]["port"] = {"number": 444}


def _other_host(objects: list[Object]) -> None:
    _named(objects, "Ingress", "grpc")["spec"]["rules"][0]["host"] = "rpc.example.com"


def _no_ingress(objects: list[Object]) -> None:
    objects.remove(_named(objects, "Ingress", "apps"))


def _other_tcp(objects: list[Object]) -> None:
    _named(objects, "ConfigMap", "tcp")["data"] = {"5433": "data/postgres:5432"}


PLANTED: list[tuple[Callable[[list[Object]], None], list[str]]] = [
    (_other_service, ["moved shop.example.com Prefix /cart web/cart:80 → web/front:80"]),
    (
        _other_path,
        [
            "moved shop.example.com Prefix /basket web/front:80 → web/cart:80",
            "moved shop.example.com Prefix / web/cart:80 → web/front:80",
        ],
    ),
    (_exact, ["moved shop.example.com Prefix / web/cart:80 → web/front:80"]),
    (_other_port, ["changed shop.example.com Prefix /pay web/pay:https → 503"]),
    (
        _other_host,
        [
            "added rpc.example.com Prefix / 404 → web/grpc:50051",
            "removed grpc.example.com prefix / web/grpc:50051 → 404",
        ],
    ),
    (_no_ingress, ["removed a.apps.example.com prefix / web/apps:80 → 404"]),
    (
        _other_tcp,
        [
            "changed * tcp port 5432: tcp-data-postgres-5432 → none; "
            "tcp port 5433: none → tcp-data-postgres-5432"
        ],
    ),
    (
        _annotation("api", "rewrite-target", "/api/$2"),
        [
            "changed api.example.com ImplementationSpecific /v1(/|$)(.*) "
            "web/api:8080 as /a → web/api:8080 as /api/a"
        ],
    ),
    (
        _annotation("shop", "app-root", "/begin"),
        [
            "changed shop.example.com = / "
            "302 http://shop.example.com/start → 302 http://shop.example.com/begin"
        ],
    ),
    (
        _annotation("pay", "force-ssl-redirect", "false"),
        [],
    ),
    (
        _annotation("pay", "ssl-redirect", "false"),
        [],
    ),
    (
        _annotation("pay", "backend-protocol", "HTTP"),
        ["changed shop.example.com Prefix /pay protocol: https → http"],
    ),
    (
        _annotation("members", "auth-url", "http://auth.example.com/verify"),
        [
            "changed members.example.com Prefix / auth_request: "
            "http://auth.example.com/check → http://auth.example.com/verify"
        ],
    ),
    (
        _annotation("members", "auth-signin", "http://auth.example.com/signin"),
        [
            "changed members.example.com Prefix / sign-in: "
            "http://auth.example.com/login?rd= → http://auth.example.com/signin?rd="
        ],
    ),
    (
        _annotation("admin", "whitelist-source-range", "10.0.0.0/8"),
        [
            "changed admin.example.com Prefix / addresses: "
            "allow 10.0.0.0/8, allow 192.0.2.7, deny all → allow 10.0.0.0/8, deny all"
        ],
    ),
    (
        _annotation("admin", "auth-realm", "Nobody"),
        ["changed admin.example.com Prefix / auth_basic: Admins only → Nobody"],
    ),
    (
        _annotation("admin", "limit-rps", "6"),
        ["changed admin.example.com Prefix / limit_req: 5r/s 25 → 6r/s 30"],
    ),
    (
        _annotation("admin", "limit-connections", None),
        ["changed admin.example.com Prefix / limit_conn: 10 → none"],
    ),
    (
        _annotation("site", "custom-http-errors", "404"),
        [
            "changed www.example.com Prefix / error_page 503: web/errors → none",
        ],
    ),
    (
        _annotation("site", "proxy-redirect-to", "/x/"),
        [
            "changed www.example.com Prefix / "
            "proxy_redirect: http://site.internal/ / → http://site.internal/ /x/",
        ],
    ),
    (
        _annotation("site", "from-to-www-redirect", None),
        ["changed example.com prefix / 308 http://www.example.com:80 → 404"],
    ),
    (
        _annotation("moved", "permanent-redirect", "https://newer.example.com"),
        [
            "changed old.example.com Prefix / "
            "301 https://new.example.com → 301 https://newer.example.com"
        ],
    ),
    (
        _annotation("apps", "proxy-read-timeout", "300"),
        ["changed a.apps.example.com Prefix / proxy_read_timeout: 60s → 300s"],
    ),
    (
        _annotation("apps", "proxy-body-size", "8m"),
        ["changed a.apps.example.com Prefix / client_max_body_size: 1m → 8m"],
    ),
    (
        _annotation("apps", "upstream-vhost", "inner.example.com"),
        [
            "changed a.apps.example.com Prefix / "
            "upstream header host: a.apps.example.com → inner.example.com"
        ],
    ),
]


@pytest.mark.parametrize(("plant", "lines"), PLANTED)
def test_what_is_planted_is_found(plant: Callable[[list[Object]], None], lines: list[str]) -> None:
    objects = copy.deepcopy(manifests())
    plant(objects)
    found = migrated(controller_conf("1.15"), objects)
    assert sorted(map(told, found.differences)) == sorted(lines)
    assert not found.unknown


def test_other_sites_are_found() -> None:
    objects = copy.deepcopy(manifests())
    _annotation("site", "cors-allow-origin", "https://other.example.com")(objects)
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
    _path("apps", 0)(objects)["path"] = "/foo/"
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
    _path("shop", 1)(objects)["backend"]["service"]["name"] = "cart"
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


def test_what_is_unknown_hides_no_difference() -> None:
    objects = copy.deepcopy(manifests())
    _other_service(objects)
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
    objects.remove(_named(objects, "Service", "apps"))
    found = migrated(controller_conf("1.15"), objects)
    assert [told(item) for item in found.differences] == [
        "changed a.apps.example.com Prefix / web/apps:80 → 503"
    ]


def test_it_goes_both_ways() -> None:
    objects = copy.deepcopy(manifests())
    _other_service(objects)
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
    _annotation("apps", "ssl-passthrough", "true")(objects)
    _named(objects, "Ingress", "apps")["spec"]["rules"][0]["host"] = "grpc.example.com"
    objects.remove(_named(objects, "Ingress", "grpc"))
    _annotation("apps", "backend-protocol", "GRPC")(objects)
    _path("apps", 0)(objects)["backend"]["service"] = {"name": "grpc", "port": {"number": 50051}}
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
