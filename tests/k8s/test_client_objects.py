"""Objects of client libraries, handed in as they are: each gives what its dict gives.

The stand-ins have the shape of the libraries' own; where a library is installed, its own objects
are tried too.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

import ingc
from tests.objects import Object, path, rule
from tests.shop import ingress, service

ANNOTATIONS = {"nginx.ingress.kubernetes.io/ssl-redirect": "false"}
WEB = ingress("web", rule("a.test", path("/", "web")), annotations=ANNOTATIONS)
WEB["metadata"] |= {"creationTimestamp": "2024-01-31T12:00:00Z", "uid": "1-2-3"}
SERVICE = service("web", clusterIP="10.96.0.1")
EXPECTED = ingc.compile([WEB, SERVICE]).config


class Model:
    """As a model of ``kubernetes.client``: attributes in snake_case, and their names in the API."""

    attribute_map: Mapping[str, str] = {}
    openapi_types: Mapping[str, str] = {}

    def __init__(self, **fields: Any) -> None:
        for name in self.attribute_map:
            setattr(self, name, fields.pop(name, None))
        assert not fields

    def to_dict(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in self.attribute_map}
        return {k: v.to_dict() if isinstance(v, Model) else v for k, v in found.items()}


_TOP = ("api_version", "kind", "metadata", "spec", "status")


def _named(*names: str) -> dict[str, str]:
    """``path_type`` → ``pathType``; an address is written as in the API: ``cluster_ip``."""
    found = {}
    for name in names:
        first, *rest = name.split("_")
        found[name] = first + "".join("IP" if part == "ip" else part.title() for part in rest)
    return found


class V1Ingress(Model):
    attribute_map = _named(*_TOP)


class V1Service(Model):
    attribute_map = _named(*_TOP)


class V1ObjectMeta(Model):
    attribute_map = _named("name", "namespace", "annotations", "creation_timestamp", "uid")


class V1IngressSpec(Model):
    attribute_map = _named("default_backend", "ingress_class_name", "rules", "tls")


class V1IngressRule(Model):
    attribute_map = _named("host", "http")


class V1HTTPIngressRuleValue(Model):
    attribute_map = _named("paths")


class V1HTTPIngressPath(Model):
    attribute_map = _named("path", "path_type", "backend")


class V1IngressBackend(Model):
    attribute_map = _named("service", "resource")


class V1IngressServiceBackend(Model):
    attribute_map = _named("name", "port")


class V1ServiceBackendPort(Model):
    attribute_map = _named("name", "number")


class V1ServiceSpec(Model):
    attribute_map = _named("cluster_ip", "ports", "type")


class V1ServicePort(Model):
    attribute_map = _named("name", "port", "protocol", "target_port")


class Resource:
    """As lightkube's and the dynamic client's: ``to_dict`` gives the API's names."""

    def __init__(self, value: Object) -> None:
        self._value = value

    def to_dict(self) -> Object:
        return dict(self._value)


class Raw:
    """As kr8s' in its asyncio form: ``raw`` is the API's dict."""

    def __init__(self, value: Object) -> None:
        self.raw = value


def _models(client: Any, *, listed: bool) -> list[Any]:
    """Return the Ingress and the Service as a client's models; items of a list have no kind."""
    created = datetime(2024, 1, 31, 12, tzinfo=UTC)
    backend = client.V1IngressBackend(
        service=client.V1IngressServiceBackend(
            name="web", port=client.V1ServiceBackendPort(number=80)
        )
    )
    way = client.V1HTTPIngressPath(path="/", path_type="Prefix", backend=backend)
    rules = [client.V1IngressRule(host="a.test", http=client.V1HTTPIngressRuleValue(paths=[way]))]
    web = client.V1Ingress(
        metadata=client.V1ObjectMeta(
            name="web",
            namespace="shop",
            annotations=ANNOTATIONS,
            creation_timestamp=created,
            uid="1-2-3",
        ),
        spec=client.V1IngressSpec(rules=rules),
    )
    ports = [client.V1ServicePort(**_of_python(SERVICE["spec"]["ports"][0]))]
    behind = client.V1Service(
        metadata=client.V1ObjectMeta(name="web", namespace="shop"),
        spec=client.V1ServiceSpec(cluster_ip="10.96.0.1", ports=ports),
    )
    if not listed:
        web.api_version, web.kind = "networking.k8s.io/v1", "Ingress"
        behind.api_version, behind.kind = "v1", "Service"
    return [web, behind]


