"""Findings about objects that no rule was made of."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics import Diagnostic, Origin
from ingc.diagnostics.catalogue.annotations_balance import CanaryNotUsed
from ingc.diagnostics.catalogue.objects import ClassPassedOver, IngressesLeftOut
from ingc.diagnostics.catalogue.tls import CertificateMissing
from ingc.diagnostics.model import FieldPath
from ingc.ir import Host, Route
from ingc.k8s.store import Store


def left_out(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return what was found about Ingresses that were passed over: one may hold the rule."""
    return tuple(d for d in diagnostics if isinstance(d.entry, ClassPassedOver | IngressesLeftOut))


def idle_canaries(
    store: Store | None, name: str, diagnostics: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """Return the findings about canaries of a host that belong to no rule: they add none."""
    found = tuple(item for item in diagnostics if isinstance(item.entry, CanaryNotUsed))
    if store is None or not found:
        return ()
    naming = {
        f"{item.meta.namespace}/{item.meta.name}"
        for item in store.ingresses
        if any(rule.host == name for rule in item.rules)
    }
    return tuple(
        item
        for item in found
        if isinstance(item.entry, CanaryNotUsed) and item.entry.canary in naming
    )


def canaries_beside(
    route: Route | None, diagnostics: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """Return the findings about canaries that name a rule and take none of its requests."""
    if route is None:
        return ()
    at = route.origin
    place = (at.namespace, at.name, at.path)
    return tuple(
        item
        for item in diagnostics
        if isinstance(item.entry, CanaryNotUsed)
        and place in (_place(related.origin) for related in item.also)
    )


def _place(origin: Origin) -> tuple[str, str, FieldPath]:
    named = origin.object
    return (named.namespace, named.name, origin.field) if named else ("", "", ())


def without_tls(host: Host | None, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return why a host that `spec.tls` lists is refused on https."""
    return tuple(
        item
        for item in diagnostics
        if host is not None
        and isinstance(item.entry, CertificateMissing)
        and host.name in item.entry.hosts
    )
