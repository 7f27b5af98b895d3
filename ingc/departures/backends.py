"""What departs at the backend: one that can't be had, default backends, error backends, cookies."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ingc.departures.departure import Departure, DepartureKind
from ingc.departures.manifests import (
    Manifests,
    RoutedAt,
    met_by,
    name_of,
    request_for,
    sample_path,
    scheme_of,
)
from ingc.departures.requests import may_leave_no_path, unanswered
from ingc.diagnostics import ObjectRef
from ingc.diagnostics.catalogue.annotations_headers import CustomErrorsWithoutBackend
from ingc.ir import ANY_HOST, Regex, Route
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.canary import Canary, side_cookie
from ingc.ir.features.errors import CustomErrors, StandIn
from ingc.k8s.backend import ResourceBackend
from ingc.match.trie import path_matcher
from ingc.target import STICKY

_OWN_PATHS = ("/healthz", "/nginx_status")
"""Paths that ingress-nginx's default server keeps for itself."""


def backend_can_not_be_had(manifests: Manifests) -> Iterator[Departure]:
    """Yield routes whose Service has no endpoints, no known name, or is no Service."""
    outside = {
        item.name: item.outside_name
        for item in manifests.config.upstreams
        if item.outside_name is not None
    }
    for placed in manifests.routed:
        route = placed.route
        if unanswered(route) and may_leave_no_path(route):
            why = "a Service without endpoints is found before a rewrite is tried"
            yield _lost(placed, "500", "503", why)
        for name in route.upstreams:
            if name in outside:
                why = f"502 is nginx's own answer where {outside[name]} does not resolve"
                yield _lost(placed, "503", "502", why)
                break
    yield from _of_resources(manifests)


def _of_resources(manifests: Manifests) -> Iterator[Departure]:
    """Yield paths of backends that are no Services, whose requests another path takes there."""
    resources = {
        (ingress.meta.namespaced, *path.origin.field)
        for ingress in manifests.ingresses
        for rule in ingress.rules
        for path in rule.paths
        if isinstance(path.backend, ResourceBackend)
    }
    for host, route in manifests.routed:
        if (route.origin.ingress, *route.origin.path) not in resources:
            continue
        rest = dataclasses.replace(host, routes=tuple(r for r in host.routes if r is not route))
        taken = path_matcher(rest).find(route.path.encode())
        if taken is not None or host.default.origin.name:
            path = taken.path if taken else "the default backend"
            why = "what is meant for a bucket, say, falls to no other path"
            yield _lost(RoutedAt(host, route), f"what {path} answers", "404", why)


def _lost(placed: RoutedAt, theirs: str, ours: str, why: str) -> Departure:
    request = request_for(placed.host, sample_path(placed.route), scheme=scheme_of(placed))
    return met_by(placed.route, DepartureKind.NO_BACKEND, request, theirs, ours, why)


def default_backends(manifests: Manifests) -> Iterator[Departure]:
    """Yield what the default server and default backends answer otherwise."""
    yield from _own_paths(manifests)
    yield from _rules_before_default(manifests)
    yield from _second_default(manifests)
    yield from _errors_without_backend(manifests)


def _own_paths(manifests: Manifests) -> Iterator[Departure]:
    """The health check and the status page there lie before a rule without a host."""
    host = manifests.config.hosts[0]
    for path, theirs in zip(_OWN_PATHS, ("200", "403"), strict=True):
        found = manifests.answer(name_of(host.name), path)
        if found.route is not None and found.route.origin.name and found.route.path_type:
            placed = RoutedAt(host, found.route)
            why = "a rule without a host takes all of its paths, as Kubernetes specifies it"
            yield _default(placed, path, theirs, "what the rule's backend answers", why)


def _rules_before_default(manifests: Manifests) -> Iterator[Departure]:
    host = manifests.config.hosts[0]
    ruleless = any(item.default_backend_origin and not item.rules for item in manifests.ingresses)
    route = next((item for item in host.routes if item.path == "/"), None)
    if ruleless and route is not None and host.name == ANY_HOST:
        why = "a rule takes its requests before a default backend does"
        theirs, ours = "what the default backend answers", "what the rule's backend answers"
        yield _default(RoutedAt(host, route), "/", theirs, ours, why)


