"""What is changed in the manifests of a controller, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.objects import Object


def named(objects: list[Object], kind: str, name: str) -> Any:
    return next(
        item for item in objects if item["kind"] == kind and item["metadata"]["name"] == name
    )


def annotation(ingress_name: str, name: str, value: str | None) -> Callable[[list[Object]], None]:
    def change(objects: list[Object]) -> None:
        given = named(objects, "Ingress", ingress_name)["metadata"].setdefault("annotations", {})
        given[f"nginx.ingress.kubernetes.io/{name}"] = value
        if value is None:
            del given[f"nginx.ingress.kubernetes.io/{name}"]

    return change


def path(ingress_name: str, number: int) -> Callable[[list[Object]], Any]:
    def find(objects: list[Object]) -> Any:
        return named(objects, "Ingress", ingress_name)["spec"]["rules"][0]["http"]["paths"][number]

    return find


def other_service(objects: list[Object]) -> None:
    path("shop", 0)(objects)["backend"]["service"]["name"] = "front"


def _otherpath(objects: list[Object]) -> None:
    path("shop", 0)(objects)["path"] = "/basket"


def _exact(objects: list[Object]) -> None:
    path("shop", 0)(objects)["pathType"] = "Exact"


def _other_port(objects: list[Object]) -> None:
    path("pay", 0)(objects)["backend"]["service"]["port"] = {"number": 444}


def _other_host(objects: list[Object]) -> None:
    named(objects, "Ingress", "grpc")["spec"]["rules"][0]["host"] = "rpc.example.com"


def _no_ingress(objects: list[Object]) -> None:
    objects.remove(named(objects, "Ingress", "apps"))


def _other_tcp(objects: list[Object]) -> None:
    named(objects, "ConfigMap", "tcp")["data"] = {"5433": "data/postgres:5432"}


PLANTED: list[tuple[Callable[[list[Object]], None], list[str]]] = [
    (other_service, ["moved shop.example.com Prefix /cart web/cart:80 → web/front:80"]),
    (
        _otherpath,
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
        annotation("api", "rewrite-target", "/api/$2"),
        [
            "changed api.example.com ImplementationSpecific /v1(/|$)(.*) "
            "web/api:8080 as /a → web/api:8080 as /api/a"
        ],
    ),
    (
        annotation("shop", "app-root", "/begin"),
        [
            "changed shop.example.com = / "
            "302 http://shop.example.com/start → 302 http://shop.example.com/begin"
        ],
    ),
    (
        annotation("pay", "force-ssl-redirect", "false"),
        [],
    ),
    (
        annotation("pay", "ssl-redirect", "false"),
        [],
    ),
    (
        annotation("pay", "backend-protocol", "HTTP"),
        ["changed shop.example.com Prefix /pay protocol: https → http"],
    ),
    (
        annotation("members", "auth-url", "http://auth.example.com/verify"),
        [
            "changed members.example.com Prefix / auth_request: "
            "http://auth.example.com/check → http://auth.example.com/verify"
        ],
    ),
    (
        annotation("members", "auth-signin", "http://auth.example.com/signin"),
        [
            "changed members.example.com Prefix / sign-in: "
            "http://auth.example.com/login?rd= → http://auth.example.com/signin?rd="
        ],
    ),
    (
        annotation("admin", "whitelist-source-range", "10.0.0.0/8"),
        [
            "changed admin.example.com Prefix / addresses: "
            "allow 10.0.0.0/8, allow 192.0.2.7, deny all → allow 10.0.0.0/8, deny all"
        ],
    ),
    (
        annotation("admin", "auth-realm", "Nobody"),
        ["changed admin.example.com Prefix / auth_basic: Admins only → Nobody"],
    ),
    (
        annotation("admin", "limit-rps", "6"),
        ["changed admin.example.com Prefix / limit_req: 5r/s 25 → 6r/s 30"],
    ),
    (
        annotation("admin", "limit-connections", None),
        ["changed admin.example.com Prefix / limit_conn: 10 → none"],
    ),
    (
        annotation("site", "custom-http-errors", "404"),
        [
            "changed www.example.com Prefix / error_page 503: web/errors → none",
        ],
    ),
    (
        annotation("site", "proxy-redirect-to", "/x/"),
        [
            "changed www.example.com Prefix / "
            "proxy_redirect: http://site.internal/ / → http://site.internal/ /x/",
        ],
    ),
    (
        annotation("site", "from-to-www-redirect", None),
        ["changed example.com prefix / 308 http://www.example.com:80 → 404"],
    ),
    (
        annotation("moved", "permanent-redirect", "https://newer.example.com"),
        [
            "changed old.example.com Prefix / "
            "301 https://new.example.com → 301 https://newer.example.com"
        ],
    ),
    (
        annotation("apps", "proxy-read-timeout", "300"),
        ["changed a.apps.example.com Prefix / proxy_read_timeout: 60s → 300s"],
    ),
    (
        annotation("apps", "proxy-body-size", "8m"),
        ["changed a.apps.example.com Prefix / client_max_body_size: 1m → 8m"],
    ),
    (
        annotation("apps", "upstream-vhost", "inner.example.com"),
        [
            "changed a.apps.example.com Prefix / "
            "upstream header host: a.apps.example.com → inner.example.com"
        ],
    ),
]
