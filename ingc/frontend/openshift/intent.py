"""A typed Route → its Intent: one host, one path, one group of Services."""

from __future__ import annotations

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.openshift import RouteNotAdmitted, RouteWithoutHost
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.intent import InlineCertificate, Intent, IntentRoute, IntentTls
from ingc.frontend.openshift.ports import as_backend
from ingc.frontend.openshift.wishes import route_wishes
from ingc.ir import Prefix, SecretBytes, specified_match
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.route import OpenshiftRoute
from ingc.k8s.route_tls import PASSTHROUGH
from ingc.k8s.store import Store
from ingc.options import Options

_NONE: Defaults = {}


def read_route_intent(
    route: OpenshiftRoute,
    store: Store,
    sink: Sink,
    options: Options,
    defaults: Defaults = _NONE,
) -> Intent | None:
    """Return what a Route requests; ``None`` where it has no host, and so can't be reached.

    ``defaults`` is what the ConfigMap sets for the annotations of everybody.
    """
    _report_status(route, sink)
    host = _host_of(route)
    if not host:
        if not route.broken:
            sink.report(RouteWithoutHost(route=route.name), route.spec)
        return None
    wishes = route_wishes(route, sink, options, defaults)
    broken = route.broken or wishes.broken
    meta = route.meta
    made = IntentRoute(
        namespace=meta.namespace,
        ingress=meta.name,
        host=host,
        match=specified_match(route.path, "Prefix") if route.path else Prefix("/"),
        path=route.path or "/",
        path_type="Prefix",
        backend=_backend_of(route, store, sink),
        origin=route.spec,
        broken=broken,
        asked=wishes,
        kind="Route",
    )
    return Intent(
        namespace=meta.namespace,
        ingress=meta.name,
        created=meta.created,
        hosts=(host,),
        routes=(made,),
        default=None,
        tls=_tls_of(route, host),
        origin=route.origin,
        asked=wishes,
        kind="Route",
    )


def _host_of(route: OpenshiftRoute) -> str:
    """Return the host, as a rule of an Ingress would write it; "" where there is none.

    A Route whose host a router makes of ``subdomain`` has it in its status alone.
    """
    admitted = (item.host for item in route.admissions if item.host and item.admitted)
    host = route.host or ("" if route.broken else next(admitted, ""))
    return f"*.{host.partition('.')[2]}" if route.every_label and host else host


def _report_status(route: OpenshiftRoute, sink: Sink) -> None:
    if any(item.admitted for item in route.admissions):
        return
    for item in route.admissions:
        if item.admitted is False:
            entry = RouteNotAdmitted(router=item.router or "?", reason=item.reason or "no reason")
            sink.report(entry, item.origin)


def _backend_of(route: OpenshiftRoute, store: Store, sink: Sink) -> ServiceBackend | None:
    return as_backend(route.targets[0], route, store, sink) if route.targets else None


def _tls_of(route: OpenshiftRoute, host: str) -> tuple[IntentTls, ...]:
    tls = route.tls
    if tls is None or tls.termination == PASSTHROUGH:
        return ()
    inline = None
    if tls.certificate:
        texts = (tls.certificate, tls.key, tls.authorities)
        encoded = (SecretBytes(text.encode("utf-8", "replace")) for text in texts)
        inline = InlineCertificate(route.meta.name, *encoded)
    found = IntentTls(
        namespace=route.meta.namespace,
        hosts=(host,),
        secret=tls.external,
        origin=tls.origin,
        broken=route.broken,
        inline=inline,
        kind="Route",
    )
    return (found,)
