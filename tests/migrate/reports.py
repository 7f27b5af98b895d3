"""Reports on objects, as ``ingc migrate`` makes them, without its command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ingc.compiler import compile_documents
from ingc.diagnostics import Sink
from ingc.load import Document, read_text
from ingc.migrate import Fate, Migration, assemble, prepare
from ingc.options import Options
from tests.objects import Object, ingress, prefix, rule, service

PREFIX = "nginx.ingress.kubernetes.io"


def report(
    objects: Iterable[Object | Document], wanted: str = "", sink: Sink | None = None, **given: Any
) -> Migration:
    """Return the report on objects or documents; ``given`` are fields of `Options`."""
    sink = sink or Sink()
    documents = [
        item if isinstance(item, Document) else Document(item, _Unplaced()) for item in objects
    ]
    prepared = prepare(documents, Options(**given), wanted)
    result = compile_documents(
        prepared.documents, prepared.options, sink, on_error="isolate", served=False
    )
    return assemble(prepared, result, ("all.yaml",))


def report_of(text: str, **given: Any) -> Migration:
    """Return the report on a file ``all.yaml``."""
    sink = Sink()
    return report(read_text(text, "all.yaml", sink), sink=sink, **given)


class _Unplaced:
    """The source of an object that no file has."""

    file = ""

    def span(self, field: object, *, key: bool = False) -> None:
        """Return no place."""


def shop(*paths: Object, name: str = "shop/web", **annotations: str) -> Object:
    """Return an Ingress for ``a.test`` with annotations; ``_`` stands for ``-``."""
    namespace, _, own = name.partition("/")
    named = {f"{PREFIX}/{key.replace('_', '-')}": text for key, text in annotations.items()}
    made = rule("a.test", *(paths or (prefix("/", "web"),)))
    return ingress(own, made, namespace=namespace, annotations=named, class_name="nginx")


def web(namespace: str = "shop") -> Object:
    """Return the Service behind `shop`."""
    return service("web", {"port": 80}, namespace=namespace, clusterIP="10.0.0.1")


def fate_of(found: Migration, name: str = "shop/web") -> Fate:
    """Return what becomes of an Ingress."""
    (fate,) = [item.fate for item in found.ingresses if item.name == name]
    return fate


def controller(*arguments: str, name: str = "ingress-nginx/controller", **env: str) -> Object:
    """Return a Deployment of ingress-nginx."""
    namespace, _, own = name.partition("/")
    container = {
        "image": "registry.k8s.io/ingress-nginx/controller:v1.12.1",
        "args": ["/nginx-ingress-controller", *arguments],
        "env": [{"name": key, "value": value} for key, value in env.items()],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": own, "namespace": namespace},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def config_map(name: str = "ingress-nginx/controller", **data: str) -> Object:
    """Return a ConfigMap; ``_`` of a key stands for ``-``."""
    namespace, _, own = name.partition("/")
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": own, "namespace": namespace},
        "data": {key.replace("_", "-"): text for key, text in data.items()},
    }
