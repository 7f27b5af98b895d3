"""Which origins an Ingress allows, by what it lists."""

from __future__ import annotations

import pytest

import ingc
from ingc.ir.features.cors import Cors
from tests.objects import path, rule
from tests.shop import ingress, service

PREFIX = "nginx.ingress.kubernetes.io/"


def allowed(listed: str) -> tuple[tuple[str, ...] | None, list[str]]:
    """Return the origins of the one route, and the codes that are reported."""
    annotations = {PREFIX + "enable-cors": "true", PREFIX + "cors-allow-origin": listed}
    web = ingress("web", rule("a.test", path("/", "web")), annotations=annotations)
    result = ingc.compile([web, service("web", clusterIP="10.96.0.1")])
    assert result.ir is not None
    (host,) = (item for item in result.ir.hosts if item.name == "a.test")
    cors = host.routes[0].feature(Cors)
    assert cors is not None
    return cors.origins, [item.code for item in result.diagnostics]


@pytest.mark.parametrize(
    ("listed", "origins", "codes"),
    [
        ("*", None, []),
        ("*, https://a.test", None, []),
        ("https://a.test, *", None, []),
        ("https://A.test, https://a.test", ("https://a.test",), []),
        ("https://*.a.test:8443, null", ("https://*.a.test:8443", "null"), []),
        ("https://a.test:0, http://b.test", ("http://b.test",), ["ING440"]),
        ("https://a.test:65536", (), ["ING440"]),
    ],
)
def test_the_origins_are_those_that_are_listed(
    listed: str, origins: tuple[str, ...] | None, codes: list[str]
) -> None:
    assert allowed(listed) == (origins, codes)
