"""route.openshift.io/v1 Route, held to the API server's validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ingc.diagnostics import ObjectRef, Origin, Sink
from ingc.diagnostics.catalogue.hosts_paths import HostInvalid
from ingc.diagnostics.catalogue.objects import FieldMissing, NameInvalid
from ingc.diagnostics.catalogue.openshift import RouteTooManyItems, RouteValueInvalid
from ingc.k8s.backend import check_port_name, check_port_number, read_int_or_string
from ingc.k8s.fields import Fields
from ingc.k8s.meta import LABEL_RULE, Meta, check_label, read_meta
from ingc.k8s.openshift.headers import HeaderAction, read_actions
from ingc.k8s.openshift.tls import PASSTHROUGH, RouteTls, read_route_tls
from ingc.k8s.path import check_path
from ingc.kinds import RuleKind, kind_named
from ingc.syntax.host import is_label, is_subdomain

VERSION = kind_named("Route").version
LONG_LABELS = "route.openshift.io/allow-non-dns-compliant-host"
"""The annotation that allows labels of more than 63 characters in the host."""
SUBDOMAIN = "Subdomain"
_POLICIES = ("", "None", SUBDOMAIN)
_SERVICE = "Service"
_USUAL_WEIGHT = 100
_MOST_ALTERNATES = 3


@dataclass(frozen=True, slots=True)
class RouteTarget:
    """A Service that a Route sends requests to."""

    service: str
    weight: int
    """0 to 256, a share beside those of the Route's other Services."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class Admission:
    """What a router says of a Route in its status."""

    router: str
    host: str
    """The name under which it serves the Route."""
    admitted: bool | None
    """``None``: it says neither."""
    reason: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class OpenshiftRoute:
    """A Route as the API server would store it."""

    kind: ClassVar[RuleKind] = kind_named("Route")

    meta: Meta
    host: str
    """A DNS name; ``""`` where none is given, or it can't be one."""
    subdomain: str
    """What stands before a router's own domain where no host is given."""
    every_label: bool
    """True for ``wildcardPolicy: Subdomain``: any first label does."""
    path: str
    """As written; empty: every path."""
    targets: tuple[RouteTarget, ...]
    """``to`` and then ``alternateBackends``; empty where ``to`` could not be read."""
    port: int | str | None
    """The Pods' port, or the name of the Service's; ``None``: not given."""
    tls: RouteTls | None
    request_headers: tuple[HeaderAction, ...]
    response_headers: tuple[HeaderAction, ...]
    admissions: tuple[Admission, ...]
    origin: Origin
    broken: bool = False
    """True where reading it found errors: what is left of it must not serve traffic."""

    @property
    def spec(self) -> Origin:
        """The place of its ``spec``."""
        return self.origin.at("spec")

    @property
    def name(self) -> str:
        """``Route/namespace/name``."""
        return f"Route/{self.meta.namespace}/{self.meta.name}"


def read_route(fields: Fields, ref: ObjectRef, _version: str) -> OpenshiftRoute:
    """Read a Route, reporting each finding (``ValidateRoute`` of openshift/library-go)."""
    meta = read_meta(fields, ref)
    spec = fields.mapping("spec")
    if spec is None:
        if fields.value.get("spec") is None:
            fields.report(FieldMissing(field_name="spec"), "spec")
        spec = Fields({}, Sink(), fields.origin.at("spec"))
    host = _read_host(spec, meta)
    tls = read_route_tls(spec)
    requests, responses = read_actions(spec, tls)
    return OpenshiftRoute(
        meta=meta,
        host=host,
        subdomain=_read_subdomain(spec),
        every_label=_read_policy(spec, host),
        path=_read_path(spec, tls),
        targets=tuple(_read_targets(spec)),
        port=_read_port(spec),
        tls=tls,
        request_headers=requests,
        response_headers=responses,
        admissions=tuple(_read_admissions(fields.unheard())),
        origin=fields.origin,
    )


