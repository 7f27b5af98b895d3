"""Before the compile: which controller is left, what its flags become, what is compiled."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingc.diagnostics import Diagnostic, Severity, Sink
from ingc.frontend import read_config_map
from ingc.k8s.store import read_objects
from ingc.load import Document
from ingc.migrate.carried import Carrying, begin, carry, chosen_options
from ingc.migrate.controllers import Controller, workload_controllers
from ingc.migrate.helm import ValuesSource, is_values, values_controllers
from ingc.migrate.migration import CarriedSetting, ChosenOption, SettingsTable, spot_of
from ingc.migrate.plain import inner, mapping, text
from ingc.options import Options

ASSUMED = "not all Secrets are in the input; put their files there, or add the Secrets"
"""Why an option says where files are, though nobody has said so."""
_FILES = {
    "tls_files": "/etc/nginx/tls/{namespace}/{secret}",
    "auth_files": "/etc/nginx/auth/{namespace}/{secret}",
}
CONFIG_MAP_OPTIONS = ("configmap", "tcp_services_configmap", "udp_services_configmap")
"""The fields of `Options` that name a ConfigMap."""
_USUAL_NAMES = ("ingress-nginx-controller", "nginx-configuration")


class NoSuchController(LookupError):
    """No controller of the input has the name that was given; the text lists those found."""


@dataclass(frozen=True, slots=True)
class LeftOutKey:
    """A key of the settings for everybody that is an error."""

    name: str
    value: str
    found: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be compiled, and what the controllers have become."""

    documents: tuple[Document, ...]
    options: Options
    chosen: tuple[ChosenOption, ...]
    """The options of the command line to use."""
    controllers: tuple[SettingsTable, ...]
    left_out: tuple[LeftOutKey, ...]
    """Keys of the ConfigMap for which nothing at all would be compiled. They are not in its
    document, so that the rest of the input is looked at too."""
    absent: Mapping[str, str]
    """ConfigMaps that options name and the input lacks, by the field of `Options`; `options` does
    not name them, for the same reason."""
    made: tuple[str, ...]
    """ConfigMaps that the chart makes of Helm values and the input does not have."""
    values_files: frozenset[str]
    """The files that hold nothing but Helm values."""


def prepare(documents: Sequence[Document], options: Options, wanted: str = "") -> Prepared:
    """Find the controller, and carry its flags over into ``options``.

    ``wanted`` is its name or a part of it; empty: the first one of a Deployment, else of Helm
    values. Raises `NoSuchController`.
    """
    found = _sorted([*workload_controllers(documents), *values_controllers(documents)], wanted)
    objects = [item for item in documents if not _is_plain_values(item)]
    carrying = begin(options)
    tables: list[SettingsTable] = []
    made: list[Document] = []
    for number, controller in enumerate(found):
        if number == 0:
            made = _missing(controller.documents, objects)
            objects += made
        own = carrying if number == 0 else begin(Options())
        tables.append(_table(controller, carry(controller, own)))
    _assume(carrying, objects, is_alone=not found)
    kept, left_out = _without_refused_keys(objects, carrying.options)
    absent = _absent_config_maps(objects, carrying.options)
    cleared: dict[str, Any] = dict.fromkeys(absent)
    return Prepared(
        tuple(kept),
        dataclasses.replace(carrying.options, **cleared),
        chosen_options(carrying),
        tuple(tables),
        left_out,
        absent,
        tuple(_full_name(item) for item in made if _identity(item)[0] == "ConfigMap"),
        _files(documents) - _files(objects),
    )


def _sorted(found: Sequence[Controller], wanted: str) -> list[Controller]:
    """Return the controllers, the one that is left first."""
    chosen = [item for item in found if wanted in item.name]
    if wanted and not chosen:
        names = ", ".join(item.name for item in found) or "none"
        raise NoSuchController(f'no controller is named "{wanted}"; found: {names}')
    return [*chosen, *(item for item in found if item not in chosen)]


def _is_plain_values(document: Document) -> bool:
    value = document.value
    return not (value.get("kind") and value.get("apiVersion")) and is_values(value)


def _missing(made: Iterable[Document], objects: Sequence[Document]) -> list[Document]:
    """Return what the chart makes and the input does not have itself."""
    known = {_identity(item) for item in objects}
    return [item for item in made if _identity(item) not in known]


def _identity(document: Document) -> tuple[str, str, str]:
    metadata = mapping(document.value.get("metadata"))
    kind = text(document.value.get("kind"))
    return kind, text(metadata.get("namespace")), text(metadata.get("name"))


def _table(controller: Controller, rows: tuple[CarriedSetting, ...]) -> SettingsTable:
    return SettingsTable(controller.name, spot_of(controller.place), rows)


