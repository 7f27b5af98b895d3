"""Values of ingress-nginx's Helm chart: the flags and ConfigMaps that the chart makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingc.diagnostics import FieldPath, Origin, Sink, Source, Span
from ingc.load import Document, read_text
from ingc.migrate.controllers import Controller, GivenFlag, GivenValue
from ingc.migrate.plain import inner, mapping, text

NAMESPACE = "ingress-nginx"
"""The namespace of the chart's own instructions; values do not name it."""
_NAME = "ingress-nginx"
"""The name of a release in the chart's own instructions."""
_SUBCHART = "ingress-nginx"
_KNOWN = frozenset(
    {"config", "extraArgs", "ingressClassResource", "ingressClass", "watchIngressWithoutClass"}
    | {"ingressClassByName", "allowSnippetAnnotations", "electionID", "publishService", "scope"}
    | {"admissionWebhooks", "metrics", "replicaCount", "service", "kind", "hostNetwork"}
)
"""Keys below ``controller`` by which the values are known; one is enough."""


@dataclass(frozen=True, slots=True)
class ValuesSource:
    """Where a ConfigMap stands that the chart makes of values: at the values."""

    values: Source
    data: FieldPath
    """The path of what becomes its ``data``."""

    @property
    def file(self) -> str:
        """The file of the values."""
        return self.values.file

    def span(self, field: FieldPath, *, key: bool = False) -> Span | None:
        """Return the place of a key of ``data``, or of the values that make it."""
        inside = field[1:] if field[:1] == ("data",) else ()
        return self.values.span((*self.data, *inside), key=key)


@dataclass(frozen=True, slots=True)
class EmbeddedSource:
    """Where values stand that are a text inside of an object: at that text."""

    outer: Source
    path: FieldPath

    @property
    def file(self) -> str:
        """The file of the object."""
        return self.outer.file

    def span(self, field: FieldPath, *, key: bool = False) -> Span | None:
        """Return the place of the text, whatever the field."""
        del field
        return self.outer.span(self.path, key=key)


_OBJECTS: Mapping[str, FieldPath] = {
    "HelmRelease": ("spec", "values"),
    "Application": ("spec", "source", "helm", "valuesObject"),
}
"""Objects of Flux and Argo CD, and where they hold values."""
_TEXTS: Mapping[str, FieldPath] = {
    "HelmChart": ("spec", "valuesContent"),
    "HelmChartConfig": ("spec", "valuesContent"),
    "Application": ("spec", "source", "helm", "values"),
}
"""Objects of k3s, RKE2 and Argo CD that hold values as a text."""


def is_values(value: Mapping[str, Any]) -> bool:
    """Return whether a mapping holds values of ingress-nginx's chart."""
    return _top_of(value) is not None


def _top_of(value: Mapping[str, Any]) -> FieldPath | None:
    """Return where the chart's own values begin; ``None`` where there are none."""
    if value.get("apiVersion") and value.get("kind"):
        path = _OBJECTS.get(text(value.get("kind")), ())
        within = _top_of(mapping(inner(value, path))) if path else None
        return None if within is None else (*path, *within)
    if _KNOWN & mapping(value.get("controller")).keys():
        return ()
    if _KNOWN & mapping(inner(value, (_SUBCHART, "controller"))).keys():
        return (_SUBCHART,)
    return None


def values_controllers(documents: Iterable[Document]) -> Iterator[Controller]:
    """Yield a controller for each document of values, in the order of the input."""
    for document in documents:
        for values in (document, *_embedded(document)):
            top = _top_of(values.value)
            if top is not None:
                yield _controller(values, top)


def _embedded(document: Document) -> Iterator[Document]:
    """Yield what the text of an object holds."""
    path = _TEXTS.get(text(document.value.get("kind")), ())
    held = inner(document.value, path) if path else None
    if isinstance(held, str) and document.source is not None:
        source = EmbeddedSource(document.source, path)
        for item in read_text(held, "values.yaml", Sink()):
            yield Document(item.value, source)


def _controller(document: Document, top: FieldPath) -> Controller:
    chart = mapping(inner(document.value, top))
    root = Origin(source=document.source).at(*top)
    values = tuple(_values(chart, root))
    file = document.source.file if document.source else "values"
    return Controller(
        f"Helm values {file}",
        root,
        tuple(flag for value in values for flag in value.flags),
        values,
        (*_config_maps(chart, document, top), *_class(chart, document, top)),
    )


def _values(chart: Mapping[str, Any], root: Origin) -> Iterator[GivenValue]:
    controller = mapping(chart.get("controller"))
    for path, row in _ROWS.items():
        value = inner(chart, tuple(path.split(".")))
        if value is None:
            continue
        place = root.at(*path.split("."))
        made = row.flags(value, chart) if row.flags else ()
        flags = tuple(GivenFlag(name, given, place, path) for name, given in made)
        yield GivenValue(path, _printed(value), place, flags, row.why)
    arguments = mapping(controller.get("extraArgs"))
    for name in map(text, arguments):
        path, place = f"controller.extraArgs.{name}", root.at("controller", "extraArgs", name)
        given = text(arguments.get(name)) or "true"
        yield GivenValue(path, given, place, (GivenFlag(name, given, place, path),))
    others = tuple(f"controller.{text(key)}" for key in controller)
    known = {name for path in _ROWS for name in _parents(path)} | {"controller.extraArgs"}
    for path in others:
        if path not in known:
            place = root.at(*path.split(".", 1))
            printed = _printed(inner(chart, tuple(path.split(".", 1))))
            yield GivenValue(path, printed, place, (), _RUNNING)


