"""A Secret that the input has in cipher alone counts as absent, and the message says why."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from tests.objects import Object, path, rule
from tests.shop import ingress

SOPS: Object = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "users", "namespace": "shop"},
    "stringData": {"auth": "ENC[AES256_GCM,data:x]"},
    "sops": {"mac": "ENC[AES256_GCM,data:z]"},
}
SEALED: Object = {
    "apiVersion": "bitnami.com/v1alpha1",
    "kind": "SealedSecret",
    "metadata": {"name": "users", "namespace": "shop"},
    "spec": {"encryptedData": {"auth": "AgBy"}},
}
PREFIX = "nginx.ingress.kubernetes.io/"


def compiled(annotations: dict[str, str], secret: Object, **options: Any) -> ingc.Result:
    names = {PREFIX + name: value for name, value in annotations.items()}
    tls: list[Object] = [{"hosts": ["a.test"], "secretName": "tls"}]
    web = ingress("web", rule("a.test", path("/", "web")), annotations=names, tls=tls)
    given: dict[str, Any] = {
        "resolver": ("10.0.0.53",),
        "default_ssl_certificate": "/a,/b",
        **options,
    }
    return ingc.compile([web, secret], ingc.Options(**given))


@pytest.mark.parametrize(
    ("secret", "why", "add"),
    [
        (SOPS, "Secret shop/users is encrypted by sops", "decrypt it with sops -d"),
        (SEALED, "Secret shop/users is sealed", "add the Secret that its controller makes of it"),
    ],
)
@pytest.mark.parametrize(
    "annotations",
    [{"auth-type": "basic", "auth-secret": "users"}, {"auth-tls-secret": "shop/users"}],
)
def test_it_is_said_to_be_encrypted(
    annotations: dict[str, str], secret: Object, why: str, add: str
) -> None:
    (found,) = compiled(annotations, secret).errors
    assert why in found.message
    assert found.help.startswith(add)


def test_what_the_operator_lays_beside_stands_in_for_it() -> None:
    result = compiled(
        {"auth-type": "basic", "auth-secret": "users"},
        SOPS,
        auth_files="/auth/{namespace}-{secret}",
    )
    assert result.ok
    assert "auth_basic_user_file /auth/shop-users.htpasswd;" in (result.config or "")