def _read_host(spec: Fields, meta: Meta) -> str:
    host = spec.text("host")
    if not host:
        return ""
    long_labels = meta.annotations.get(LONG_LABELS) == "true"
    if is_subdomain(host) and (long_labels or all(map(is_label, host.split(".")))):
        return host
    spec.report(HostInvalid(host=host), "host")
    return ""


def _read_subdomain(spec: Fields) -> str:
    subdomain = spec.text("subdomain")
    if not subdomain or (is_subdomain(subdomain) and all(map(is_label, subdomain.split(".")))):
        return subdomain
    entry = NameInvalid(field_name="subdomain", value=subdomain, rule=LABEL_RULE)
    spec.report(entry, "subdomain")
    return ""


def _read_policy(spec: Fields, host: str) -> bool:
    policy = spec.text("wildcardPolicy")
    why = ""
    if policy not in _POLICIES:
        why = "it is neither None nor Subdomain"
    elif policy == SUBDOMAIN and spec.lacks("host"):
        why = "it needs a host, whose first label then stands for any"
    elif policy == SUBDOMAIN and host and "." not in host:
        why = "the host has no label that could stand for any"
    if why:
        entry = RouteValueInvalid(field_name="wildcardPolicy", value=policy, why=why)
        spec.report(entry, "wildcardPolicy")
    return policy == SUBDOMAIN and not why


def _read_path(spec: Fields, tls: RouteTls | None) -> str:
    path = spec.text("path")
    if path and tls is not None and tls.termination == PASSTHROUGH:
        why = "nginx sees no path where it opens no TLS"
        spec.report(RouteValueInvalid(field_name="path", value=path, why=why), "path")
        return ""
    return path if path and check_path(spec, path, "ImplementationSpecific") else ""


def _read_targets(spec: Fields) -> Iterator[RouteTarget]:
    first = spec.mapping("to")
    if spec.value.get("to") is None:
        spec.report(FieldMissing(field_name="to"), "to")
    target = _read_target(first) if first is not None else None
    others = tuple(_read_target(item) for item in spec.mappings("alternateBackends"))
    if len(others) > _MOST_ALTERNATES:
        entry = RouteTooManyItems(field_name="alternateBackends", most=_MOST_ALTERNATES)
        spec.report(entry, "alternateBackends")
    if target is not None:
        yield target
        yield from filter(None, others)


def _read_target(fields: Fields) -> RouteTarget | None:
    kind = fields.text("kind", _SERVICE)
    if kind != _SERVICE:
        entry = RouteValueInvalid(field_name="kind", value=kind, why="it is not Service")
        fields.report(entry, "kind")
    name = fields.required("name")
    good = bool(name) and check_label(fields, "name", name)
    weight = fields.integer("weight")
    weight = _USUAL_WEIGHT if weight is None else weight
    most = OpenshiftRoute.kind.most_weight
    if not 0 <= weight <= most:
        why = f"it is not from 0 to {most}"
        fields.report(RouteValueInvalid(field_name="weight", value=str(weight), why=why), "weight")
        good = False
    return RouteTarget(name, weight, fields.origin) if good and kind == _SERVICE else None


def _read_port(spec: Fields) -> int | str | None:
    port = spec.mapping("port")
    if port is None:
        return None
    target = read_int_or_string(port, "targetPort")
    if target is None:
        return None
    if isinstance(target, int):
        return target if check_port_number(port, target, "targetPort") else None
    return target if check_port_name(port, target, "targetPort") else None


def _read_admissions(fields: Fields) -> Iterator[Admission]:
    """Yield what routers say; what is wrong in a status is its router's, and not reported."""
    status = fields.mapping("status")
    for item in status.mappings("ingress") if status else ():
        admitted, reason = None, ""
        for condition in item.mappings("conditions"):
            if condition.text("type") == "Admitted":
                admitted = {"True": True, "False": False}.get(condition.text("status"))
                reason = condition.text("reason")
        host = item.text("host")
        host = host if is_subdomain(host) else ""
        yield Admission(item.text("routerName"), host, admitted, reason, item.origin)