def _assume(carrying: Carrying, objects: Sequence[Document], *, is_alone: bool) -> None:
    """Set what no flag says; ``is_alone``: there is no controller that could say which settings."""
    if is_alone and "configmap" not in carrying.why:
        names = [name for kind, *name in map(_identity, objects) if kind == "ConfigMap"]
        usual = ["/".join(name) for name in names if name[0] and name[1] in _USUAL_NAMES]
        if len(usual) == 1:
            carrying.take("configmap", usual[0], "the only ConfigMap of a usual name")
    if not _has_all_secrets(objects):
        named = {field: name for field, name in _SECRETS.items() if any(map(name, objects))}
        for field in sorted(named.keys() - carrying.why.keys()):
            carrying.take(field, _FILES[field], ASSUMED)
    address = _cluster_dns(objects)
    if address and not {"resolver", "resolve_at_start"} & carrying.why.keys():
        carrying.take("resolver", (address,), "the cluster's DNS, Service kube-system/kube-dns")


def _has_tls(document: Document) -> bool:
    return bool(inner(document.value, ("spec", "tls"))) or _has_annotation(
        document, "/proxy-ssl-secret"
    )


def _has_passwords(document: Document) -> bool:
    return _has_annotation(document, "/auth-secret", "/auth-tls-secret")


def _has_annotation(document: Document, *ends: str) -> bool:
    given = mapping(inner(document.value, ("metadata", "annotations")))
    return any(text(name).endswith(ends) for name in given)


_SECRETS = {"tls_files": _has_tls, "auth_files": _has_passwords}
"""What asks for the files of an option."""


def _has_all_secrets(objects: Iterable[Document]) -> bool:
    """Return whether the input is a cluster's, and Secrets were dumped with it."""
    kinds = {_identity(item)[0] for item in objects}
    dumped = (inner(item.value, ("metadata", "uid")) for item in objects)
    return "Secret" in kinds and any(dumped)


def _cluster_dns(objects: Iterable[Document]) -> str:
    """Return the address of the Service by which Pods resolve names; empty where it is unknown."""
    for item in objects:
        if _identity(item) == ("Service", "kube-system", "kube-dns"):
            address = text(inner(item.value, ("spec", "clusterIP")))
            return "" if address == "None" else address
    return ""


def _without_refused_keys(
    objects: Sequence[Document], options: Options
) -> tuple[list[Document], tuple[LeftOutKey, ...]]:
    """Return the objects without the keys that are errors, and these keys."""
    wrong = _wrong_keys(objects, options)
    namespace, _, name = (options.configmap or "").partition("/")
    made: list[Document] = []
    left_out: list[LeftOutKey] = []
    for item in objects:
        if wrong and _identity(item) == ("ConfigMap", namespace, name):
            data = mapping(item.value.get("data"))
            left_out += (
                LeftOutKey(key, text(data.get(key)), found) for key, found in wrong.items()
            )
            kept = {key: value for key, value in data.items() if key not in wrong}
            made.append(Document({**item.value, "data": kept}, item.source))
        else:
            made.append(item)
    return made, tuple(left_out)


def _wrong_keys(objects: Iterable[Document], options: Options) -> dict[str, tuple[Diagnostic, ...]]:
    """Return the errors of each key, as a compile would report them."""
    read = [item for item in objects if _identity(item)[0] in ("ConfigMap", "Secret")]
    sink = Sink()
    store = read_objects(read, sink, namespace=options.namespace)
    if options.configmap is None or options.configmap not in map("/".join, store.config_maps):
        return {}
    read_config_map(store, sink, options)
    wrong: dict[str, tuple[Diagnostic, ...]] = {}
    for item in sink.diagnostics():
        ref, field = item.origin.object, item.origin.field
        of_settings = ref is not None and f"{ref.namespace}/{ref.name}" == options.configmap
        if item.severity is Severity.ERROR and of_settings and field[:1] == ("data",):
            key = str(field[1]) if len(field) > 1 else ""
            wrong[key] = (*wrong.get(key, ()), item)
    return wrong


def _full_name(document: Document) -> str:
    return "/".join(_identity(document)[1:])


def _files(documents: Iterable[Document]) -> frozenset[str]:
    return frozenset(
        item.source.file
        for item in documents
        if item.source is not None and not isinstance(item.source, ValuesSource)
    )


def _absent_config_maps(objects: Iterable[Document], options: Options) -> dict[str, str]:
    known = {"/".join(name) for kind, *name in map(_identity, objects) if kind == "ConfigMap"}
    named = {option: getattr(options, option) or "" for option in CONFIG_MAP_OPTIONS}
    return {option: name for option, name in named.items() if name and name not in known}
