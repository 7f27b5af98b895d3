"""A typed Route → its Intent: one host, one path, one group of Services."""

from __future__ import annotations

import dataclasses

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
    hosts = _hosts_of(route)
    if not hosts:
        _report_without_host(route, sink)
        return None
    wishes = route_wishes(route, sink, options, defaults)
    broken = route.broken or wishes.broken
    meta = route.meta
    weighted = read_shares(route, store, sink)
    made = IntentRoute(
        namespace=meta.namespace,
        ingress=meta.name,
        host=hosts[0],
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
        hosts=hosts,
        routes=tuple(dataclasses.replace(made, host=host) for host in hosts),
        default=None,
        tls=_tls_of(route, hosts),
        origin=route.origin,
        asked=wishes,
        kind=route.kind,
    )


def _hosts_of(route: OpenshiftRoute) -> tuple[str, ...]:
    """Return the hosts, as rules of an Ingress would write them; none where there is none.

    A Route without a host has one of each router that admits it, made of ``subdomain`` and the
    router's own domain: they are in its status alone.
    """
    admitted = [item.host for item in route.admissions if item.host and item.admitted]
    found = [route.host] if route.host else [] if route.broken else admitted
    if route.every_label:
        found = [f"*.{host.partition('.')[2]}" for host in found]
    return tuple(dict.fromkeys(found))


def _report_without_host(route: OpenshiftRoute, sink: Sink) -> None:
    """Report a Route that no request can reach, unless errors report why."""
    if route.broken:
        return
    made, place = "", route.spec
    if route.subdomain:
        made = f'a router makes it of "{route.subdomain}" and its own domain: '
        place = place.at("subdomain")
    sink.report(RouteWithoutHost(route=route.name, made=made), place)


def _report_status(route: OpenshiftRoute, sink: Sink) -> None:
    if any(item.admitted for item in route.admissions):
        return
    for item in route.admissions:
        if item.admitted is False:
            entry = RouteNotAdmitted(router=item.router or "?", reason=item.reason or "no reason")
            sink.report(entry, item.origin)


def _tls_of(route: OpenshiftRoute, hosts: tuple[str, ...]) -> tuple[IntentTls, ...]:
    tls = route.tls
    if tls is None or tls.termination == PASSTHROUGH:
        return ()
    found = IntentTls(
        namespace=route.meta.namespace,
        hosts=hosts,
        secret=tls.external,
        origin=tls.origin,
        broken=route.broken,
        inline=read_certificate(route.meta.name, tls),
        kind=route.kind,
    )
    return (found,)
