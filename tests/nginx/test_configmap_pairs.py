"""A ConfigMap's key beside an annotation of the same directive: nginx takes both together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ingc
from ingc.frontend.annotations.declare import Annotation
from ingc.frontend.annotations.registry import DECLARATIONS
from ingc.frontend.configmap.declare import Key
from ingc.frontend.registry import KEYS
from ingc.nginx import Nginx
from ingc.serve.config_test import rehearse
from ingc.target import format_version
from tests.nginx.certificates import SECRETS
from tests.nginx.settings import NAME, config_map
from tests.objects import Object, annotated, ingress, prefix, rule, service, tls

PROTOCOLS = ("HTTP", "GRPC", "FCGI")
BESIDE: dict[str, dict[str, str]] = {
    "auth": {"auth-url": "http://10.0.0.9/"},
    "limit": {"limit-rps": "5", "limit-connections": "3"},
    "proxy-redirect": {"proxy-redirect-from": "/a/", "proxy-redirect-to": "/"},
    "disable-proxy": {"custom-http-errors": "404", "default-backend": "web"},
    "custom-http": {"default-backend": "web"},
}
"""What an annotation that begins so has no effect without."""
ALONE = ("grpc-buffer-size-kb",)
"""Keys that no annotation shares, but what a protocol makes of other ones."""


def pairs() -> Iterator[tuple[Key[Any], tuple[Annotation[Any], ...]]]:
    """Yield each key with the annotations whose value it is the default of, or that set the same.

    Those of buffers belong together, whatever they set.
    """
    annotations = [item for item in DECLARATIONS.values() if isinstance(item, Annotation)]
    for key in KEYS.values():
        if not isinstance(key, Key):
            continue
        found = tuple(
            item
            for item in annotations
            if item.name == key.annotation
            or (key.sets and item.sets == key.sets)
            or ("buffer" in key.name and "buffer" in item.name)
        )
        if found or key.name in ALONE:
            yield key, found


PAIRS = list(pairs())


def ingresses(found: tuple[Annotation[Any], ...]) -> Iterator[Object]:
    """Yield an Ingress for each annotation, example and protocol, and one without any."""
    for protocol in PROTOCOLS:
        spoken = {"backend-protocol": protocol}
        asked = [spoken]
        for item in found:
            beside = next((more for name, more in BESIDE.items() if item.name.startswith(name)), {})
            asked += ({**spoken, **beside, item.name: value} for value in item.grammar.examples)
        for number, names in enumerate(asked):
            host = f"{protocol.lower()}-{number}.test"
            given = annotated(**{name.replace("-", "_"): value for name, value in names.items()})
            yield ingress(
                host, rule(host, prefix("/", "web")), tls=[tls(by="a")], annotations=given
            )


@pytest.mark.parametrize(("key", "found"), PAIRS, ids=[key.name for key, _ in PAIRS])
def test_nginx_takes_a_key_beside_annotations(
    nginx: Nginx, key: Key[Any], found: tuple[Annotation[Any], ...]
) -> None:
    options = ingc.Options(
        configmap=NAME, nginx_version=format_version(nginx.version), resolver=("127.0.0.1",)
    )
    objects = [service("web", 80), *SECRETS, *ingresses(found)]
    for value in key.grammar.examples:
        settings = config_map("settings", {key.name: value})
        result = ingc.compile([*objects, settings], options, on_error="isolate")
        own = [error.message for error in result.errors if error.code.startswith(("ING6", "ING9"))]
        assert not own
        assert result.ir is not None
        said = rehearse(nginx, result.ir)
        assert said.ok, (value, said.messages)
