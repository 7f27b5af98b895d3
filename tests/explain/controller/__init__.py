"""The nginx.conf of three generations of ingress-nginx, as their templates shape it, and the
manifests that each of them would be made of."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

import ingc
from ingc.explain import Conf, read_conf
from tests.nginx.certificates import secret_for
from tests.objects import Object

FOLDER = Path(__file__).parent
VERSIONS = ("0.26", "1.3", "1.15")
OPTIONS = {
    "resolver": ("10.96.0.10",),
    "default_ssl_certificate": "web/fallback",
    "tcp_services_configmap": "ingress-nginx/tcp",
    "udp_services_configmap": "ingress-nginx/udp",
}


@cache
def controller_conf(version: str) -> Conf:
    """Return the file of a generation."""
    return read_conf(FOLDER / f"controller-{version}.conf")


def manifests() -> list[Object]:
    """Return the objects, with the certificates that the manifests name."""
    text = (FOLDER / "manifests.yaml").read_text("utf-8")
    found = [item for document in yaml.safe_load_all(text) for item in _items(document)]
    shop = secret_for("shop-tls", "shop.example.com", namespace="web")
    return [*found, shop, secret_for("fallback", "ingress.local", namespace="web")]


def _items(document: Object) -> list[Object]:
    return document["items"] if document["kind"] == "List" else [document]


def compiled(objects: list[Object]) -> ingc.Result:
    """Return what the objects are compiled to."""
    result = ingc.compile(objects, ingc.Options(**OPTIONS))
    assert not result.errors, result.errors
    return result