def _of_python(fields: Object) -> Object:
    return {"target_port" if k == "targetPort" else k: v for k, v in fields.items()}


class _StandIns:
    """In the place of the module ``kubernetes.client``."""

    def __getattr__(self, name: str) -> Any:
        return globals()[name]


def _clients() -> Iterator[Any]:
    yield pytest.param(_StandIns(), id="stand-in")
    for name in ("kubernetes.client", "kubernetes_asyncio.client"):
        try:
            yield pytest.param(importlib.import_module(name), id=name)
        except ImportError:
            skip = pytest.mark.skip(reason=f"{name} is not installed")
            yield pytest.param(None, id=name, marks=skip)


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("client", [*_clients()])
def test_models_of_the_official_client(client: Any, listed: bool) -> None:
    result = ingc.compile(_models(client, listed=listed))
    assert result.errors == ()
    assert result.config == EXPECTED
    assert result.store is not None
    (web,) = result.store.ingresses
    assert (web.meta.created, web.meta.uid) == ("2024-01-31T12:00:00Z", "1-2-3")


@pytest.mark.parametrize("kind", [Resource, Raw])
def test_objects_that_give_the_dict_of_the_api(kind: Any) -> None:
    assert ingc.compile([kind(WEB), kind(SERVICE)]).config == EXPECTED


def test_objects_of_lightkube() -> None:
    lightkube = pytest.importorskip("lightkube", reason="lightkube is not installed")
    assert lightkube
    codecs = importlib.import_module("lightkube.codecs")
    objects = [codecs.from_dict(json.loads(json.dumps(item))) for item in (WEB, SERVICE)]
    assert ingc.compile(objects).config == EXPECTED


def test_objects_of_kr8s() -> None:
    pytest.importorskip("kr8s", reason="kr8s is not installed")
    kr8s = importlib.import_module("kr8s.objects")
    api: Any = object()
    objects = [kr8s.Ingress(WEB, api=api), kr8s.Service(SERVICE, api=api)]
    assert ingc.compile(objects).config == EXPECTED


def test_a_dict_with_the_names_of_python_is_refused_with_the_way_out() -> None:
    for listed in (False, True):
        objects = [item.to_dict() for item in _models(_StandIns(), listed=listed)]
        found, *others = ingc.compile(objects).errors
        named = {str(item.object) for item in (found, *others)}
        assert named == ({"Object web"} if listed else {"Ingress web", "Service web"})
        assert (found.code, found.field) == ("ING110", "api_version")
        assert "sanitize_for_serialization" in found.help


class Broken:
    def to_dict(self) -> Object:
        raise RuntimeError("no connection")


class Endless(Model):
    attribute_map = _named("spec")

    def __init__(self) -> None:
        super().__init__(spec=self)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (object(), "builtins.object"),
        (Broken(), "tests.k8s.test_client_objects.Broken"),
        (Endless(), "tests.k8s.test_client_objects.Endless"),
        (Resource({"metadata": {"name": "web"}}), "tests.k8s.test_client_objects.Resource"),
        (V1ObjectMeta(name="web"), "tests.k8s.test_client_objects.V1ObjectMeta"),
        (ingc.Options, "builtins.type"),
    ],
)
def test_what_is_not_understood_is_named(value: object, name: str) -> None:
    objects: list[Any] = [value, WEB, SERVICE]
    (found,) = ingc.compile(objects).errors
    assert found.code == "ING109"
    assert found.message == f"an object of the type {name} is not understood"
    isolated = ingc.compile(objects, on_error="isolate")
    assert isolated.match("a.test", "/").upstream == "shop_web_80"


@pytest.mark.parametrize("listed", [False, True])
def test_a_compiler_that_keeps_objects_takes_them_too(listed: bool) -> None:
    web, behind = _models(_StandIns(), listed=listed)
    compiler = ingc.Compiler()
    assert compiler.apply([web, behind]).result.config == EXPECTED
    assert compiler.key(web) == compiler.key(WEB)
    assert compiler.apply([WEB]).result.config == EXPECTED
    assert compiler.apply(deletes=[web]).result.routes == ()
    broken: list[Any] = [object()]
    (found,) = compiler.apply(broken).result.errors
    assert found.code == "ING109"
