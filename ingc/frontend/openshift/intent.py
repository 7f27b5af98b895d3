"""A typed Route → its Intent: one host, one path, one group of Services."""

from __future__ import annotations

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.openshift import RouteNotAdmitted, RouteWithoutHost
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.intent import Intent, IntentRoute, IntentTls
from ingc.frontend.openshift.own_certificate import read_certificate
from ingc.frontend.openshift.shares import read_shares
from ingc.frontend.openshift.wishes import route_wishes
from ingc.ir import Prefix, specified_match
from ingc.k8s.openshift.route import OpenshiftRoute
from ingc.k8s.openshift.tls import PASSTHROUGH
from ingc.k8s.store import Store
from ingc.options import Options

_NONE: Defaults = {}


def read_intent(
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
    weighted = read_shares(route, store, sink)
    made = IntentRoute(
        namespace=meta.namespace,
        ingress=meta.name,
        host=host,
        match=specified_match(route.path, "Prefix") if route.path else Prefix("/"),
        path=route.path or "/",
        path_type="Prefix",
        backend=weighted[0].backend if weighted else None,
        origin=route.spec,
        broken=broken,
        asked=wishes,
        kind=route.kind,
        weighted=weighted if len(weighted) > 1 else (),
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
        kind=route.kind,
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


def _tls_of(route: OpenshiftRoute, host: str) -> tuple[IntentTls, ...]:
    tls = route.tls
    if tls is None or tls.termination == PASSTHROUGH:
        return ()
    found = IntentTls(
        namespace=route.meta.namespace,
        hosts=(host,),
        secret=tls.external,
        origin=tls.origin,
        broken=route.broken,
        inline=read_certificate(route.meta.name, tls),
        kind=route.kind,
    )
    return (found,)
