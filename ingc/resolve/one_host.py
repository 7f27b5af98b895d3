"""One merged host → the IR's: every reference resolved."""

from __future__ import annotations

import dataclasses

from ingc.diagnostics import Origin, format_field
from ingc.diagnostics.catalogue.backends import DefaultBackendServiceUnknown
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import ClientCertificatesWish, HttpsPolicy, RedirectWish
from ingc.ir import (
    ANY_HOST,
    Action,
    DeadRoute,
    Host,
    Https,
    Prefix,
    Proxy,
    Redirect,
    RegexCause,
    Route,
    RouteFeature,
    RouteMatch,
    RouteOrigin,
    ServiceTarget,
    StatusAnswer,
    Tenancy,
)
from ingc.ir.features.client_certs import HttpsOnly
from ingc.ir.features.errors import StandIn
from ingc.ir.features.tuning import Tuning
from ingc.k8s.backend import ServiceBackend
from ingc.merge import MergedHost
from ingc.merge.regexes import annotation_of
from ingc.resolve.fallback import global_backend
from ingc.resolve.features.app_protocol import features_by_port, features_of
from ingc.resolve.features.canary import grant_canary
from ingc.resolve.features.context import Granting
from ingc.resolve.features.errors import stand_ins_at
from ingc.resolve.features.load_balance import balanced
from ingc.resolve.features.own_certificate import report_closed
from ingc.resolve.features.own_hsts import with_own_hsts
from ingc.resolve.features.passthrough import grant_passthrough
from ingc.resolve.features.protocols import own_upstream
from ingc.resolve.features.redirects import DEFAULT_POLICY, grant_https_redirect
from ingc.resolve.features.shares import shared_action
from ingc.resolve.features.snippets import answered_anyway
from ingc.resolve.features.table import host_features, route_features, route_wishes
from ingc.resolve.hosts import closed, guarded
from ingc.resolve.names import named_by
from ingc.resolve.server_snippets import with_server_snippets
from ingc.resolve.target_limits import fit_target
from ingc.resolve.tls import Certificates, report_uncovered
from ingc.resolve.upstreams import Upstreams

DEFAULT_BACKEND_FIELD = "--default-backend-service"


def resolve_host(
    merged: MergedHost, granting: Granting, certificates: Certificates, fallback: Route
) -> Host:
    """Return a host as the target nginx can serve it; ``fallback`` is the `global_default`."""
    host = _host(merged, granting, certificates, fallback)
    return fit_target(host, granting.sink, granting.options)


def _host(
    merged: MergedHost, granting: Granting, certificates: Certificates, fallback: Route
) -> Host:
    merged, passed = grant_passthrough(merged, granting)
    if passed is None:
        https = certificates.https_for(merged)
        if https is None and merged.tls_of_others:
            report_uncovered(merged, merged.tls_of_others, granting.sink)
        report_closed(merged, https, granting.sink)
    else:
        # Nginx needs no certificate for the host, and must not open its TLS with any other.
        https = Https(None, redirect=bool(merged.tls))
    routes = tuple(
        _matching(_route(route, granting, https, merged.tenancy), match)
        for route, match in zip(merged.routes, merged.matches, strict=True)
    )
    default = _default(merged.default, granting, https)
    default = default or _fallback(fallback, merged, https, granting)
    features = host_features(merged, https, granting)
    host = Host(
        name=merged.name,
        routes=routes,
        default=default,
        https=https,
        regex=merged.regex,
        features=(*(features or ()), *(passed or ())),
        dead=tuple(
            DeadRoute(_dead(item.route), item.why, _origin(item.by) if item.by else None)
            for item in merged.dead
        ),
        regex_causes=tuple(dict.fromkeys(_cause(item, granting) for item in merged.causes)),
        tenancy=merged.tenancy,
    )
    if features is None:
        return closed(host)
    if merged.settings or granting.settings.server:
        host = with_server_snippets(host, merged, granting.settings.server, granting.sink)
    if merged.closed or granting.settings.broken:
        return host.silenced()
    return guarded(host, _certificates_at(merged), granting.sink)


def _matching(route: Route, match: RouteMatch) -> Route:
    return route if route.match is match else dataclasses.replace(route, match=match)


def _cause(intent: IntentRoute, granting: Granting) -> RegexCause:
    name = annotation_of(intent)
    path = ("metadata", "annotations", f"{granting.options.annotations_prefix}/{name}")
    origin = RouteOrigin(
        intent.namespace, intent.ingress, format_field(path), path, intent.origin.source
    )
    return RegexCause(name, origin)


def _certificates_at(merged: MergedHost) -> Origin:
    """Return where client certificates are requested."""
    wishes = (s for s in merged.settings if isinstance(s.feature, ClientCertificatesWish))
    return next((setting.origin for setting in wishes), Origin())