def _printed(value: object) -> str:
    """Return a value as it may stand in a line: of a collection how much is in it."""
    if isinstance(value, Mapping | list):
        return f"({len(value)} {'entry' if len(value) == 1 else 'entries'})"
    return text(value)


def _parents(path: str) -> Iterator[str]:
    """Yield a path and the paths above it."""
    while path:
        yield path
        path = path.rpartition(".")[0]


Made = tuple[tuple[str, str], ...]
_Making = Callable[[Any, Mapping[str, Any]], Made]


@dataclass(frozen=True, slots=True)
class _Row:
    """What the chart makes of one value."""

    flags: _Making | None = None
    why: str = ""


def _flag(name: str) -> _Row:
    return _Row(lambda value, _: ((name, text(value)),) if text(value) else ())


def _switch(name: str) -> _Row:
    return _Row(lambda value, _: ((name, "true"),) if value is True else ())


def _scope(value: object, chart: Mapping[str, Any]) -> Made:
    if value is not True:
        return ()
    scope = mapping(inner(chart, ("controller", "scope")))
    namespace, selector = text(scope.get("namespace")), text(scope.get("namespaceSelector"))
    if selector:
        return (("watch-namespace-selector", selector),)
    return (("watch-namespace", namespace or NAMESPACE),)


def _config_map_flag(name: str, suffix: str) -> _Row:
    made = f"{NAMESPACE}/{_NAME}-{suffix}"
    return _Row(lambda value, _: ((name, made),) if mapping(value) else ())


def _default_backend(value: object, _chart: Mapping[str, Any]) -> Made:
    service = f"{NAMESPACE}/{_NAME}-defaultbackend"
    return (("default-backend-service", service),) if value is True else ()


_RUNNING = "how the controller's Pods run; nginx runs where you decide"
_CLASS_OBJECT = "the IngressClass object stays in the cluster as it is"
_SNIPPETS = "snippets are refused here; the report lists them"

_ROWS: Mapping[str, _Row] = {
    "controller.config": _config_map_flag("configmap", "controller"),
    "controller.proxySetHeaders": _Row(
        None, "write it as the ConfigMap that the key proxy-set-headers names"
    ),
    "controller.addHeaders": _Row(None, "write it as the ConfigMap that the key add-headers names"),
    "controller.ingressClass": _flag("ingress-class"),
    "controller.ingressClassByName": _switch("ingress-class-by-name"),
    "controller.ingressClassResource.controllerValue": _flag("controller-class"),
    "controller.ingressClassResource.name": _Row(None, _CLASS_OBJECT),
    "controller.ingressClassResource.enabled": _Row(None, _CLASS_OBJECT),
    "controller.ingressClassResource.default": _Row(None, _CLASS_OBJECT),
    "controller.watchIngressWithoutClass": _switch("watch-ingress-without-class"),
    "controller.scope.enabled": _Row(_scope),
    "controller.containerPort.http": _flag("http-port"),
    "controller.containerPort.https": _flag("https-port"),
    "controller.healthCheckPath": _flag("health-check-path"),
    "controller.allowSnippetAnnotations": _Row(None, _SNIPPETS),
    "controller.enableTopologyAwareRouting": _switch("enable-topology-aware-routing"),
    "controller.enableAnnotationValidations": _switch("enable-annotation-validation"),
    "controller.electionID": _flag("election-id"),
    "controller.publishService.enabled": _switch("publish-service"),
    "controller.reportNodeInternalIp": _switch("report-node-internal-ip-address"),
    "controller.metrics.enabled": _switch("enable-metrics"),
    "controller.admissionWebhooks.enabled": _switch("validating-webhook"),
    "controller.maxmindLicenseKey": _flag("maxmind-license-key"),
    "controller.customTemplate.configMapName": _Row(
        None, "the configuration is not made of a template that could be replaced"
    ),
    "tcp": _config_map_flag("tcp-services-configmap", "tcp"),
    "udp": _config_map_flag("udp-services-configmap", "udp"),
    "defaultBackend.enabled": _Row(_default_backend),
    "defaultBackend.image": _Row(None, _RUNNING),
}
"""By the path of a value. A value of a form that the chart does not take makes nothing."""


_CONFIG_MAPS: Mapping[FieldPath, str] = {
    ("controller", "config"): "controller",
    ("tcp",): "tcp",
    ("udp",): "udp",
}
"""The ends of the ConfigMaps' names, by the path of their data."""


def _config_maps(
    chart: Mapping[str, Any], document: Document, top: FieldPath
) -> Iterator[Document]:
    for path, suffix in _CONFIG_MAPS.items():
        data = mapping(inner(chart, path))
        if data:
            metadata = {"namespace": NAMESPACE, "name": f"{_NAME}-{suffix}"}
            made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
            source = document.source and ValuesSource(document.source, (*top, *path))
            strings = {text(key): text(value) for key, value in data.items()}
            yield Document({**made, "data": strings}, source)


def _class(chart: Mapping[str, Any], document: Document, top: FieldPath) -> Iterator[Document]:
    """Yield the IngressClass that the chart makes."""
    path = ("controller", "ingressClassResource")
    values = mapping(inner(chart, path))
    if values.get("enabled") is False:
        return
    name = text(values.get("name")) or "nginx"
    controlled = text(values.get("controllerValue")) or "k8s.io/ingress-nginx"
    source = document.source and ValuesSource(document.source, (*top, *path))
    made = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": name},
    }
    yield Document({**made, "spec": {"controller": controlled}}, source)
