"""Why a request does not reach a Pod: the findings about the objects on its way."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics import Diagnostic, Severity
from ingc.diagnostics.catalogue.objects import ClassPassedOver, IngressesLeftOut
from ingc.diagnostics.catalogue.tls import CertificateMissing
from ingc.ir import Host, Route

_KINDS = frozenset({"Service", "Endpoints", "EndpointSlice"})


def findings(route: Route | None, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return what was found about a rule, its Ingress's annotations, and its Service; worst first.

    A finding about another rule of the Ingress is left out.
    """
    if route is None or not route.origin.name:
        return ()
    found = [item for item in diagnostics if _concerns(item, route)]
    order = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    return tuple(sorted(found, key=lambda item: order.index(item.severity)))


def left_out(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return what was found about Ingresses that were passed over: one may hold the rule."""
    return tuple(d for d in diagnostics if isinstance(d.entry, ClassPassedOver | IngressesLeftOut))


def without_tls(host: Host | None, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return why a host that `spec.tls` lists is refused on https."""
    return tuple(
        item
        for item in diagnostics
        if host is not None
        and isinstance(item.entry, CertificateMissing)
        and host.name in item.entry.hosts
    )


def _concerns(item: Diagnostic, route: Route) -> bool:
    at, origin = item.origin, route.origin
    if at.object is None:
        return False
    if at.object.kind == "Ingress":
        if (at.object.namespace, at.object.name) != (origin.namespace, origin.name):
            return False
        within = min(len(at.field), len(origin.path))
        return at.field[:within] == origin.path[:within] or at.field[:1] == ("metadata",)
    service = route.service
    return (
        service is not None
        and at.object.kind in _KINDS
        and at.object.namespace == service.namespace
        and (at.object.name == service.service or at.object.name.startswith(f"{service.service}-"))
    )
