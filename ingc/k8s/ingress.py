"""networking.k8s.io/v1 Ingress, and the two older versions converted to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.diagnostics.catalogue.hosts_paths import (
    HostInvalid,
    HostIsAddress,
    WildcardInvalid,
)
from ingc.diagnostics.catalogue.objects import (
    ApiVersionOld,
    ClassNamedTwice,
    FieldMissing,
    IngressEmpty,
    PathsEmpty,
)
from ingc.k8s.backend import Backend, read_backend, read_old_backend
from ingc.k8s.fields import Fields
from ingc.k8s.meta import Meta, check_subdomain, read_meta
from ingc.k8s.path import check_path, check_path_type
from ingc.syntax.host import is_address, is_subdomain, is_wildcard

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
VERSION = "networking.k8s.io/v1"
OLD_VERSIONS = ("networking.k8s.io/v1beta1", "extensions/v1beta1")

_STAR_INSIDE = re.compile(r"\*")


@dataclass(frozen=True, slots=True)
class HttpPath:
    """One path of a rule."""

    path: str
    """Begins with ``/``; as written."""
    path_type: str
    """Exact, Prefix or ImplementationSpecific."""
    backend: Backend | None
    """``None`` where it could not be read; the findings report why."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a host and its paths."""

    host: str
    """``""`` for every host that no other rule names."""
    paths: tuple[HttpPath, ...]
    """Empty where the rule has no ``http``: the host goes to the default backend."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class TlsEntry:
    """One entry of ``spec.tls``."""

    hosts: tuple[str, ...]
    secret: str
    """``""`` where none is named."""
    origin: Origin
    broken: bool = False
    """True where the entry itself has errors."""


@dataclass(frozen=True, slots=True)
class Ingress:
    """An Ingress as the API server would store it."""

    meta: Meta
    class_name: str | None
    class_annotation: str | None
    rules: tuple[Rule, ...]
    default_backend: Backend | None
    default_backend_origin: Origin | None
    """Its place, also where it could not be read; ``None`` where there is none."""
    tls: tuple[TlsEntry, ...]
    origin: Origin
    broken: bool = False
    """True where reading it found errors: what is left of it must not serve traffic."""
    api_version: str = VERSION
    """As the object names it; it is converted to `VERSION` whatever this is."""


def read_ingress(fields: Fields, ref: ObjectRef, api_version: str) -> Ingress:
    """Read an Ingress of any of the three API versions, reporting each finding."""
    old = api_version in OLD_VERSIONS
    if old:
        fields.report(ApiVersionOld(api_version=api_version), "apiVersion")
    meta = read_meta(fields, ref)
    spec = fields.mapping("spec")
    if spec is None:
        if fields.value.get("spec") is None:
            fields.report(IngressEmpty(), "spec")
        return Ingress(meta, None, None, (), None, None, (), fields.origin, api_version=api_version)
    name = "backend" if old else "defaultBackend"
    backend = spec.mapping(name)
    read = read_old_backend if old else read_backend
    found = (_read_rule(rule, old=old) for rule in spec.mappings("rules"))
    rules = tuple(rule for rule in found if rule is not None)
    if spec.lists_nothing("rules") and spec.value.get(name) is None:
        fields.report(IngressEmpty(), "spec")
    return Ingress(
        meta=meta,
        class_name=_read_class(spec),
        class_annotation=_read_class_annotation(fields, meta, spec.text("ingressClassName")),
        rules=rules,
        default_backend=read(backend),
        # With rules of which none can be read, it is not known whose default it is.
        default_backend_origin=fields.origin.at("spec", name)
        if spec.value.get(name) is not None and (rules or spec.lists_nothing("rules"))
        else None,
        tls=tuple(_read_tls(entry) for entry in spec.mappings("tls")),
        origin=fields.origin,
        api_version=api_version,
    )


def _read_class(spec: Fields) -> str | None:
    name = spec.text("ingressClassName")
    if name and not check_subdomain(spec, "ingressClassName", name):
        return None
    return name or None


def _read_class_annotation(fields: Fields, meta: Meta, class_name: str) -> str | None:
    annotation = meta.annotations.get(CLASS_ANNOTATION)
    if annotation is not None and class_name and annotation != class_name:
        entry = ClassNamedTwice(field_class=class_name, annotation_class=annotation)
        fields.report(entry, "metadata", "annotations", CLASS_ANNOTATION)
    return annotation


def _read_rule(fields: Fields, *, old: bool) -> Rule | None:
    host = fields.text("host")
    # Without its host a rule would take every other name.
    good = check_rule_host(fields, host) if host else fields.lacks("host")
    http = fields.mapping("http")
    paths: tuple[HttpPath, ...] = ()
    if http is not None:
        found = tuple(_read_path(path, old=old) for path in http.mappings("paths"))
        if http.lists_nothing("paths"):
            http.report(PathsEmpty(), "paths")
        paths = tuple(path for path in found if path is not None)
    return Rule(host, paths, fields.origin) if good else None


def check_rule_host(fields: Fields, host: str) -> bool:
    """Report a rule host that the API server refuses."""
    if is_address(host):
        fields.report(HostIsAddress(host=host), "host")
    elif _STAR_INSIDE.search(host):
        if is_wildcard(host):
            return True
        fields.report(WildcardInvalid(host=host), "host")
    elif is_subdomain(host):
        return True
    else:
        fields.report(HostInvalid(host=host), "host")
    return False


def _read_path(fields: Fields, *, old: bool) -> HttpPath | None:
    path = fields.text("path")
    path_type = check_path_type(fields, path, old=old)
    checked = check_path(fields, path, path_type)
    backend = fields.mapping("backend")
    if fields.value.get("backend") is None:
        fields.report(FieldMissing(field_name="backend"), "backend")
    read = (read_old_backend if old else read_backend)(backend)
    return HttpPath(checked, path_type, read, fields.origin) if checked else None


def _read_tls(fields: Fields) -> TlsEntry:
    errors = fields.errors
    hosts = []
    for index, host in enumerate(fields.texts("hosts")):
        if is_subdomain(host) or is_wildcard(host):
            hosts.append(host)
        else:
            fields.report(HostInvalid(host=host), "hosts", index)
    secret = fields.text("secretName")
    if secret and not check_subdomain(fields, "secretName", secret):
        secret = ""
    return TlsEntry(tuple(hosts), secret, fields.origin, fields.errors > errors)
