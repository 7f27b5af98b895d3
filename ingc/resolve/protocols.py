"""Upstreams of their own for each way to speak to a Service port.

nginx keeps connections to an upstream for later requests and picks one by its address alone: one
without TLS, without verification or with another client certificate would be taken for the right
one.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingc.ir import Action, Proxy, RouteFeature, UpstreamFeature
from ingc.ir.features import BackendProtocol
from ingc.ir.protocols import BackendTls, OneRequestConnections
from ingc.resolve.upstreams import Upstreams
from ingc.syntax.digest import digest

_ONE_REQUEST = ("AUTO_HTTP", "FCGI")
"""AUTO_HTTP has connections with and without TLS. A process of a FastCGI server such as PHP's
serves one connection at a time, so idle ones would keep all of them from working."""


def apart(action: Action, features: Iterable[RouteFeature], upstreams: Upstreams) -> Action:
    """Return an action whose upstream is shared only by what speaks to it in the same way."""
    if not isinstance(action, Proxy):
        return action
    return Proxy(upstream_for(action.upstream, features, upstreams))


def upstream_for(name: str, features: Iterable[RouteFeature], upstreams: Upstreams) -> str:
    """Return the upstream of the same endpoints for routes with these features."""
    suffix = ""
    extra: tuple[UpstreamFeature, ...] = ()
    for item in features:
        if isinstance(item, BackendProtocol):
            suffix = item.name.lower() + suffix
            extra = (OneRequestConnections(),) if item.name in _ONE_REQUEST else ()
        elif isinstance(item, BackendTls):
            suffix += "_" + digest(item)
    return upstreams.variant(name, suffix, extra) if suffix else name
