"""A site with a ConfigMap of global settings, and what its backends are told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ingc.nginx import Nginx
from tests import objects as kubernetes
from tests.nginx.backend import Backend
from tests.nginx.harness import Site, serving
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service

NAME = "ingress-nginx/settings"


def config_map(name: str, data: dict[str, str], namespace: str = "ingress-nginx") -> Object:
    """Return a ConfigMap."""
    return kubernetes.config_map(name, data, namespace)


@contextlib.contextmanager
def set_by(
    nginx: Nginx, objects: list[Object], keys: dict[str, str], **options: Any
) -> Iterator[Site]:
    """Serve objects with the keys of a ConfigMap."""
    with serving(
        nginx, [*objects, config_map("settings", keys)], configmap=NAME, **options
    ) as site:
        yield site


@contextlib.contextmanager
def backed(
    nginx: Nginx,
    backend: Backend,
    keys: dict[str, str],
    *more: Object,
    annotations: dict[str, str] | None = None,
    **options: Any,
) -> Iterator[Site]:
    """Serve a.test by one backend."""
    objects = [
        ingress("web", rule("a.test", prefix("/", "web")), annotations=annotations),
        service("web", 80),
        endpoint_slice("web", backend.address, port=backend.port),
        *more,
    ]
    with set_by(nginx, objects, keys, echo=False, **options) as site:
        yield site


def told(site: Site, *headers: bytes, host: str = "a.test", target: str = "/") -> dict[str, str]:
    """Return the headers that the responder behind a site received, by lower-case names."""
    return {name.lower(): value for name, value in site.received(host, target, *headers)["headers"]}
