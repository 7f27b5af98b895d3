"""Merged hosts → the IR."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ingc.diagnostics import Origin, Sink, format_field
from ingc.diagnostics.catalogue.backends import DefaultBackendServiceUnknown
from ingc.frontend.configmap import NO_SETTINGS, GlobalSettings
from ingc.frontend.intent import IntentRoute
from ingc.frontend.port_services import PortWish
from ingc.frontend.wishes import ClientCertificatesWish, HttpsPolicy, RedirectWish
from ingc.ir import (
    ANY_HOST,
    Action,
    Config,
    DeadRoute,
    Host,
    Https,
    Policies,
    Prefix,
    Proxy,
    Redirect,
    RegexCause,
    Route,
    RouteFeature,
    RouteMatch,
    RouteOrigin,
    ServiceTarget,
    Settings,
    StatusAnswer,
    Tenancy,
)
from ingc.ir.features.client_certs import HttpsOnly
from ingc.ir.features.errors import StandIn
from ingc.ir.features.tuning import Tuning
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.store import Store
from ingc.merge import MergedHost, UpstreamUse
from ingc.merge.regexes import annotation_of
from ingc.option_values import all_networks, listened, read_layout
from ingc.options import Options
from ingc.resolve.certificate import FOLDER
from ingc.resolve.fallback import global_backend
from ingc.resolve.features.app_protocol import features_by_port, features_of
from ingc.resolve.features.canary import grant_canary
from ingc.resolve.features.context import Granting
from ingc.resolve.features.errors import stand_ins_at
from ingc.resolve.features.load_balance import balanced
from ingc.resolve.features.own_certificate import report_closed
from ingc.resolve.features.own_hsts import with_own_hsts
from ingc.resolve.features.passthrough import grant_passthrough, inner_ports
from ingc.resolve.features.protocols import own_upstream
from ingc.resolve.features.redirects import DEFAULT_POLICY, grant_https_redirect
from ingc.resolve.features.shares import shared_action
from ingc.resolve.features.snippets import answered_anyway
from ingc.resolve.features.table import host_features, route_features, route_wishes
from ingc.resolve.files import Files
from ingc.resolve.hosts import closed, guarded
from ingc.resolve.lookup import is_complete
from ingc.resolve.modules import loadable_modules, without_server_header
from ingc.resolve.names import AllowedNames, named_by
from ingc.resolve.server_snippets import with_server_snippets
from ingc.resolve.stream import resolve_stream
from ingc.resolve.target_limits import fit_target
from ingc.resolve.tls import Certificates, report_uncovered
from ingc.resolve.upstreams import Upstreams
from ingc.resolve.ways.cluster import report_broken
from ingc.target import parse_version

DEFAULT_BACKEND_FIELD = "--default-backend-service"
_FEW_UPSTREAMS = 100
_OF_MANY = 32
"""Connections that are kept to each of more upstreams; fewer would cost requests a second."""


def resolve(
    hosts: Iterable[MergedHost],
    store: Store,
    sink: Sink,
    options: Options,
    uses: Iterable[UpstreamUse] = (),
    settings: GlobalSettings = NO_SETTINGS,
    ports: Iterable[PortWish] = (),
    *,
    isolate: bool = False,
) -> Config:
    """Resolve every reference of the hosts and return the complete IR.

    ``uses`` are what Ingresses set for their upstreams, in their order; ``ports`` what the operator
    opens beside http. ``isolate``: one author's part may not keep the others from being served.
    """
    names = AllowedNames(options, is_complete(store, options), isolate)
    upstreams = Upstreams(store, sink, options, names, uses)
    files = Files(options.secret_files)
    certificates = Certificates(store, sink, options, files, stapling=settings.stapling)
    certificates.load_default()
    granting = Granting(store, sink, options, upstreams, files, settings)
    fallback = _global_default(upstreams)
    resolved = tuple(
        fit_target(_host(host, granting, certificates, fallback), sink, options) for host in hosts
    )
    certificates.report_missing()
    stream = resolve_stream(ports, resolved, upstreams, closed=settings.broken)
    made = _settings(options, settings, certificates)
    ports_inside = inner_ports(resolved, options)
    used = upstreams.used_by(resolved)
    made = dataclasses.replace(made, policies=_sized(made.policies, len(used)))
    config = Config(
        hosts=resolved,
        upstreams=used,
        files=files.all(),
        settings=dataclasses.replace(made, inner_ports=ports_inside, at_start=names.at_start()),
        stream=stream,
    )
    names.report(config, sink)
    if not options.echo:
        report_broken(upstreams.cluster, sink)
    return config


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


def _global_default(upstreams: Upstreams) -> Route:
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


def _settings(options: Options, given: GlobalSettings, certificates: Certificates) -> Settings:
    names = () if given.ipv6_names or not options.resolver else ("ipv6=off",)
    return Settings(
        target=parse_version(options.nginx_version),
        # nginx refuses an address that stands there twice, in whatever form.
        listen_addresses=tuple(dict.fromkeys(map(listened, options.listen_address)))
        or given.listen
        or ("",),
        http_port=options.http_port,
        https_port=options.https_port,
        redirect_port=options.redirect_port,
        resolver=(*options.resolver, *names),
        access_log=options.access_log if given.access_log else "off",
        health_check_path=options.health_check_path or None,
        fragment=options.fragment,
        default_certificate=None if given.reject_handshake else certificates.default,
        tunings=without_server_header(given.tunings, options),
        echo=options.echo,
        debug_header=all_networks(options.debug_header),
        policies=_with_files(given, certificates.files),
        modules=loadable_modules(options, certificates.sink),
        passes=read_layout(options.layout),
    )


def _sized(policies: Policies, upstreams: int) -> Policies:
    """Return policies that keep fewer connections to each of many upstreams.

    nginx reserves 150 to 160 bytes for a connection that may be kept, in each upstream.
    """
    if not policies.keepalive.sized or upstreams <= _FEW_UPSTREAMS:
        return policies
    kept = dataclasses.replace(policies.keepalive, connections=_OF_MANY)
    return dataclasses.replace(policies, keepalive=kept)


def _with_files(given: GlobalSettings, files: Files) -> Policies:
    """Write what the ConfigMap has for files."""
    policies = given.policies
    for item in given.files:
        path: str | None = item.path
        if item.content is not None:
            place = (FOLDER, item.namespace, item.name, item.ending)
            path = files.add(*place, item.content, private=True)
        if item.directive == "ssl_dhparam":
            policies = dataclasses.replace(policies, dh_param=path)
        else:
            policies = dataclasses.replace(policies, ticket_key=path)
    return policies
