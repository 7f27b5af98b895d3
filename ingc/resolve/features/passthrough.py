"""Whose TLS is passed on unopened, and to which upstream."""

from __future__ import annotations

import dataclasses

from ingc.diagnostics import Related
from ingc.diagnostics.catalogue.stream import (
    PassthroughHidesPaths,
    PassthroughImpossible,
    PassthroughNotEnabled,
)
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import (
    BasicAuthWish,
    ClientCertificatesWish,
    ClosedHostWish,
    ExternalAuthWish,
)
from ingc.ir import Host, HostFeature, Proxy, RouteFeature
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.stream import InnerPorts
from ingc.k8s.backend import ServiceBackend
from ingc.merge import MergedHost
from ingc.merge.passthrough import RequestedPassthrough, root_of
from ingc.options import Options
from ingc.resolve.features.context import Granting
from ingc.resolve.features.shares import shared_action
from ingc.resolve.names import named_by

_PROTECTING = (BasicAuthWish, ExternalAuthWish)
_OF_HOSTS = (ClientCertificatesWish, ClosedHostWish)


def inner_ports(options: Options) -> InnerPorts:
    """Return the loopback ports of TLS, where some host's TLS is passed on."""
    return InnerPorts(options.ssl_passthrough_proxy_port, options.ssl_passthrough_backend_port)


def passes_tls(host: Host) -> bool:
    """Return whether a host's TLS is passed on."""
    return bool(host.features) and host.feature(Passthrough) is not None


def passed_to(host: Host) -> str | None:
    """Return the upstream that a host's TLS is passed on to, if it is."""
    found = host.feature(Passthrough) if host.features else None
    return found.upstream if found is not None else None


def _not_by(options: Options) -> tuple[str, str] | None:
    """Return why no TLS can be passed on with these options, and what to do."""
    if options.fragment:
        return "a fragment has no stream block", "compile without --fragment"
    inner = (options.ssl_passthrough_proxy_port, options.ssl_passthrough_backend_port)
    if len({options.http_port, options.https_port, *inner}) < 4:
        return (
            "two of nginx's ports are the same",
            "give --http-port, --https-port, --ssl-passthrough-proxy-port and"
            " --ssl-passthrough-backend-port four different ports",
        )
    return None


def grant_passthrough(
    merged: MergedHost, granting: Granting
) -> tuple[MergedHost, tuple[HostFeature, ...] | None]:
    """Return a host, and what is done about its TLS; ``None``: nginx opens it.

    The paths of Ingresses that request what can't be done are marked as broken in the host.
    """
    if not merged.passthrough:
        return merged, None
    allowed = granting.options.enable_ssl_passthrough
    root = root_of(merged.own_routes)
    accepted: list[RequestedPassthrough] = []
    refused: set[str] = set()
    for request in merged.passthrough:
        why, fix = request.why_not, request.fix
        enabled = allowed or request.by_kind
        if enabled and not why:
            why, fix = _not_by(granting.options) or _lost(merged, root, granting)
        if not why:
            accepted.append(request)
        if enabled and why:
            entry = PassthroughImpossible(host=merged.name or "every host", why=why, fix=fix)
            granting.sink.report(entry, request.origin)
            refused.add(request.ingress)
        elif not enabled:
            then = "nginx opens it" if why else "https is refused"
            notice = PassthroughNotEnabled(host=merged.name or "every host", then=then)
            granting.sink.report(notice, request.origin)
    merged = _without(merged, refused)
    if not accepted:
        return merged, None
    first = accepted[0]
    if not (allowed or first.by_kind):
        return merged, ()
    return merged, _granted(merged, root, first, granting)


def _granted(
    merged: MergedHost, root: IntentRoute | None, request: RequestedPassthrough, granting: Granting
) -> tuple[HostFeature, ...]:
    others = [route for route in merged.routes if route is not root]
    if others:
        entry = PassthroughHidesPaths(
            host=merged.name, paths=tuple(dict.fromkeys(route.path for route in others))
        )
        also = [Related(route.origin, "not reached by https") for route in others]
        granting.sink.report(entry, request.origin, also)
    if granting.options.echo:
        return ()
    usable = root is not None and not (root.broken or granting.settings.broken)
    upstream = None
    if usable and root is not None and root.weighted:
        action = shared_action(root, granting.upstreams)
        upstream = action.upstream if isinstance(action, Proxy) else None
    elif usable and root is not None and isinstance(root.backend, ServiceBackend):
        found = granting.upstreams.find(root.namespace, root.backend, named_by(root))
        # A finding of the path itself reports why there is none.
        upstream = found if isinstance(found, str) else None
    return (Passthrough(upstream),)


def _lost(merged: MergedHost, root: IntentRoute | None, granting: Granting) -> tuple[str, str]:
    """Return what unopened TLS would get around, and what to do about it; empty: nothing."""
    wishes = root.asked.routes if root is not None else ()
    guards = any(isinstance(item, RouteFeature) and item.may_answer for item in wishes)
    if guards or any(isinstance(item, _PROTECTING) for item in wishes):
        return (
            "nginx protects its path /, and can't where it opens no TLS",
            "let the backend do that",
        )
    if any(isinstance(setting.feature, _OF_HOSTS) for setting in merged.settings):
        return "nginx would have to ask for client certificates", "let the backend ask for them"
    header = granting.settings.policies.front.address_header
    if header not in ("", "proxy_protocol"):
        why = f"the client's address is believed from {header}, which TLS hides"
        return why, "turn use-forwarded-headers and enable-real-ip off in the ConfigMap"
    return "", ""


def _without(merged: MergedHost, refused: set[str]) -> MergedHost:
    if not refused:
        return merged

    def closed(route: IntentRoute) -> IntentRoute:
        return dataclasses.replace(route, broken=True) if route.name in refused else route

    return dataclasses.replace(
        merged,
        routes=tuple(map(closed, merged.routes)),
        default=closed(merged.default) if merged.default else None,
    )