def _second_default(manifests: Manifests) -> Iterator[Departure]:
    """Of several Ingresses of a host, there the first one's default backend counts, or none."""
    for host in manifests.config.hosts:
        naming = manifests.naming(host.name)
        route, path = host.default, "/no-such-path"
        if not host.name or not route.origin.name or not naming or route.path_type:
            continue
        found = manifests.answer(name_of(host.name), path, secure=host.answers_https)
        if naming[0].meta.namespaced != route.origin.ingress and found.route is route:
            why = "an Ingress without a default backend has no say in it"
            yield _default(RoutedAt(host, route), path, "404", "what it answers", why)


def _errors_without_backend(manifests: Manifests) -> Iterator[Departure]:
    by_ref = {
        ObjectRef("Ingress", item.meta.namespace, item.meta.name): item
        for item in manifests.ingresses
    }
    routes = {item.route.origin.ingress: item for item in manifests.routed}
    for finding in manifests.findings:
        if not isinstance(finding.entry, CustomErrorsWithoutBackend):
            continue
        ingress = by_ref.get(finding.origin.object) if finding.origin.object else None
        placed = routes.get(ingress.meta.namespaced) if ingress else None
        if placed is None:
            continue
        code = finding.entry.codes.split(",")[0]
        request = request_for(placed.host, sample_path(placed.route), scheme=scheme_of(placed))
        theirs, ours = f"a page of its own with {code}", f"the backend's own {code}"
        why = "there is no default backend to request a page of"
        kind, name = DepartureKind.DEFAULTS, placed.route.origin.ingress
        yield Departure(kind, finding.origin, name, request, theirs, ours, why)


def _default(placed: RoutedAt, path: str, theirs: str, ours: str, why: str) -> Departure:
    request = request_for(placed.host, path, scheme=scheme_of(placed))
    return met_by(placed.route, DepartureKind.DEFAULTS, request, theirs, ours, why)


def error_backends(manifests: Manifests) -> Iterator[Departure]:
    """Yield routes whose errors a backend answers."""
    for placed in manifests.routed:
        route = placed.route
        errors, stand_in = route.feature(CustomErrors), route.feature(StandIn)
        if errors is None and stand_in is None:
            continue
        path, scheme = sample_path(route), scheme_of(placed)
        request = request_for(placed.host, path, ("X-Forwarded-Proto", "https"), scheme=scheme)
        theirs = "HTTP/1.0 to it, with two X-Request-ID, and what the client claims of itself"
        ours = "HTTP/1.1 to it, with one X-Request-ID and the client's address alone"
        why = "what a client claims of itself is not passed on as a fact"
        yield met_by(route, DepartureKind.ERROR_BACKEND, request, theirs, ours, why)


def cookies(manifests: Manifests) -> Iterator[Departure]:
    """Yield routes with affinity whose cookies are others than there."""
    for placed in manifests.routed:
        route, affinity = placed.route, placed.route.feature(Affinity)
        if affinity is None:
            continue
        canary = route.feature(Canary)
        if canary is not None and canary.sticky:
            second = f"Set-Cookie: {side_cookie(affinity.name)}"
            why = "a second cookie keeps a client with the canary, or away from it"
            yield _cookie(placed, "one cookie", f"beside it {second}", why)
        if _regex_path(route) and affinity.path == "/":
            theirs, why = (
                f"Path={route.path}",
                "no browser sends back what has a regex as Path",
            )
            yield _cookie(placed, theirs, "Path=/", why)
        native = manifests.config.settings.target >= STICKY
        if affinity.max_age is not None:
            theirs = "Expires or Max-Age, as the annotation says"
            ours = "Expires and Max-Age" if native else "Max-Age alone"
            why = "nginx's sticky knows one lifetime, and says it in both forms"
            yield _cookie(placed, theirs, ours, why, general=True)
        if not native:
            theirs, ours = "a cookie that names the endpoint", "a cookie of which a hash is taken"
            why = "nginx has the directive sticky from 1.29.6 on"
            yield _cookie(placed, theirs, ours, why, general=True)


def _regex_path(route: Route) -> bool:
    return isinstance(route.match, Regex) and route.path != "/"


def _cookie(
    placed: RoutedAt, theirs: str, ours: str, why: str, *, general: bool = False
) -> Departure:
    request = request_for(placed.host, sample_path(placed.route), scheme=scheme_of(placed))
    kind = DepartureKind.COOKIES
    return met_by(placed.route, kind, request, theirs, ours, why, general=general)
