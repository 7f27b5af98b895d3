"""What departs in answers: headers, the URL to lead back to, and values that are refused."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.departures.departure import Departure, DepartureKind, SampleRequest
from ingc.departures.manifests import (
    Manifests,
    RoutedAt,
    met_by,
    name_of,
    request_for,
    sample_path,
    scheme_of,
)
from ingc.diagnostics import Diagnostic, Severity
from ingc.diagnostics.catalogue.annotations import AnnotationValueWrong, RedirectTargetUnusable
from ingc.diagnostics.catalogue.annotations_extauth import AuthHeaderWrong
from ingc.diagnostics.catalogue.annotations_headers import CustomHeaderUnusable
from ingc.diagnostics.catalogue.configmap import ConfigMapValueWrong, HeaderMapWrong
from ingc.ir import Host
from ingc.ir.features.cors import Cors
from ingc.ir.features.external_auth import SignIn
from ingc.k8s.ingress import Ingress

_ORIGIN = ("Origin", "https://other.example")
_REFUSED = (
    AnnotationValueWrong,
    AuthHeaderWrong,
    ConfigMapValueWrong,
    CustomHeaderUnusable,
    HeaderMapWrong,
    RedirectTargetUnusable,
)
"""Errors about a value."""


def headers_of_answers(manifests: Manifests) -> Iterator[Departure]:
    """Yield hosts whose answers have a header more than there."""
    for placed in manifests.routed:
        cors = placed.route.feature(Cors)
        if cors is not None:
            yield from _cors(placed, cors)
    hsts = manifests.config.settings.policies.hsts
    if hsts is not None:
        for host in manifests.config.hosts:
            if host.answers_https:
                yield from _hsts(manifests, host, hsts)


def _hsts(manifests: Manifests, host: Host, hsts: str) -> Iterator[Departure]:
    for ingress in manifests.naming(host.name):
        request = request_for(host, "/no-such-path", scheme="https")
        theirs = "no Strict-Transport-Security on answers that nginx makes itself"
        ours = f"Strict-Transport-Security: {hsts} on all answers"
        why = "a browser may rely on https sooner"
        name, kind = ingress.meta.namespaced, DepartureKind.HEADERS
        yield Departure(kind, ingress.origin, name, request, theirs, ours, why, general=True)


def _cors(placed: RoutedAt, cors: Cors) -> Iterator[Departure]:
    path, scheme = sample_path(placed.route), scheme_of(placed)
    length = ("Content-Length", "1000000000000")
    request = request_for(placed.host, path, _ORIGIN, length, scheme=scheme, method="POST")
    theirs, ours = "413 without headers of CORS", "413 with them"
    yield _headers(placed, request, theirs, ours, "a page can read the status")
    if cors.origins is not None:
        request = request_for(placed.host, path, _ORIGIN, scheme=scheme)
        why = "without it a cache gives one site's answer to another"
        yield _headers(placed, request, "no Vary: Origin", "Vary: Origin", why)


def _headers(
    placed: RoutedAt, request: SampleRequest, theirs: str, ours: str, why: str
) -> Departure:
    kind = DepartureKind.HEADERS
    return met_by(placed.route, kind, request, theirs, ours, why, general=True)


def url_to_lead_back(manifests: Manifests) -> Iterator[Departure]:
    """Yield routes whose sign-in page gets the URL of the request."""
    for placed in manifests.routed:
        sign_in = placed.route.feature(SignIn)
        if sign_in is None or not sign_in.parameter:
            continue
        request = request_for(placed.host, sample_path(placed.route), scheme=scheme_of(placed))
        url = request.url.replace("://", "%3A%2F%2F").replace("/", "%2F")
        theirs = f"302 to {sign_in.url}…{sign_in.parameter}={url}"
        ours = f"302 to {sign_in.url}…{sign_in.parameter}={request.url}"
        why = "it decodes to the same"
        yield met_by(placed.route, DepartureKind.LEAD_BACK, request, theirs, ours, why)


def refused_values(manifests: Manifests) -> Iterator[Departure]:
    """Yield annotations and keys of the ConfigMap whose values are errors."""
    for finding in manifests.findings:
        found = finding.origin.object
        if found is None or not isinstance(finding.entry, _REFUSED):
            continue
        if finding.severity is not Severity.ERROR:
            continue
        of_everybody = found.kind == "ConfigMap"
        name = "" if of_everybody else f"{found.namespace}/{found.name}"
        ingress = next(
            (item for item in manifests.ingresses if name in ("", item.meta.namespaced)), None
        )
        if ingress is not None:
            yield _refused(ingress, finding, name)


def _refused(ingress: Ingress, finding: Diagnostic, name: str) -> Departure:
    rule = next(iter(ingress.rules), None)
    host = name_of(rule.host) if rule else name_of("")
    path = rule.paths[0].path if rule and rule.paths else "/"
    request = SampleRequest("GET", f"http://{host}{path}")
    theirs = "as without the value" if not name else "as without the annotation, or the Ingress"
    ours = "no configuration is written; with --on-error isolate 503"
    why = "a protection may be missing"
    kind = DepartureKind.REFUSED_VALUE
    return Departure(kind, finding.origin, name, request, theirs, ours, why)
