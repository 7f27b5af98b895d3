"""What `ingc.named_objects` finds is what the stages look up."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.frontend.annotations.registry import DECLARATIONS
from ingc.frontend.declarations.grammars import FULL_OBJECT, OBJECT
from ingc.frontend.registry import KEYS
from ingc.kinds import kind_named
from ingc.named import BY_ANNOTATIONS, BY_KEYS, named_objects
from ingc.resolve.features.reencrypt import SERVICE_CA

PREFIX = "nginx.ingress.kubernetes.io"


def names(*objects: Any, any_prefix: bool = False, **options: Any) -> set[str]:
    found = named_objects(objects, ingc.Options(**options), any_prefix=any_prefix)
    assert all(key.group == "" for key in found)
    return {f"{key.kind} {key.namespace}/{key.name}" for key in found}


def test_every_annotation_and_key_that_names_an_object_is_in_the_tables() -> None:
    """One that is declared anew and forgotten here would never be read by a controller."""
    for declared, table in ((DECLARATIONS, BY_ANNOTATIONS), (KEYS, BY_KEYS)):
        naming = {
            name
            for name, item in declared.items()
            if getattr(item, "grammar", None) in (OBJECT, FULL_OBJECT)
        }
        assert naming == table.keys()
    where = kind_named("Route").config_maps_where
    assert [name for _, _, name in where] == [SERVICE_CA]


def test_an_ingress_names_secrets_of_its_own_namespace_and_others() -> None:
    asked = {f"{PREFIX}/auth-secret": "users", f"{PREFIX}/auth-tls-secret": "other/ca"}
    given = {
        "kind": "Ingress",
        "metadata": {"namespace": "shop", "annotations": asked},
        "spec": {"tls": [{"secretName": "own"}, {"secretName": "second"}]},
    }
    assert names(given) == {
        "Secret shop/own",
        "Secret shop/second",
        "Secret shop/users",
        "Secret other/ca",
    }


def test_annotations_of_another_prefix_count_where_that_is_requested() -> None:
    given = {"kind": "Ingress", "metadata": {"annotations": {"own.test/auth-secret": "users"}}}
    assert names(given) == set()
    assert names(given, annotations_prefix="own.test") == {"Secret default/users"}
    assert names(given, any_prefix=True) == {"Secret default/users"}


def test_options_name_objects_and_the_configmap_that_they_name_others() -> None:
    options = {
        "configmap": "system/settings",
        "tcp_services_configmap": "system/tcp",
        "udp_services_configmap": "system/udp",
        "default_ssl_certificate": "system/cert",
    }
    by_options = {
        "ConfigMap system/settings",
        "ConfigMap system/tcp",
        "ConfigMap system/udp",
        "Secret system/cert",
    }
    assert names(**options) == by_options
    settings = {
        "kind": "ConfigMap",
        "metadata": {"namespace": "system", "name": "settings"},
        "data": {"ssl-dh-param": "system/dh", "add-headers": "system/more", "server-tokens": "a/b"},
    }
    assert names(settings, **options) - by_options == {"Secret system/dh", "ConfigMap system/more"}
    assert names(settings) == set(), "another ConfigMap says nothing"
    assert names(default_ssl_certificate="/tls.crt,/tls.key") == set()


def test_a_route_names_a_secret_and_the_authorities_of_services() -> None:
    tls = {"termination": "reencrypt", "externalCertificate": {"name": "cert"}}
    route = {"kind": "Route", "metadata": {"namespace": "shop"}, "spec": {"tls": tls}}
    assert names(route) == {"Secret shop/cert", "ConfigMap shop/openshift-service-ca.crt"}


@pytest.mark.parametrize(
    "name", ["", "--server=evil", "a/b/c", "../x", "A", "x" * 300, 7, None, []]
)
def test_what_no_object_can_be_called_is_left_out(name: Any) -> None:
    spec = {"tls": [{"secretName": name}, name, None]}
    annotations = {f"{PREFIX}/auth-secret": name}
    given = {"kind": "Ingress", "metadata": {"annotations": annotations}, "spec": spec}
    assert names(given) <= {"Secret default/7", "Secret default/none"}


@pytest.mark.parametrize(
    "given", [{}, {"kind": "Ingress", "metadata": 3, "spec": []}, {"kind": []}]
)
def test_what_has_another_form_names_nothing(given: Any) -> None:
    assert names(given) == set()