def _default(intent: IntentRoute | None, granting: Granting, https: Https | None) -> Route | None:
    return _route(intent, granting, https) if intent else None


def _fallback(
    fallback: Route, merged: MergedHost, https: Https | None, granting: Granting
) -> Route:
    """Return the global default for a host: what no host takes is not redirected to https."""
    if isinstance(fallback.action, StatusAnswer):
        fallback = dataclasses.replace(fallback, action=StatusAnswer(merged.miss.status))
    if merged.name == ANY_HOST:
        if granting.settings.policies.log.unknown_hosts:
            return fallback
        unlogged = Tuning("access_log", ("off",))
        return dataclasses.replace(fallback, features=(*fallback.features, unlogged))
    if not merged.miss.to_https:
        return fallback
    redirect = grant_https_redirect(granting.settings.https, fallback.path, https)
    if redirect is None:
        return fallback
    return dataclasses.replace(fallback, features=(redirect, *fallback.features))


def _route(
    intent: IntentRoute, granting: Granting, https: Https | None, tenancy: Tenancy | None = None
) -> Route:
    wishes = route_wishes(intent)
    redirect = next((item for item in wishes if isinstance(item, RedirectWish)), None)
    features = route_features(intent, wishes, granting)
    # Looked up in any case: a run reports all of its findings at once.
    action = _action(intent, features or (), granting)
    if redirect is not None:
        action = Redirect(redirect.status, redirect.location)
    policy = next((item for item in wishes if isinstance(item, HttpsPolicy)), DEFAULT_POLICY)
    to_https = grant_https_redirect(policy, intent.path, https)
    first: tuple[RouteFeature, ...] = (to_https,) if to_https else ()
    if policy.refused and not to_https:
        first = (HttpsOnly(503),)
    if intent.broken or features is None:
        return _as_route(intent, StatusAnswer(503), first)
    own = isinstance(action, Proxy) and not any(isinstance(f, StandIn) for f in features)
    if own:
        features = (*features, *features_by_port(intent, features, granting.upstreams))
    canary = grant_canary(intent, features, granting) if own else ()
    features = with_own_hsts(features, intent, https, tenancy, granting)
    action = own_upstream(action, features, granting.upstreams)
    features = answered_anyway(features, action)
    action = balanced(action, wishes, features, granting)
    route = _as_route(intent, action, (*first, *stand_ins_at(action, features), *canary))
    if intent.weighted and isinstance(action, Proxy):
        # The first of its Services may have no endpoint.
        route = dataclasses.replace(route, service=granting.upstreams.made(action.upstream).service)
    return route


def _action(intent: IntentRoute, features: tuple[RouteFeature, ...], granting: Granting) -> Action:
    stand_in = next((item for item in features if isinstance(item, StandIn)), None)
    if stand_in is not None:
        return Proxy(stand_in.upstream)
    if intent.weighted:
        return shared_action(intent, granting.upstreams)
    return granting.upstreams.action(
        intent.namespace, intent.backend, named_by(intent), intent.backend_origin
    )


def _dead(intent: IntentRoute) -> Route:
    return _as_route(intent, StatusAnswer(404), ())


def _as_route(intent: IntentRoute, action: Action, features: tuple[RouteFeature, ...]) -> Route:
    backend = intent.backend
    service = None
    if isinstance(backend, ServiceBackend):
        service = ServiceTarget(intent.namespace, backend.name, backend.port)
    return Route(
        intent.match, action, _origin(intent), intent.path, intent.path_type, service, features
    )


def _origin(intent: IntentRoute) -> RouteOrigin:
    path = intent.origin.field
    return RouteOrigin(
        intent.namespace,
        intent.ingress,
        format_field(path),
        path,
        intent.origin.source,
        intent.kind,
    )


def global_default(upstreams: Upstreams) -> Route:
    """The route of `default_backend_service`; without endpoints, or without one: 404."""
    found = global_backend(upstreams)
    action: Action = StatusAnswer(404)
    service = None
    features: tuple[RouteFeature, ...] = ()
    if not isinstance(found, str):
        action, service = Proxy(found[0]), found[1]
        known = upstreams.store.services.get((service.namespace, service.service))
        port = known.find_port(service.port) if known else None
        features = features_of(known, port, upstreams) if known and port else ()
        action = own_upstream(action, features, upstreams)
    elif found:
        wanted = upstreams.options.default_backend_service or ""
        upstreams.sink.report(DefaultBackendServiceUnknown(service=wanted, why=found), Origin())
    origin = RouteOrigin("", "", DEFAULT_BACKEND_FIELD if service else "no default backend")
    return Route(Prefix("/"), action, origin, "/", "", service, features)
