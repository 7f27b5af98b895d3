"""Merged hosts → the IR."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics import Origin, Sink, format_field
from ingc.diagnostics.catalogue.backends import DefaultBackendServiceUnknown
from ingc.frontend.intent import IntentRoute
from ingc.ir import (
    Answer,
    Config,
    DeadRoute,
    Host,
    Prefix,
    Proxy,
    Route,
    RouteOrigin,
    ServicePort,
    Settings,
)
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.store import Store
from ingc.merge import MergedHost
from ingc.options import Options
from ingc.resolve.fit import fit_target
from ingc.resolve.service import Unusable
from ingc.resolve.tls import Certificates
from ingc.resolve.upstreams import Upstreams
from ingc.target import parse_version

DEFAULT_BACKEND_FIELD = "--default-backend-service"


def resolve(hosts: Iterable[MergedHost], store: Store, sink: Sink, options: Options) -> Config:
    """Resolve every reference of the hosts and return the complete IR."""
    upstreams = Upstreams(store, sink, options)
    certificates = Certificates(store, sink, options)
    certificates.load_default()
    fallback = _global_default(upstreams, store, sink, options)
    resolved = tuple(
        fit_target(_host(host, upstreams, certificates, fallback), sink, options) for host in hosts
    )
    return Config(
        hosts=resolved,
        upstreams=upstreams.used_by(resolved),
        files=certificates.files(),
        settings=_settings(options, certificates),
    )


def _host(
    merged: MergedHost, upstreams: Upstreams, certificates: Certificates, fallback: Route
) -> Host:
    default = _route(merged.default, upstreams) if merged.default else fallback
    return Host(
        name=merged.name,
        routes=tuple(_route(route, upstreams) for route in merged.routes),
        default=default,
        https=certificates.https_for(merged.name, merged.tls),
        dead=tuple(
            DeadRoute(_dead(item.route), item.why, _origin(item.by) if item.by else None)
            for item in merged.dead
        ),
    )


def _route(intent: IntentRoute, upstreams: Upstreams) -> Route:
    origin = intent.origin if not intent.path_type else intent.origin.at("backend")
    # Asked for in any case: all findings of a run are told at once.
    action = upstreams.action(intent.namespace, intent.backend, origin)
    return _as_route(intent, Answer(503) if intent.broken else action)


def _dead(intent: IntentRoute) -> Route:
    return _as_route(intent, Answer(404))


def _as_route(intent: IntentRoute, action: Proxy | Answer) -> Route:
    backend = intent.backend
    service = None
    if isinstance(backend, ServiceBackend):
        service = ServicePort(intent.namespace, backend.name, backend.port)
    return Route(intent.match, action, _origin(intent), intent.path, intent.path_type, service)


def _origin(intent: IntentRoute) -> RouteOrigin:
    path = intent.origin.field
    return RouteOrigin(
        intent.namespace, intent.ingress, format_field(path), path, intent.origin.source
    )


def _global_default(upstreams: Upstreams, store: Store, sink: Sink, options: Options) -> Route:
    """The route of `default_backend_service`; without endpoints, or without one: 404."""
    action: Proxy | Answer = Answer(404)
    service = None
    wanted = options.default_backend_service
    if wanted:
        namespace, _, rest = wanted.partition("/")
        name, _, port = rest.partition(":")
        why = ""
        known = store.services.get((namespace, name))
        if not port and known is not None and known.ports:
            port = str(known.ports[0].port)
        if not port:
            why = "it is not in the input" if known is None else "it has no port"
        else:
            number = int(port) if port.isdigit() else port
            found = upstreams.find(namespace, ServiceBackend(name, number, Origin()))
            if isinstance(found, Unusable):
                why = found.why.summary.format_map(found.why.values())
            else:
                action, service = Proxy(found), ServicePort(namespace, name, number)
        if why:
            sink.report(DefaultBackendServiceUnknown(service=wanted, why=why), Origin())
    origin = RouteOrigin("", "", DEFAULT_BACKEND_FIELD if service else "no default backend")
    return Route(Prefix("/"), action, origin, "/", "", service)


def _settings(options: Options, certificates: Certificates) -> Settings:
    return Settings(
        target=parse_version(options.nginx_version),
        listen_addresses=options.listen_address or ("",),
        http_port=options.http_port,
        https_port=options.https_port,
        redirect_port=options.redirect_port,
        resolver=options.resolver,
        access_log=options.access_log,
        health_check_path=options.health_check_path or None,
        fragment=options.fragment,
        default_certificate=certificates.default,
        echo=options.echo,
    )
