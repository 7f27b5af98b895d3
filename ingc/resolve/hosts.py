"""Hosts that serve nobody, or nobody on plain http."""

from __future__ import annotations

import dataclasses

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.annotations_access import ClientCertificatesOnPlainHttp
from ingc.frontend.wishes import HttpsPolicy
from ingc.ir import Host, Proxy, Route, StatusAnswer
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.redirects import HttpsRedirect

_ON_HTTP = HttpsPolicy().exempt


def closed(host: Host) -> Host:
    """Return a host that answers 403 to everybody, on http and https."""
    default = dataclasses.replace(host.default, action=StatusAnswer(403), service=None, features=())
    return dataclasses.replace(host, routes=(), default=default, regex=False, features=())


def guarded(host: Host, at: Origin, sink: Sink) -> Host:
    """Return a host whose paths are not served on plain http where certificates are required."""
    certificates = host.feature(ClientCertificates)
    if certificates is None or not certificates.required:
        return host
    routes = tuple(map(_https_only, host.routes))
    default = _https_only(host.default)
    closed = [r.path for r in (*routes, default) if r.feature(HttpsOnly)]
    if closed:
        entry = ClientCertificatesOnPlainHttp(host=host.name, paths=tuple(dict.fromkeys(closed)))
        sink.report(entry, at)
    return dataclasses.replace(host, routes=routes, default=default)


def _https_only(route: Route) -> Route:
    served = isinstance(route.action, Proxy) and not route.feature(HttpsRedirect)
    if not served or route.path.startswith(_ON_HTTP):
        return route
    return dataclasses.replace(route, features=(HttpsOnly(), *route.features))
