"""Objects of other namespaces are read where the operator's ConfigMap consents, only there."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from tests.objects import Object, config_map, opaque, path, rule
from tests.resolve.pairs import NOW, certificate, key_pem
from tests.shop import ingress, secret, service

PREFIX = "nginx.ingress.kubernetes.io/"


OBJECTS: list[Object] = [
    service("web", clusterIP="10.96.0.1"),
    service("auth", clusterIP="10.96.0.2"),
    secret("a-tls", certificate("a.test"), key_pem()),
    opaque("users", "ops", auth=b"ann:{PLAIN}x\n"),
    opaque("ca", "ops", ca_crt=certificate("a.test")),
    config_map("asked", {"X-Asked": "1"}, "ops"),
    config_map("params", {"SCRIPT_FILENAME": "/a.php"}, "ops"),
]
AUTH = {"auth-url": "http://auth.shop.svc.cluster.local/"}
NAMING: list[dict[str, str]] = [
    {"auth-type": "basic", "auth-secret": "ops/users"},
    {"auth-tls-secret": "ops/ca"},
    {"backend-protocol": "HTTPS", "proxy-ssl-secret": "ops/ca", "proxy-ssl-verify": "on"},
    {**AUTH, "auth-proxy-set-headers": "ops/asked"},
    {"custom-headers": "ops/asked"},
    {"backend-protocol": "FCGI", "fastcgi-params-configmap": "ops/params"},
]


def compiled(annotations: dict[str, str], **keys: str) -> ingc.Result:
    asked = {PREFIX + name: value for name, value in annotations.items()}
    web = ingress(
        "web",
        rule("a.test", path("/", "web")),
        annotations=asked,
        tls=[{"hosts": ["a.test"], "secretName": "a-tls"}],
    )
    known = config_map("settings", {"global-allowed-response-headers": "X-Asked", **keys}, "ops")
    options: dict[str, Any] = {"configmap": "ops/settings", "now": NOW}
    return ingc.compile([web, known, *OBJECTS], ingc.Options(**options))


@pytest.mark.parametrize("annotations", NAMING, ids=lambda item: next(reversed(item)))
def test_only_with_consent(annotations: dict[str, str]) -> None:
    consent = {"allow-cross-namespace-resources": "true"}
    result = compiled(annotations, **consent)
    assert [d.message for d in result.diagnostics] == []
    for refused in (
        compiled(annotations),
        compiled(annotations, **dict.fromkeys(consent, "false")),
    ):
        (found,) = refused.errors
        assert "allow-cross-namespace-resources" in found.help
        assert " write shop/" in found.help


def test_a_certificate_is_read_from_the_ingresss_own_namespace_in_any_case() -> None:
    web = ingress("web", rule("a.test", path("/", "web")), tls=[{"secretName": "a-tls"}])
    elsewhere = secret("a-tls", certificate("a.test"), key_pem())
    elsewhere["metadata"]["namespace"] = "ops"
    known = config_map("settings", {"allow-cross-namespace-resources": "true"}, "ops")
    options = ingc.Options(configmap="ops/settings", now=NOW, resolver=("10.0.0.53",))
    result = ingc.compile([web, known, elsewhere], options)
    assert [d.code for d in result.diagnostics] == ["ING507"]
