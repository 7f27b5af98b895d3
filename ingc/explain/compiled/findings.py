"""Findings about objects that no rule was made of."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics import Diagnostic
from ingc.diagnostics.catalogue.objects import ClassPassedOver, IngressesLeftOut
from ingc.diagnostics.catalogue.tls import CertificateMissing
from ingc.ir import Host


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
